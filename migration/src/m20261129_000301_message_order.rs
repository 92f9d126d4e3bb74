//! Keeps the messages of a conversation side by side, in SQLite's file: a page of a history lay on as many pages of the file as it has
//! messages. PostgreSQL has no such table.
//!
//! SQLite can change neither the key of a table nor a reference to it, and drops no table while there is one: what refers to
//! messages is put aside meanwhile.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::m20261123_001401_search_marks as search;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Without the key. What searches and filters ask for is in front of the text, which may lie on further pages.
macro_rules! table {
    ($id:literal, $seq:literal, $options:literal) => {
        concat!(
            "CREATE TABLE rebuilt (id BLOB NOT NULL ",
            $id,
            ", conversation_id BLOB NOT NULL, seq INTEGER NOT NULL, version INTEGER NOT NULL, sender_id BLOB NOT NULL, \
             sent_at INTEGER NOT NULL, client_message_id TEXT, reply_to_id BLOB, deleted_at INTEGER, details TEXT, \
             body TEXT NOT NULL, search_tokens TEXT, \
             CONSTRAINT messages_seq_key ",
            $seq,
            " (conversation_id, seq), \
             CONSTRAINT messages_client_message_id_key UNIQUE (conversation_id, sender_id, client_message_id), \
             FOREIGN KEY (conversation_id) REFERENCES conversations (id) ON DELETE RESTRICT ON UPDATE RESTRICT, \
             FOREIGN KEY (sender_id) REFERENCES users (id) ON DELETE RESTRICT ON UPDATE RESTRICT, \
             CONSTRAINT messages_seq_check CHECK (seq >= 1 AND version >= seq)) ",
            $options
        )
    };
}

const BY_SEQ: &str = table!("UNIQUE", "PRIMARY KEY", "STRICT, WITHOUT ROWID");
const BY_ROWID: &str = table!("PRIMARY KEY", "UNIQUE", "STRICT");

const REFERRING: [&str; 5] = ["message_revisions", "reactions", "reaction_kinds", "hidden_messages", "reports"];

/// In the order of the new table's columns.
const COPY: &str = "INSERT INTO rebuilt \
    SELECT id, conversation_id, seq, version, sender_id, sent_at, client_message_id, reply_to_id, deleted_at, details, body, \
    search_tokens FROM messages ORDER BY ";

/// What a statement changes is remembered until it ends, and a table is dropped by one.
const DELETE_SOME: &str = "DELETE FROM messages WHERE id IN (SELECT id FROM messages LIMIT 10000)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // It is part of one as it is. In a savepoint, SQLite would remember all that the file was before, in memory.
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rebuild(manager, BY_SEQ, "conversation_id, seq").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rebuild(manager, BY_ROWID, "id").await
    }
}

async fn rebuild(manager: &SchemaManager<'_>, table: &str, order: &str) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Sqlite {
        return Ok(());
    }
    let execute = async |statement: &str| manager.get_connection().execute_unprepared(statement).await.map(drop);
    execute(table).await?;
    execute(&format!("{COPY}{order}")).await?;
    for name in REFERRING {
        execute(&format!("CREATE TABLE aside_{name} AS SELECT * FROM {name}")).await?;
        execute(&format!("DELETE FROM {name}")).await?;
    }
    for trigger in search::SQLITE_DROP_TRIGGERS {
        execute(trigger).await?;
    }
    while manager.get_connection().execute_unprepared(DELETE_SOME).await?.rows_affected() > 0 {}
    execute("DROP TABLE messages").await?;
    execute("ALTER TABLE rebuilt RENAME TO messages").await?;
    for name in REFERRING {
        execute(&format!("INSERT INTO {name} SELECT * FROM aside_{name}")).await?;
        execute(&format!("DROP TABLE aside_{name}")).await?;
    }
    for trigger in search::SQLITE_TRIGGERS {
        execute(trigger).await?;
    }
    Ok(())
}
