//! The statements of a batch. Each takes its rows as JSON or as arrays (`rows.rs`), so that its text, and what a connection has
//! prepared of it, is the same for every batch. What they select is read by position: first the columns of the conversation, then
//! those of the participant, of the account, of the earlier message, and of what that said before its first edit; then the id
//! and the seq of the message that is answered, and those of the users mentioned who take part.

use sea_orm::DbBackend;

/// The statements, as one database spells them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Texts {
    /// Locks the conversations in which a sender takes part, and returns these, where the transaction itself does not lock. Whoever
    /// else asks for a conversation neither waits for its lock nor takes it.
    pub(super) lock: Option<Lock>,
    /// Reads the conversations in which a sender takes part, the senders, and what these have sent before.
    pub(super) read: &'static str,
    /// Writes the messages, the conversations and the senders' cursors: what one has posted is delivered and read.
    pub(super) store: &'static str,
    /// Writes the same without a lock from before, to those conversations that have had no other change than messages since they
    /// were read. Of what was not read for this batch it asks whether it still is so: who sends, and that the key is new. By itself it is a
    /// transaction. PostgreSQL returns those to which it has written, how many messages others have sent to each since, and the time of
    /// the last; SQLite, whose rows go from thread to thread one by one, those to which it has not, of which there is hardly ever one.
    pub(super) store_unlocked: Lock,
}

/// A statement that locks conversations, in the order of their ids where it waits for them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lock {
    /// Waits for those that somebody holds.
    pub(super) wait: &'static str,
    /// Does without them.
    pub(super) skip: &'static str,
}

/// The statements for this database.
pub(super) const fn texts(backend: DbBackend) -> Texts {
    match backend {
        DbBackend::Sqlite => SQLITE,
        _ => POSTGRES,
    }
}

macro_rules! conversation {
    () => {
        "c.id, c.direct_low, c.direct_high, c.title, c.creator_id, c.participant_count, c.last_seq, c.version, \
         c.created_at, c.last_activity_at, c.changed_at, c.edited_version, c.history_from_start, c.announcement, c.closed_at, \
         c.deleted_at, c.blocked"
    };
}

macro_rules! sender {
    () => {
        "p.conversation_id, p.user_id, p.membership, p.joined_at, p.joined_seq, p.last_read_seq, p.joined_version, \
         p.last_delivered_seq, p.visible_seq, p.visible_version, p.muted_until, p.archived, p.pinned, u.role, u.active, \
         m.id, m.conversation_id, m.seq, m.version, m.sender_id, m.sent_at, m.client_message_id, m.body, m.reply_to_id, \
         m.deleted_at, m.details, \
         o.message_id, o.version, o.written_at, o.body, o.payload, r.id, r.seq, "
    };
}

// Those of the users mentioned who take part.
macro_rules! mentioned_in_postgres {
    () => {
        "CASE WHEN i.mentioned IS NOT NULL THEN (SELECT string_agg(w.user_id::text, ',') FROM participants AS w \
         WHERE w.conversation_id = i.conversation_id AND w.user_id = ANY (i.mentioned)) END"
    };
}

macro_rules! mentioned_in_sqlite {
    () => {
        "CASE WHEN i.value ->> 'mentioned' IS NOT NULL THEN (SELECT group_concat(hex(w.user_id)) \
         FROM json_each(i.value, '$.mentioned') AS named CROSS JOIN participants AS w \
         ON w.conversation_id = p.conversation_id AND w.user_id = unhex(named.value, '-')) END"
    };
}

// OFFSET 0: PostgreSQL then looks up each of them by its whole key, whatever it guesses of the tables' sizes.
macro_rules! in_postgres {
    ($conversations:literal) => {
        concat!(
            " FROM json_to_recordset($1::json) AS i(conversation_id uuid, sender_id uuid, client_message_id text, \
             reply_to_id uuid, mentioned uuid[]) \
             CROSS JOIN LATERAL (SELECT * FROM participants \
               WHERE conversation_id = i.conversation_id AND user_id = i.sender_id OFFSET 0) AS p ",
            $conversations,
            "CROSS JOIN LATERAL (SELECT * FROM users WHERE id = i.sender_id OFFSET 0) AS u \
             LEFT JOIN LATERAL (SELECT * FROM messages WHERE conversation_id = i.conversation_id \
               AND sender_id = i.sender_id AND client_message_id = i.client_message_id OFFSET 0) AS m ON true \
             LEFT JOIN LATERAL (SELECT * FROM message_revisions WHERE message_id = m.id \
               ORDER BY version LIMIT 1) AS o ON m.details IS NOT NULL \
             LEFT JOIN LATERAL (SELECT id, seq FROM messages WHERE id = i.reply_to_id \
               AND conversation_id = i.conversation_id AND NOT EXISTS (SELECT 1 FROM hidden_messages \
               WHERE user_id = i.sender_id AND message_id = i.reply_to_id) OFFSET 0) AS r ON true"
        )
    };
}

