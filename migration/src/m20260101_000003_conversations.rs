//! Conversations.

use sea_orm_migration::prelude::*;

use crate::columns::{id, number, optional, reference, table, text, time, unique};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // No index on what sending a message changes: it would be written with every message, and PostgreSQL could no
        // longer update the row in place.
        let conversations = table(manager, "conversations")
            .col(id(manager, "id").primary_key())
            .col(optional(id(manager, "direct_low")))
            .col(optional(id(manager, "direct_high")))
            .col(optional(text("title")))
            .col(optional(text("title_key")))
            .col(id(manager, "creator_id"))
            .col(number("participant_count"))
            .col(number("last_seq"))
            .col(number("version"))
            .col(time("created_at"))
            .col(time("last_activity_at"))
            .index(&mut unique("conversations_direct_pair_key", &["direct_low", "direct_high"]))
            .foreign_key(&mut reference("direct_low", "users"))
            .foreign_key(&mut reference("direct_high", "users"))
            .foreign_key(&mut reference("creator_id", "users"))
            .check((
                "conversations_direct_pair_check",
                Expr::cust(
                    "(direct_low IS NULL) = (direct_high IS NULL) \
                     AND (direct_low IS NULL OR (direct_low < direct_high AND title IS NULL))",
                ),
            ))
            .check(("conversations_title_check", Expr::cust("(title IS NULL) = (title_key IS NULL)")))
            .check(("conversations_participant_count_check", Expr::cust("participant_count >= 0")))
            .check(("conversations_version_check", Expr::cust("last_seq >= 0 AND version >= last_seq")))
            .take();
        manager.create_table(conversations).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("conversations").take()).await
    }
}
