//! Where each conversation stands in the lists of those who are in it: by the hour of its last activity.
//!
//! A list is in the order of what happened last, which every message changes. The hour changes once in an hour, and an index
//! that begins with it leads to a page without the conversations that lie before and behind. The rows are kept by triggers,
//! under the conversation's lock: whoever posts, joins or leaves has it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const POSTGRES: &[&str] = &[
    "CREATE TABLE listings (conversation_id uuid NOT NULL, user_id uuid NOT NULL, is_direct boolean NOT NULL, \
     hour bigint NOT NULL, \
     CONSTRAINT listings_pkey PRIMARY KEY (conversation_id, user_id))",
    "CREATE FUNCTION participants_list() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
       INSERT INTO listings (conversation_id, user_id, is_direct, hour) \
       SELECT id, NEW.user_id, direct_low IS NOT NULL, last_activity_at / 3600000000 FROM conversations WHERE id = NEW.conversation_id \
       ON CONFLICT ON CONSTRAINT listings_pkey DO UPDATE SET hour = excluded.hour; \
       RETURN NULL; \
     END $$",
    "CREATE FUNCTION participants_unlist() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
       DELETE FROM listings WHERE conversation_id = OLD.conversation_id AND user_id = OLD.user_id; \
       RETURN NULL; \
     END $$",
    "CREATE TRIGGER participants_list AFTER INSERT ON participants FOR EACH ROW EXECUTE FUNCTION participants_list()",
    "CREATE TRIGGER participants_unlist AFTER DELETE ON participants \
     FOR EACH ROW EXECUTE FUNCTION participants_unlist()",
];

const SQLITE: &[&str] = &[
    "CREATE TABLE listings (conversation_id BLOB NOT NULL, user_id BLOB NOT NULL, is_direct INTEGER NOT NULL, \
     hour INTEGER NOT NULL, \
     PRIMARY KEY (conversation_id, user_id)) STRICT, WITHOUT ROWID",
    "CREATE TRIGGER participants_list AFTER INSERT ON participants BEGIN \
       INSERT OR REPLACE INTO listings (conversation_id, user_id, is_direct, hour) \
       SELECT id, NEW.user_id, direct_low IS NOT NULL, last_activity_at / 3600000000 FROM conversations WHERE id = NEW.conversation_id; \
     END",
    "CREATE TRIGGER participants_unlist AFTER DELETE ON participants BEGIN \
       DELETE FROM listings WHERE conversation_id = OLD.conversation_id AND user_id = OLD.user_id; \
     END",
];

/// Keeps the hours.
pub(crate) const CONVERSATIONS_LIST_POSTGRES: &[&str] = &[
    "CREATE OR REPLACE FUNCTION conversations_list() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
       UPDATE listings SET hour = NEW.last_activity_at / 3600000000 WHERE conversation_id = NEW.id; \
       RETURN NULL; \
     END $$",
    "CREATE TRIGGER conversations_list AFTER UPDATE OF last_activity_at ON conversations FOR EACH ROW \
     WHEN (OLD.last_activity_at / 3600000000 <> NEW.last_activity_at / 3600000000) \
     EXECUTE FUNCTION conversations_list()",
];

/// Keeps the hours.
pub(crate) const CONVERSATIONS_LIST_SQLITE: &[&str] =
    &["CREATE TRIGGER conversations_list AFTER UPDATE OF last_activity_at ON conversations \
     WHEN OLD.last_activity_at / 3600000000 <> NEW.last_activity_at / 3600000000 BEGIN \
       UPDATE listings SET hour = NEW.last_activity_at / 3600000000 WHERE conversation_id = NEW.id; \
     END"];

/// What is marked is little beside what is not.
const BOTH: &[&str] = &[
    "INSERT INTO listings (conversation_id, user_id, is_direct, hour) \
     SELECT p.conversation_id, p.user_id, c.direct_low IS NOT NULL, c.last_activity_at / 3600000000 \
     FROM participants AS p JOIN conversations AS c ON c.id = p.conversation_id",
    "CREATE INDEX listings_user_idx ON listings (user_id, hour, conversation_id)",
    "CREATE INDEX listings_kind_idx ON listings (user_id, is_direct, hour, conversation_id)",
    "CREATE INDEX participants_archived_idx ON participants (user_id) WHERE archived",
    "CREATE INDEX participants_pinned_idx ON participants (user_id) WHERE pinned",
    "CREATE INDEX participants_muted_idx ON participants (user_id) WHERE muted_until IS NOT NULL",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (tables, list) = match manager.get_database_backend() {
            DbBackend::Postgres => (POSTGRES, CONVERSATIONS_LIST_POSTGRES),
            _ => (SQLITE, CONVERSATIONS_LIST_SQLITE),
        };
        for statement in tables.iter().chain(list).chain(BOTH) {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let is_postgres = manager.get_database_backend() == DbBackend::Postgres;
        let execute = async |statement: String| manager.get_connection().execute_unprepared(&statement).await.map(drop);
        for index in ["participants_archived_idx", "participants_pinned_idx", "participants_muted_idx"] {
            execute(format!("DROP INDEX {index}")).await?;
        }
        for (trigger, table) in [
            ("participants_list", "participants"),
            ("participants_unlist", "participants"),
            ("conversations_list", "conversations"),
        ] {
            let of_table = if is_postgres { format!(" ON {table}") } else { String::new() };
            execute(format!("DROP TRIGGER {trigger}{of_table}")).await?;
            if is_postgres {
                execute(format!("DROP FUNCTION {trigger}()")).await?;
            }
        }
        execute("DROP TABLE listings".to_owned()).await
    }
}
