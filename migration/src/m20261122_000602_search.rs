//! The index of what messages say.
//!
//! Each message keeps its tokens, which the program makes of its text: null where that is still to be done, empty where it
//! says nothing.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::columns::{optional, text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// An array of tokens is what the full-text index takes: no parser and no dictionary, whose rules depend on the server.
pub(crate) const POSTGRES: &[&str] = &["CREATE INDEX messages_search_idx ON messages \
    USING gin (array_to_tsvector(string_to_array(search_tokens, ' ')))"];

/// The numbers are the index's own: those that SQLite gives to rows by itself may change when the file is vacuumed. What is
/// deleted is really gone from the index (`secure-delete`), not only marked.
const SQLITE: &[&str] = &[
    "CREATE TABLE message_numbers (number INTEGER PRIMARY KEY, message_id BLOB NOT NULL UNIQUE) STRICT",
    "CREATE VIRTUAL TABLE message_search USING fts5(tokens, content='', columnsize=0, detail='none', \
     tokenize=\"ascii tokenchars '='\")",
    "INSERT INTO message_search(message_search, rank) VALUES ('secure-delete', 1)",
];

pub(crate) const SQLITE_TRIGGERS: &[&str] = &[
    "CREATE TRIGGER messages_search_insert AFTER INSERT ON messages WHEN new.search_tokens <> '' BEGIN \
       INSERT INTO message_numbers (message_id) VALUES (new.id); \
       INSERT INTO message_search (rowid, tokens) VALUES (last_insert_rowid(), new.search_tokens); \
     END",
    "CREATE TRIGGER messages_search_delete AFTER DELETE ON messages WHEN old.search_tokens <> '' BEGIN \
       INSERT INTO message_search (message_search, rowid, tokens) \
         SELECT 'delete', number, old.search_tokens FROM message_numbers WHERE message_id = old.id; \
       DELETE FROM message_numbers WHERE message_id = old.id; \
     END",
    "CREATE TRIGGER messages_search_update AFTER UPDATE OF search_tokens ON messages \
     WHEN old.search_tokens IS NOT new.search_tokens BEGIN \
       INSERT INTO message_search (message_search, rowid, tokens) \
         SELECT 'delete', number, old.search_tokens FROM message_numbers \
         WHERE message_id = old.id AND old.search_tokens <> ''; \
       DELETE FROM message_numbers WHERE message_id = old.id; \
       INSERT INTO message_numbers (message_id) SELECT new.id WHERE new.search_tokens <> ''; \
       INSERT INTO message_search (rowid, tokens) \
         SELECT number, new.search_tokens FROM message_numbers WHERE message_id = new.id; \
     END",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tokens = optional(text("search_tokens"));
        manager.alter_table(Table::alter().table("messages").add_column(tokens).take()).await?;
        let (index, triggers): (_, &[_]) = match manager.get_database_backend() {
            DbBackend::Postgres => (POSTGRES, &[]),
            _ => (SQLITE, SQLITE_TRIGGERS),
        };
        for statement in index.iter().chain(triggers) {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Sqlite {
            for statement in [
                "DROP TRIGGER messages_search_insert",
                "DROP TRIGGER messages_search_delete",
                "DROP TRIGGER messages_search_update",
                "DROP TABLE message_search",
                "DROP TABLE message_numbers",
            ] {
                manager.get_connection().execute_unprepared(statement).await?;
            }
        } else {
            manager.get_connection().execute_unprepared("DROP INDEX messages_search_idx").await?;
        }
        manager.alter_table(Table::alter().table("messages").drop_column("search_tokens").take()).await
    }
}
