//! The statements of a batch. Each takes its rows as one JSON array, so that its text, and what a connection has prepared
//! of it, is the same for every batch.

use sea_orm::DbBackend;

use super::batch::Locks;

/// What the columns of a participant begin with.
pub(super) const PARTICIPANT: &str = "participant_";
/// What those of an account begin with.
pub(super) const USER: &str = "user_";
/// What those of an earlier message begin with.
pub(super) const MESSAGE: &str = "message_";

/// The statements, as one database spells them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Texts {
    /// Locks the conversations in which a sender takes part, in the order of their ids, and reads them. Whoever else asks
    /// for a conversation neither waits for its lock nor takes it.
    pub(super) lock: &'static str,
    /// Reads the senders, and what they have sent before.
    pub(super) facts: &'static str,
    /// Writes the messages, the conversations and the read cursors.
    pub(super) store: Store,
}

/// Three writes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Store {
    /// In one statement of three parameters.
    AtOnce(&'static str),
    /// In three, of one each.
    OneByOne([&'static str; 3]),
}

/// The statements for this database.
pub(super) const fn texts(backend: DbBackend, locks: Locks) -> Texts {
    match (backend, locks) {
        (DbBackend::Sqlite, _) => SQLITE,
        (_, Locks::Wait) => POSTGRES,
        (_, Locks::Skip) => Texts { lock: LOCK_SKIPPING, ..POSTGRES },
    }
}

/// The columns of the second statement.
macro_rules! facts {
    ($from:literal) => {
        concat!(
            "SELECT p.conversation_id AS participant_conversation_id, p.user_id AS participant_user_id, \
             p.membership AS participant_membership, p.joined_at AS participant_joined_at, \
             p.joined_seq AS participant_joined_seq, p.last_read_seq AS participant_last_read_seq, \
             u.role AS user_role, u.active AS user_active, \
             m.id AS message_id, m.conversation_id AS message_conversation_id, m.seq AS message_seq, \
             m.version AS message_version, m.sender_id AS message_sender_id, m.sent_at AS message_sent_at, \
             m.client_message_id AS message_client_message_id, m.body AS message_body ",
            $from
        )
    };
}

// OFFSET 0: PostgreSQL then looks up each participant by the whole key, whatever it guesses of the tables' sizes.
macro_rules! lock {
    ($wait:literal) => {
        concat!(
            "SELECT c.* FROM (\
               SELECT DISTINCT p.conversation_id \
               FROM json_to_recordset($1::json) AS i(conversation_id uuid, sender_id uuid) \
               CROSS JOIN LATERAL (SELECT conversation_id FROM participants \
                 WHERE conversation_id = i.conversation_id AND user_id = i.sender_id OFFSET 0) AS p\
             ) AS theirs \
             JOIN conversations AS c ON c.id = theirs.conversation_id \
             ORDER BY c.id FOR NO KEY UPDATE OF c",
            $wait
        )
    };
}

const LOCK_SKIPPING: &str = lock!(" SKIP LOCKED");

// OFFSET 0: PostgreSQL then looks up each of them by its whole key, whatever it guesses of the tables' sizes.
const POSTGRES: Texts = Texts {
    lock: lock!(""),
    facts: facts!(
        "FROM json_to_recordset($1::json) AS i(conversation_id uuid, sender_id uuid, client_message_id text) \
         CROSS JOIN LATERAL (SELECT * FROM participants \
           WHERE conversation_id = i.conversation_id AND user_id = i.sender_id OFFSET 0) AS p \
         CROSS JOIN LATERAL (SELECT * FROM users WHERE id = i.sender_id OFFSET 0) AS u \
         LEFT JOIN LATERAL (SELECT * FROM messages WHERE conversation_id = i.conversation_id \
           AND sender_id = i.sender_id AND client_message_id = i.client_message_id OFFSET 0) AS m ON true"
    ),
    // Reading needs no lock of the participant: the greater cursor wins.
    store: Store::AtOnce(
        "WITH posted AS (\
           INSERT INTO messages (id, conversation_id, seq, version, sender_id, sent_at, client_message_id, body) \
           SELECT i.id, i.conversation_id, i.seq, i.version, i.sender_id, i.sent_at, i.client_message_id, i.body \
           FROM json_to_recordset($1::json) AS i(id uuid, conversation_id uuid, seq bigint, version bigint, \
           sender_id uuid, sent_at bigint, client_message_id text, body text)\
         ), moved AS (\
           UPDATE conversations AS c \
           SET last_seq = i.last_seq, version = i.version, last_activity_at = i.last_activity_at \
           FROM json_to_recordset($2::json) AS i(id uuid, last_seq bigint, version bigint, last_activity_at bigint) \
           WHERE c.id = i.id\
         ) \
         UPDATE participants AS p SET last_read_seq = greatest(p.last_read_seq, i.last_read_seq) \
         FROM json_to_recordset($3::json) AS i(conversation_id uuid, user_id uuid, last_read_seq bigint) \
         WHERE p.conversation_id = i.conversation_id AND p.user_id = i.user_id",
    ),
};

// CROSS JOIN: SQLite then looks each row of the array up, whatever it guesses of the tables' sizes.
const SQLITE: Texts = Texts {
    lock: "SELECT c.* FROM (\
             SELECT DISTINCT p.conversation_id FROM json_each(?1) AS i \
             CROSS JOIN participants AS p ON p.conversation_id = unhex(i.value ->> 'conversation_id', '-') \
             AND p.user_id = unhex(i.value ->> 'sender_id', '-')\
           ) AS theirs \
           CROSS JOIN conversations AS c ON c.id = theirs.conversation_id",
    facts: facts!(
        "FROM json_each(?1) AS i \
         CROSS JOIN participants AS p ON p.conversation_id = unhex(i.value ->> 'conversation_id', '-') \
         AND p.user_id = unhex(i.value ->> 'sender_id', '-') \
         CROSS JOIN users AS u ON u.id = p.user_id \
         LEFT JOIN messages AS m ON m.conversation_id = p.conversation_id AND m.sender_id = p.user_id \
         AND m.client_message_id = i.value ->> 'client_message_id'"
    ),
    store: Store::OneByOne([
        "INSERT INTO messages (id, conversation_id, seq, version, sender_id, sent_at, client_message_id, body) \
         SELECT unhex(i.value ->> 'id', '-'), unhex(i.value ->> 'conversation_id', '-'), i.value ->> 'seq', \
         i.value ->> 'version', unhex(i.value ->> 'sender_id', '-'), i.value ->> 'sent_at', \
         i.value ->> 'client_message_id', i.value ->> 'body' FROM json_each(?1) AS i",
        "UPDATE conversations SET last_seq = i.value ->> 'last_seq', version = i.value ->> 'version', \
         last_activity_at = i.value ->> 'last_activity_at' \
         FROM json_each(?1) AS i WHERE conversations.id = unhex(i.value ->> 'id', '-')",
        "UPDATE participants SET last_read_seq = max(last_read_seq, i.value ->> 'last_read_seq') \
         FROM json_each(?1) AS i WHERE participants.conversation_id = unhex(i.value ->> 'conversation_id', '-') \
         AND participants.user_id = unhex(i.value ->> 'user_id', '-')",
    ]),
};
