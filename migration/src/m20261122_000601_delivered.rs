//! How far messages have reached each participant. Whatever is read has been delivered.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite can add a checked column only with a default that every row passes. The program always gives a value.
        let connection = manager.get_connection();
        let number = if manager.get_database_backend() == DbBackend::Postgres { "BIGINT" } else { "INTEGER" };
        connection
            .execute_unprepared(&format!(
                "ALTER TABLE participants ADD COLUMN last_delivered_seq {number} NOT NULL DEFAULT 9007199254740991 \
                 CONSTRAINT participants_delivered_check CHECK (last_delivered_seq >= last_read_seq)"
            ))
            .await?;
        connection.execute_unprepared("UPDATE participants SET last_delivered_seq = last_read_seq").await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            connection.execute_unprepared("ALTER TABLE participants ALTER last_delivered_seq DROP DEFAULT").await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection.execute_unprepared("ALTER TABLE participants DROP COLUMN last_delivered_seq").await?;
        Ok(())
    }
}
