//! Remembers who has read all of a conversation in which nothing happens, so that what is unread is found without the rest.
//!
//! A place is marked later than it is read, once its conversation is quiet, and the conversation with it (ADR 32). The next message
//! there takes the marks back, in the same transaction: most messages find none.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::m20261123_001301_listings::{CONVERSATIONS_LIST_POSTGRES, CONVERSATIONS_LIST_SQLITE};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const POSTGRES: &[&str] = &[
    "ALTER TABLE listings ADD COLUMN caught_up boolean NOT NULL DEFAULT false",
    "ALTER TABLE conversations ADD COLUMN some_caught_up boolean NOT NULL DEFAULT false",
    "CREATE OR REPLACE FUNCTION conversations_list() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
       UPDATE listings SET hour = NEW.last_activity_at / 3600000000, caught_up = false WHERE conversation_id = NEW.id; \
       IF NEW.some_caught_up THEN UPDATE conversations SET some_caught_up = false WHERE id = NEW.id; END IF; \
       RETURN NULL; \
     END $$",
    "CREATE TRIGGER conversations_list AFTER UPDATE OF last_activity_at, last_seq ON conversations FOR EACH ROW \
     WHEN (OLD.last_activity_at / 3600000000 <> NEW.last_activity_at / 3600000000 \
       OR (OLD.some_caught_up AND OLD.last_seq <> NEW.last_seq)) \
     EXECUTE FUNCTION conversations_list()",
    "CREATE FUNCTION participants_fall_behind() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
       UPDATE listings SET caught_up = false WHERE conversation_id = NEW.conversation_id AND user_id = NEW.user_id; \
       RETURN NULL; \
     END $$",
    "CREATE TRIGGER participants_fall_behind AFTER UPDATE OF last_read_seq ON participants FOR EACH ROW \
     WHEN (NEW.last_read_seq < OLD.last_read_seq) EXECUTE FUNCTION participants_fall_behind()",
];

const SQLITE: &[&str] = &[
    "ALTER TABLE listings ADD COLUMN caught_up INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE conversations ADD COLUMN some_caught_up INTEGER NOT NULL DEFAULT 0",
    "CREATE TRIGGER conversations_list AFTER UPDATE OF last_activity_at, last_seq ON conversations \
     WHEN OLD.last_activity_at / 3600000000 <> NEW.last_activity_at / 3600000000 \
       OR (OLD.some_caught_up AND OLD.last_seq <> NEW.last_seq) BEGIN \
       UPDATE listings SET hour = NEW.last_activity_at / 3600000000, caught_up = 0 WHERE conversation_id = NEW.id; \
       UPDATE conversations SET some_caught_up = 0 WHERE id = NEW.id AND some_caught_up; \
     END",
    "CREATE TRIGGER participants_fall_behind AFTER UPDATE OF last_read_seq ON participants \
     WHEN NEW.last_read_seq < OLD.last_read_seq BEGIN \
       UPDATE listings SET caught_up = 0 WHERE conversation_id = NEW.conversation_id AND user_id = NEW.user_id; \
     END",
];

const BOTH: &[&str] = &[
    "UPDATE listings SET caught_up = true FROM participants AS me, conversations AS c \
     WHERE me.conversation_id = listings.conversation_id AND me.user_id = listings.user_id \
     AND c.id = listings.conversation_id AND me.last_read_seq >= c.last_seq",
    "UPDATE conversations SET some_caught_up = true WHERE id IN (SELECT conversation_id FROM listings WHERE caught_up)",
    "CREATE INDEX listings_behind_idx ON listings (user_id, hour, conversation_id) WHERE NOT caught_up",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (drop, tables) = match manager.get_database_backend() {
            DbBackend::Postgres => ("DROP TRIGGER conversations_list ON conversations", POSTGRES),
            _ => ("DROP TRIGGER conversations_list", SQLITE),
        };
        for statement in [drop].iter().chain(tables).chain(BOTH) {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (of_participants, of_conversations, list): (_, _, &[&str]) = match manager.get_database_backend() {
            DbBackend::Postgres => (" ON participants", " ON conversations", CONVERSATIONS_LIST_POSTGRES),
            _ => ("", "", CONVERSATIONS_LIST_SQLITE),
        };
        let execute = async |statement: &str| manager.get_connection().execute_unprepared(statement).await.map(drop);
        execute(&format!("DROP TRIGGER participants_fall_behind{of_participants}")).await?;
        execute(&format!("DROP TRIGGER conversations_list{of_conversations}")).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            execute("DROP FUNCTION participants_fall_behind()").await?;
        }
        execute("DROP INDEX listings_behind_idx").await?;
        execute("ALTER TABLE listings DROP COLUMN caught_up").await?;
        execute("ALTER TABLE conversations DROP COLUMN some_caught_up").await?;
        for statement in list {
            execute(statement).await?;
        }
        Ok(())
    }
}
