//! Fills PostgreSQL.

use sea_orm::sqlx::{self, Connection as _, Executor as _, PgConnection};

use super::{last_activity, memberships, sql};
use crate::Result;
use crate::world::{self, BEGINNING, GROUPS, HALL, Size, USERS};

/// Fills the database at this URL.
pub(super) async fn fill(url: &str, size: Size, hash: &str) -> Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    connection.execute("SET synchronous_commit = off").await?;
    connection.execute(HELPERS).await?;
    let users = format!(
        "INSERT INTO users (id, email, email_key, password_hash, first_name, last_name, role, active, created_at, \
         updated_at) \
         SELECT bench_id('2', n), 'user' || n || '@example.org', 'user' || n || '@example.org', $1, 'User ' || n, \
         'Bench', 'host', true, {BEGINNING}, {BEGINNING} FROM generate_series(0, {USERS} - 1) AS n"
    );
    sqlx::query(sql(users)).bind(hash).execute(&mut connection).await?;
    groups(&mut connection, size).await?;
    members(&mut connection, size).await?;
    // What the messages refer to is there, so no trigger need look for it a million times.
    connection.execute("SET session_replication_role = replica").await?;
    messages(&mut connection, size).await?;
    connection.execute("DROP FUNCTION bench_id(text, integer)").await?;
    connection.execute("DROP TABLE bench_groups").await?;
    // Each by itself: VACUUM runs in no transaction.
    connection.execute("VACUUM (ANALYZE, FREEZE)").await?;
    connection.execute("CHECKPOINT").await?;
    connection.close().await?;
    Ok(())
}

const HELPERS: &str = "CREATE FUNCTION bench_id(kind text, n integer) RETURNS uuid LANGUAGE sql IMMUTABLE \
     RETURN ('01980000-0000-7000-8000-' || kind || lpad(n::text, 11, '0'))::uuid; \
     CREATE TABLE bench_groups (n integer, messages integer, members integer[], last_activity_at bigint)";

async fn groups(connection: &mut PgConnection, size: Size) -> Result<()> {
    for group in 0..=HALL {
        let members: Vec<i32> = world::members(group).into_iter().map(u32::cast_signed).collect();
        let messages = size.messages_in(group);
        sqlx::query("INSERT INTO bench_groups VALUES ($1, $2, $3, $4)")
            .bind(group.cast_signed())
            .bind(messages.cast_signed())
            .bind(members)
            .bind(last_activity(group, messages))
            .execute(&mut *connection)
            .await?;
    }
    let conversations = format!(
        "INSERT INTO conversations (id, title, title_key, creator_id, participant_count, last_seq, version, created_at, \
         last_activity_at) \
         SELECT bench_id('1', n), 'Group ' || n, 'group ' || n, bench_id('2', members[1]), cardinality(members), \
         messages, messages, {BEGINNING}, last_activity_at FROM bench_groups"
    );
    connection.execute(sql(conversations)).await?;
    Ok(())
}

async fn members(connection: &mut PgConnection, size: Size) -> Result<()> {
    let mut columns: (Vec<i32>, Vec<i32>, Vec<String>, Vec<i64>) = Default::default();
    for (conversation, user, is_owner) in memberships() {
        columns.0.push(conversation.cast_signed());
        columns.1.push(user.cast_signed());
        columns.2.push(if is_owner { "owner" } else { "member" }.to_owned());
        columns.3.push(i64::from(size.messages_in(conversation)));
    }
    let participants = format!(
        "INSERT INTO participants (conversation_id, user_id, membership, joined_at, joined_seq, last_read_seq, \
         last_delivered_seq) \
         SELECT bench_id('1', c), bench_id('2', u), membership, {BEGINNING}, 0, read, read \
         FROM unnest($1::integer[], $2::integer[], $3::text[], $4::bigint[]) AS i(c, u, membership, read)"
    );
    sqlx::query(sql(participants))
        .bind(columns.0)
        .bind(columns.1)
        .bind(columns.2)
        .bind(columns.3)
        .execute(connection)
        .await?;
    Ok(())
}

/// In the order of time, with ids of version 7 as the product makes them.
async fn messages(connection: &mut PgConnection, size: Size) -> Result<()> {
    let longest = (0..GROUPS).map(|group| size.messages_in(group)).max().unwrap_or(0);
    let messages = format!(
        "INSERT INTO messages (id, conversation_id, seq, version, sender_id, sent_at, client_message_id, body) \
         SELECT id::uuid, conversation_id, seq, seq, sender_id, sent_at, id, \
         rpad('Message ' || seq || ' of group ' || n || ': ', 120, 'the quick brown fox jumps over the lazy dog, and ') \
         FROM (\
           SELECT n, seq, {BEGINNING} + ((seq - 1)::bigint * {GROUPS} + n + 1) * 1000 AS sent_at, \
           bench_id('1', n) AS conversation_id, \
           bench_id('2', members[1 + (seq * 7 + n) % cardinality(members)]) AS sender_id, \
           left(ms, 8) || '-' || right(ms, 4) || '-7000-8000-' || lpad(to_hex(number), 12, '0') AS id \
           FROM generate_series(1, {longest}) AS seq CROSS JOIN LATERAL (\
             SELECT *, (seq - 1)::bigint * {GROUPS} + n AS number, \
             lpad(to_hex({BEGINNING} / 1000 + (seq - 1)::bigint * {GROUPS} + n + 1), 12, '0') AS ms \
             FROM bench_groups WHERE seq <= messages ORDER BY n) AS g\
         ) AS m ORDER BY sent_at"
    );
    connection.execute(sql(messages)).await?;
    Ok(())
}