macro_rules! lock_in_postgres {
    ($locks:literal) => {
        concat!(
            "SELECT c.id FROM (\
               SELECT DISTINCT p.conversation_id \
               FROM json_to_recordset($1::json) AS i(conversation_id uuid, sender_id uuid) \
               CROSS JOIN LATERAL (SELECT conversation_id FROM participants \
                 WHERE conversation_id = i.conversation_id AND user_id = i.sender_id OFFSET 0) AS p\
             ) AS theirs \
             JOIN conversations AS c ON c.id = theirs.conversation_id \
             ORDER BY c.id FOR NO KEY UPDATE OF c",
            $locks
        )
    };
}

// A row that has changed since the statement began, or while it waited for the lock, is looked at again as it now is: by its own
// columns alone, for all else that a condition on it asks would be asked again for each. `ahead` is usually empty: it is joined to each
// row, and what is hashed is asked first. The turn with which it began lasts until the commit, and no longer.
macro_rules! store_in_postgres {
    ($locks:literal) => {
        concat!(
            "WITH stale AS MATERIALIZED (\
               SELECT i.conversation_id FROM unnest($20::uuid[], $21::uuid[], $22::text[], $23::text[]) \
               AS i(conversation_id, sender_id, role, client_message_id) \
               LEFT JOIN LATERAL (SELECT role, active FROM users WHERE id = i.sender_id OFFSET 0) AS u ON true \
               LEFT JOIN LATERAL (SELECT id FROM messages WHERE conversation_id = i.conversation_id \
                 AND sender_id = i.sender_id AND client_message_id = i.client_message_id OFFSET 0) AS m ON true \
               WHERE u.active IS NOT TRUE OR u.role <> i.role OR m.id IS NOT NULL\
             ), free AS (\
               SELECT c.id, c.last_seq - i.read_seq AS others, c.last_activity_at AS since, \
               i.last_seq - i.read_seq AS posted, i.last_activity_at \
               FROM (SELECT * FROM unnest($12::uuid[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[]) \
                 AS i(id, changes, read_seq, last_seq, last_activity_at) \
                 WHERE (i.id IN (SELECT conversation_id FROM stale)) IS NOT TRUE OFFSET 0) AS i \
               JOIN conversations AS c ON c.id = i.id \
               WHERE c.version - c.last_seq = i.changes AND c.last_seq >= i.read_seq AND NOT c.blocked ",
            $locks,
            "), moved AS (\
               UPDATE conversations AS c SET last_seq = c.last_seq + free.posted, version = c.version + free.posted, \
               last_activity_at = greatest(c.last_activity_at, free.last_activity_at) \
               FROM free WHERE c.id = free.id RETURNING c.id, free.others, free.since\
             ), ahead AS MATERIALIZED (SELECT id, others, since FROM moved WHERE others > 0), posted AS (\
               INSERT INTO messages (id, conversation_id, seq, version, sender_id, sent_at, client_message_id, body, \
               reply_to_id, details, search_tokens) \
               SELECT i.id, i.conversation_id, i.seq + coalesce(ahead.others, 0), i.version + coalesce(ahead.others, 0), \
               i.sender_id, greatest(i.sent_at, ahead.since), i.client_message_id, i.body, i.reply_to_id, i.details, \
               i.search_tokens \
               FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::uuid[], $6::bigint[], $7::text[], \
               $8::text[], $9::uuid[], $10::text[], $11::text[]) AS i(id, conversation_id, seq, version, sender_id, \
               sent_at, client_message_id, body, reply_to_id, details, search_tokens) \
               LEFT JOIN ahead ON ahead.id = i.conversation_id \
               WHERE (i.conversation_id IN (SELECT id FROM moved)) IS TRUE\
             ), seen AS (\
               UPDATE participants AS p SET last_read_seq = greatest(p.last_read_seq, i.last_read_seq), \
               last_delivered_seq = greatest(p.last_delivered_seq, i.last_read_seq) \
               FROM (SELECT i.conversation_id, i.user_id, i.last_read_seq + coalesce(ahead.others, 0) AS last_read_seq \
                 FROM unnest($17::uuid[], $18::uuid[], $19::bigint[]) AS i(conversation_id, user_id, last_read_seq) \
                 LEFT JOIN ahead ON ahead.id = i.conversation_id \
                 WHERE (i.conversation_id IN (SELECT id FROM moved)) IS TRUE) AS i \
               WHERE p.conversation_id = i.conversation_id AND p.user_id = i.user_id\
             ) \
             SELECT id, others, since FROM moved \
             UNION ALL SELECT NULL, NULL, NULL WHERE CASE WHEN $24::bigint IS NULL THEN false \
             WHEN pg_advisory_xact_lock($24) IS NOT NULL THEN pg_advisory_unlock($24) IS NULL END"
        )
    };
}

