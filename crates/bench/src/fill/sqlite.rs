//! Fills SQLite.

use std::path::Path;

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteSynchronous};
use sea_orm::sqlx::{self, ConnectOptions as _, Connection as _, Executor as _};

use super::{last_activity, memberships, sql};
use crate::Result;
use crate::world::{self, BEGINNING, GROUPS, HALL, Size, USERS};

/// Fills this file.
pub(super) async fn fill(file: &Path, size: Size, hash: &str) -> Result<()> {
    // What is written is known to be right, and is synced as a whole by the checkpoint.
    let options = SqliteConnectOptions::new().filename(file).foreign_keys(false).synchronous(SqliteSynchronous::Off);
    let mut connection = options.connect().await?;
    connection.execute("BEGIN IMMEDIATE").await?;
    let users = format!(
        "WITH RECURSIVE s(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n + 1 < {USERS}) \
         INSERT INTO users (id, email, email_key, password_hash, first_name, last_name, role, active, created_at, \
         updated_at) \
         SELECT {user}, 'user' || n || '@example.org', 'user' || n || '@example.org', ?1, 'User ' || n, 'Bench', 'host', \
         1, {BEGINNING}, {BEGINNING} FROM s",
        user = id('2', "n"),
    );
    sqlx::query(sql(users)).bind(hash).execute(&mut connection).await?;
    connection
        .execute("CREATE TEMP TABLE bench_groups (n INTEGER PRIMARY KEY, messages INTEGER, size INTEGER, at INTEGER)")
        .await?;
    connection
        .execute("CREATE TEMP TABLE bench_members (n INTEGER, place INTEGER, user INTEGER, PRIMARY KEY (n, place))")
        .await?;
    helpers(&mut connection, size).await?;
    for statement in statements() {
        connection.execute(sql(statement)).await?;
    }
    let longest = (0..GROUPS).map(|group| size.messages_in(group)).max().unwrap_or(0);
    connection.execute(sql(messages(longest))).await?;
    connection.execute("COMMIT").await?;
    connection.execute("ANALYZE").await?;
    connection.execute("PRAGMA synchronous = FULL").await?;
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").await?;
    connection.close().await?;
    Ok(())
}

/// The id of a kind and a number.
fn id(kind: char, number: &str) -> String {
    format!("unhex(printf('01980000000070008000{kind}%011d', {number}))")
}

async fn helpers(connection: &mut SqliteConnection, size: Size) -> Result<()> {
    for group in 0..=HALL {
        let messages = size.messages_in(group);
        sqlx::query("INSERT INTO bench_groups VALUES (?1, ?2, ?3, ?4)")
            .bind(group)
            .bind(messages)
            .bind(u32::try_from(world::members(group).len())?)
            .bind(last_activity(group, messages))
            .execute(&mut *connection)
            .await?;
    }
    let (mut last, mut place) = (0, 0);
    for (group, user, _) in memberships() {
        place = if group == last { place } else { 0 };
        sqlx::query("INSERT INTO bench_members VALUES (?1, ?2, ?3)")
            .bind(group)
            .bind(place)
            .bind(user)
            .execute(&mut *connection)
            .await?;
        (last, place) = (group, place + 1);
    }
    Ok(())
}

fn statements() -> [String; 2] {
    let conversations = format!(
        "INSERT INTO conversations (id, title, title_key, creator_id, participant_count, last_seq, version, created_at, \
         last_activity_at) \
         SELECT {conversation}, 'Group ' || g.n, 'group ' || g.n, {user}, size, messages, messages, {BEGINNING}, at \
         FROM bench_groups AS g JOIN bench_members AS m ON m.n = g.n AND m.place = 0",
        conversation = id('1', "g.n"),
        user = id('2', "m.user"),
    );
    let participants = format!(
        "INSERT INTO participants (conversation_id, user_id, membership, joined_at, joined_seq, last_read_seq, \
         last_delivered_seq) \
         SELECT {conversation}, {user}, iif(m.place = 0, 'owner', 'member'), {BEGINNING}, 0, messages, messages \
         FROM bench_members AS m JOIN bench_groups AS g ON g.n = m.n",
        conversation = id('1', "m.n"),
        user = id('2', "m.user"),
    );
    [conversations, participants]
}

/// In the order of time, with ids of version 7 as the product makes them.
fn messages(longest: u32) -> String {
    format!(
        "WITH RECURSIVE s(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM s WHERE seq < {longest}) \
         INSERT INTO messages (id, conversation_id, seq, version, sender_id, sent_at, client_message_id, body) \
         SELECT unhex(id, '-'), {conversation}, seq, seq, {user}, {BEGINNING} + (number + 1) * 1000, id, \
         substr('Message ' || seq || ' of group ' || n || ': ' || \
         replace(printf('%04d', 0), '0', 'the quick brown fox jumps over the lazy dog, and '), 1, 120) \
         FROM (\
           SELECT *, printf('%s-%s-7000-8000-%012x', substr(ms, 1, 8), substr(ms, 9), number) AS id FROM (\
             SELECT s.seq, g.n, m.user, (s.seq - 1) * {GROUPS} + g.n AS number, \
             printf('%012x', {BEGINNING} / 1000 + (s.seq - 1) * {GROUPS} + g.n + 1) AS ms \
             FROM s CROSS JOIN bench_groups AS g \
             CROSS JOIN bench_members AS m ON m.n = g.n AND m.place = (s.seq * 7 + g.n) % g.size \
             WHERE s.seq <= g.messages))",
        conversation = id('1', "n"),
        user = id('2', "user"),
    )
}
