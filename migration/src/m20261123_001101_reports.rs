//! Reports of messages.

use sea_orm_migration::prelude::*;

use crate::columns::{id, optional, reference, table, text, time, unique};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let reports = table(manager, "reports")
            .col(id(manager, "id"))
            .col(id(manager, "conversation_id"))
            .col(id(manager, "message_id"))
            .col(id(manager, "sender_id"))
            .col(id(manager, "reporter_id"))
            .col(text("reason"))
            .col(optional(text("comment")))
            .col(time("reported_at"))
            .col(text("state"))
            .col(optional(text("note")))
            .col(optional(id(manager, "handled_by")))
            .col(optional(time("handled_at")))
            .primary_key(Index::create().name("reports_pkey").col("id"))
            .index(&mut unique("reports_reporter_key", &["reporter_id", "message_id"]))
            .foreign_key(&mut reference("conversation_id", "conversations"))
            .foreign_key(&mut reference("message_id", "messages"))
            .foreign_key(&mut reference("sender_id", "users"))
            .foreign_key(&mut reference("reporter_id", "users"))
            .foreign_key(&mut reference("handled_by", "users"))
            .take();
        manager.create_table(reports).await?;
        // What is still open is few among all that there ever was.
        let states = Index::create().name("reports_state_idx").table("reports").col("state").col("id").take();
        manager.create_index(states).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("reports").take()).await
    }
}
