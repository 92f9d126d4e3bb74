//! Accounts that were deleted, and what is still to be done after it.

use sea_orm_migration::prelude::*;

use crate::columns::{id, optional, reference, table, time};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let deleted = optional(time("deleted_at"));
        manager.alter_table(Table::alter().table("users").add_column(deleted).take()).await?;
        // Whoever has yet to leave their conversations. Empty nearly always.
        let departures = table(manager, "departures")
            .col(id(manager, "user_id").primary_key())
            .foreign_key(&mut reference("user_id", "users"))
            .take();
        manager.create_table(departures).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("departures").take()).await?;
        manager.alter_table(Table::alter().table("users").drop_column("deleted_at").take()).await
    }
}