/// Writes one message in the same way, unless somebody holds its conversation: to set out on the statement for many takes PostgreSQL
/// longer than to write one. Its values are the message's columns but for seq and version, and what it was judged by: how many
/// changes there were, the last seq, and the role, if it was not read for this message.
pub(super) const STORE_ONE_IN_POSTGRES: &str = "WITH free AS (\
       SELECT c.id, c.last_seq - $11::bigint AS others, c.last_activity_at AS since FROM conversations AS c \
       WHERE c.id = $2::uuid AND c.version - c.last_seq = $10::bigint AND c.last_seq >= $11::bigint AND NOT c.blocked \
       AND ($12::text IS NULL OR (SELECT u.active AND u.role = $12 FROM users AS u WHERE u.id = $3::uuid)) \
       AND NOT EXISTS (SELECT FROM messages WHERE conversation_id = $2 AND sender_id = $3 AND client_message_id = $5::text) \
       FOR NO KEY UPDATE OF c SKIP LOCKED\
     ), moved AS (\
       UPDATE conversations AS c SET last_seq = c.last_seq + 1, version = c.version + 1, \
       last_activity_at = greatest(c.last_activity_at, $4::bigint) \
       FROM free WHERE c.id = free.id RETURNING c.id, c.last_seq, c.version, c.last_activity_at, free.others, free.since\
     ), posted AS (\
       INSERT INTO messages (id, conversation_id, seq, version, sender_id, sent_at, client_message_id, body, reply_to_id, \
       details, search_tokens) \
       SELECT $1::uuid, id, last_seq, version, $3, last_activity_at, $5, $6::text, $7::uuid, $8::text, $9::text FROM moved\
     ), seen AS (\
       UPDATE participants AS p SET last_read_seq = greatest(p.last_read_seq, moved.last_seq), \
       last_delivered_seq = greatest(p.last_delivered_seq, moved.last_seq) \
       FROM moved WHERE p.conversation_id = moved.id AND p.user_id = $3\
     ) \
     SELECT id, others, since FROM moved";

const POSTGRES: Texts = Texts {
    lock: Some(Lock { wait: lock_in_postgres!(""), skip: lock_in_postgres!(" SKIP LOCKED") }),
    read: concat!(
        "SELECT ",
        conversation!(),
        ", ",
        sender!(),
        mentioned_in_postgres!(),
        in_postgres!("JOIN conversations AS c ON c.id = i.conversation_id ")
    ),
    // Reading needs no lock of the participant: the greater cursor wins.
    store: "WITH posted AS (\
              INSERT INTO messages (id, conversation_id, seq, version, sender_id, sent_at, client_message_id, body, \
              reply_to_id, details, search_tokens) \
              SELECT i.id, i.conversation_id, i.seq, i.version, i.sender_id, i.sent_at, i.client_message_id, i.body, \
              i.reply_to_id, i.details, i.search_tokens \
              FROM json_to_recordset($1::json) AS i(id uuid, conversation_id uuid, seq bigint, version bigint, \
              sender_id uuid, sent_at bigint, client_message_id text, body text, reply_to_id uuid, details text, \
              search_tokens text)\
            ), moved AS (\
              UPDATE conversations AS c \
              SET last_seq = i.last_seq, version = i.version, last_activity_at = i.last_activity_at \
              FROM json_to_recordset($2::json) AS i(id uuid, last_seq bigint, version bigint, last_activity_at bigint) \
              WHERE c.id = i.id\
            ) \
            UPDATE participants AS p SET last_read_seq = greatest(p.last_read_seq, i.last_read_seq), \
            last_delivered_seq = greatest(p.last_delivered_seq, i.last_read_seq) \
            FROM json_to_recordset($3::json) AS i(conversation_id uuid, user_id uuid, last_read_seq bigint) \
            WHERE p.conversation_id = i.conversation_id AND p.user_id = i.user_id",
    store_unlocked: Lock {
        wait: store_in_postgres!("ORDER BY c.id FOR NO KEY UPDATE OF c"),
        skip: store_in_postgres!("FOR NO KEY UPDATE OF c SKIP LOCKED"),
    },
};

