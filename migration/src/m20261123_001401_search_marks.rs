//! Has the index of messages mark its tokens by itself, and keep the messages in their order.
//!
//! On PostgreSQL, which finds what is in an index in no order, the mark tells beside the conversation the thousand of its messages: one
//! after the other is looked up, from the newest, until a page is full. SQLite finds in the order of the numbers, which
//! therefore never change, and which every message has.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::m20261122_000602_search as unordered;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const POSTGRES: &[&str] = &[
    "DROP INDEX messages_search_idx",
    "UPDATE messages SET search_tokens = replace(search_tokens, right(CAST(conversation_id AS text), 8) || '=', '')",
    "CREATE INDEX messages_search_idx ON messages USING gin (array_to_tsvector(string_to_array(\
       right(CAST(conversation_id AS text), 8) || to_hex(seq / 1024) || '=' || \
       replace(nullif(search_tokens, ''), ' ', ' ' || right(CAST(conversation_id AS text), 8) || to_hex(seq / 1024) || '='), ' ')))",
];

const POSTGRES_DOWN: &[&str] = &[
    "DROP INDEX messages_search_idx",
    "UPDATE messages SET search_tokens = right(CAST(conversation_id AS text), 8) || '=' || \
     replace(search_tokens, ' ', ' ' || right(CAST(conversation_id AS text), 8) || '=') WHERE search_tokens <> ''",
];

/// A message's tokens, each behind the mark of its conversation.
macro_rules! marked {
    ($message:literal) => {
        concat!(
            "lower(substr(hex(",
            $message,
            ".conversation_id), -8)) || '=' || replace(",
            $message,
            ".search_tokens, ' ', ' ' || lower(substr(hex(",
            $message,
            ".conversation_id), -8)) || '=')"
        )
    };
}

/// What is numbered and indexed anew, the messages of each conversation in their order.
const SQLITE: &[&str] = &[
    "UPDATE messages SET search_tokens = replace(search_tokens, lower(substr(hex(conversation_id), -8)) || '=', '')",
    "DELETE FROM message_numbers",
    "INSERT INTO message_numbers (message_id) SELECT id FROM messages ORDER BY conversation_id, seq",
    "INSERT INTO message_search (message_search) VALUES ('delete-all')",
    concat!(
        "INSERT INTO message_search (rowid, tokens) SELECT n.number, ",
        marked!("m"),
        " FROM message_numbers AS n JOIN messages AS m ON m.id = n.message_id WHERE m.search_tokens <> '' ORDER BY n.number"
    ),
];

/// Keep the numbers and the index.
pub(crate) const SQLITE_TRIGGERS: &[&str] = &[
    concat!(
        "CREATE TRIGGER messages_search_insert AFTER INSERT ON messages BEGIN \
           INSERT INTO message_numbers (message_id) VALUES (new.id); \
           INSERT INTO message_search (rowid, tokens) \
             SELECT last_insert_rowid(), ",
        marked!("new"),
        " WHERE new.search_tokens <> ''; \
         END"
    ),
    concat!(
        "CREATE TRIGGER messages_search_delete AFTER DELETE ON messages BEGIN \
           INSERT INTO message_search (message_search, rowid, tokens) SELECT 'delete', number, ",
        marked!("old"),
        " FROM message_numbers WHERE message_id = old.id AND old.search_tokens <> ''; \
           DELETE FROM message_numbers WHERE message_id = old.id; \
         END"
    ),
    concat!(
        "CREATE TRIGGER messages_search_update AFTER UPDATE OF search_tokens ON messages \
         WHEN old.search_tokens IS NOT new.search_tokens BEGIN \
           INSERT INTO message_search (message_search, rowid, tokens) SELECT 'delete', number, ",
        marked!("old"),
        " FROM message_numbers WHERE message_id = old.id AND old.search_tokens <> ''; \
           INSERT INTO message_search (rowid, tokens) SELECT number, ",
        marked!("new"),
        " FROM message_numbers WHERE message_id = new.id AND new.search_tokens <> ''; \
         END"
    ),
];

const SQLITE_DOWN: &[&str] = &[
    "UPDATE messages SET search_tokens = lower(substr(hex(conversation_id), -8)) || '=' || \
     replace(search_tokens, ' ', ' ' || lower(substr(hex(conversation_id), -8)) || '=') WHERE search_tokens <> ''",
    "DELETE FROM message_numbers",
    "INSERT INTO message_numbers (message_id) SELECT id FROM messages WHERE search_tokens <> ''",
    "INSERT INTO message_search (message_search) VALUES ('delete-all')",
    "INSERT INTO message_search (rowid, tokens) SELECT n.number, m.search_tokens \
     FROM message_numbers AS n JOIN messages AS m ON m.id = n.message_id",
];

pub(crate) const SQLITE_DROP_TRIGGERS: &[&str] = &[
    "DROP TRIGGER messages_search_insert",
    "DROP TRIGGER messages_search_delete",
    "DROP TRIGGER messages_search_update",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        match manager.get_database_backend() {
            DbBackend::Postgres => execute(manager, POSTGRES).await,
            _ => {
                execute(manager, SQLITE_DROP_TRIGGERS).await?;
                execute(manager, SQLITE).await?;
                execute(manager, SQLITE_TRIGGERS).await
            }
        }
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        match manager.get_database_backend() {
            DbBackend::Postgres => {
                execute(manager, POSTGRES_DOWN).await?;
                execute(manager, unordered::POSTGRES).await
            }
            _ => {
                execute(manager, SQLITE_DROP_TRIGGERS).await?;
                execute(manager, SQLITE_DOWN).await?;
                execute(manager, unordered::SQLITE_TRIGGERS).await
            }
        }
    }
}

async fn execute(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    for statement in statements {
        manager.get_connection().execute_unprepared(statement).await?;
    }
    Ok(())
}