// CROSS JOIN: SQLite then looks each row of the array up, whatever it guesses of the tables' sizes.
macro_rules! in_sqlite {
    ($conversations:literal) => {
        concat!(
            " FROM jsonb_each(?) AS i \
             CROSS JOIN participants AS p ON p.conversation_id = unhex(i.value ->> 'conversation_id', '-') \
             AND p.user_id = unhex(i.value ->> 'sender_id', '-') ",
            $conversations,
            "CROSS JOIN users AS u ON u.id = p.user_id \
             LEFT JOIN messages AS m ON m.conversation_id = p.conversation_id AND m.sender_id = p.user_id \
             AND m.client_message_id = i.value ->> 'client_message_id' \
             LEFT JOIN message_revisions AS o ON o.message_id = m.id AND m.details IS NOT NULL \
             AND o.version = (SELECT min(version) FROM message_revisions WHERE message_id = m.id) \
             LEFT JOIN messages AS r ON r.id = unhex(i.value ->> 'reply_to_id', '-') \
             AND r.conversation_id = p.conversation_id AND NOT EXISTS (SELECT 1 FROM hidden_messages AS h \
             WHERE h.user_id = p.user_id AND h.message_id = r.id)"
        )
    };
}

// Several statements, of which the driver makes one errand to SQLite's thread. `$2` is the second value in each of them, and `?` the next.
macro_rules! store_in_sqlite {
    ($messages:literal, $conversations:literal, $participants:literal, $then:literal) => {
        concat!(
            "INSERT INTO messages (id, conversation_id, seq, version, sender_id, sent_at, client_message_id, body, \
            reply_to_id, details, search_tokens) \
            SELECT unhex(i.value ->> 'id', '-'), unhex(i.value ->> 'conversation_id', '-'), i.value ->> 'seq', \
            i.value ->> 'version', unhex(i.value ->> 'sender_id', '-'), i.value ->> 'sent_at', \
            i.value ->> 'client_message_id', i.value ->> 'body', unhex(i.value ->> 'reply_to_id', '-'), \
            i.value ->> 'details', i.value ->> 'search_tokens' FROM jsonb_each($1) AS i",
            $messages,
            "; UPDATE conversations SET last_seq = i.value ->> 'last_seq', version = i.value ->> 'version', \
            last_activity_at = i.value ->> 'last_activity_at' \
            FROM jsonb_each($2) AS i WHERE conversations.id = unhex(i.value ->> 'id', '-')",
            $conversations,
            "; UPDATE participants SET last_read_seq = max(last_read_seq, i.value ->> 'last_read_seq'), \
            last_delivered_seq = max(last_delivered_seq, i.value ->> 'last_read_seq') \
            FROM jsonb_each($3) AS i WHERE participants.conversation_id = unhex(i.value ->> 'conversation_id', '-') \
            AND participants.user_id = unhex(i.value ->> 'user_id', '-')",
            $participants,
            $then
        )
    };
}

// One that writes excludes all others, so that nothing can change meanwhile, and nothing is to be locked.
const SQLITE: Texts = Texts {
    lock: None,
    read: concat!(
        "SELECT ",
        conversation!(),
        ", ",
        sender!(),
        mentioned_in_sqlite!(),
        in_sqlite!("CROSS JOIN conversations AS c ON c.id = p.conversation_id ")
    ),
    store: store_in_sqlite!("", "", "", ""),
    // Nobody else writes meanwhile: there is nothing to skip, and nothing to wait for.
    store_unlocked: Lock { wait: STORE_IN_SQLITE, skip: STORE_IN_SQLITE },
};

/// The driver knows nothing of this transaction: where one of its statements fails, it is left to be rolled back.
const STORE_IN_SQLITE: &str = concat!(
    "BEGIN IMMEDIATE; \
     DELETE FROM temp.stale; \
     INSERT OR IGNORE INTO temp.stale \
     SELECT unhex(i.value ->> 'id', '-') FROM jsonb_each($2) AS i \
     LEFT JOIN conversations AS c ON c.id = unhex(i.value ->> 'id', '-') \
     WHERE c.version - c.last_seq IS NOT i.value ->> 'changes' OR c.last_seq IS NOT i.value ->> 'read_seq' OR c.blocked \
     UNION ALL \
     SELECT unhex(i.value ->> 'conversation_id', '-') FROM jsonb_each($4) AS i \
     LEFT JOIN users AS u ON u.id = unhex(i.value ->> 'sender_id', '-') \
     LEFT JOIN messages AS m ON m.conversation_id = unhex(i.value ->> 'conversation_id', '-') AND m.sender_id = u.id \
     AND m.client_message_id = i.value ->> 'client_message_id' \
     WHERE u.active IS NOT 1 OR u.role IS NOT i.value ->> 'role' OR m.id IS NOT NULL; ",
    store_in_sqlite!(
        " WHERE unhex(i.value ->> 'conversation_id', '-') NOT IN temp.stale",
        " AND conversations.id NOT IN temp.stale",
        " AND participants.conversation_id NOT IN temp.stale",
        "; COMMIT; SELECT conversation_id FROM temp.stale"
    )
);
