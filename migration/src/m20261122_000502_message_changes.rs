//! What is done to messages after they were sent.

use sea_orm_migration::prelude::*;

use crate::columns::{id, number, optional, reference, table, text, time};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let revisions = table(manager, "message_revisions")
            .col(id(manager, "message_id"))
            .col(number("version"))
            .col(time("written_at"))
            .col(text("body"))
            .col(optional(text("payload")))
            .primary_key(Index::create().name("message_revisions_pkey").col("message_id").col("version"))
            .foreign_key(&mut reference("message_id", "messages"))
            .take();
        manager.create_table(revisions).await?;
        // Who has reacted, in the order of the list.
        let reactions = table(manager, "reactions")
            .col(id(manager, "message_id"))
            .col(number("version"))
            .col(id(manager, "user_id"))
            .col(text("emoji"))
            .primary_key(Index::create().name("reactions_pkey").col("message_id").col("version"))
            .index(Index::create().name("reactions_user_key").unique().col("message_id").col("emoji").col("user_id"))
            .foreign_key(&mut reference("message_id", "messages"))
            .foreign_key(&mut reference("user_id", "users"))
            .take();
        manager.create_table(reactions).await?;
        // With which emoji, and how many, so that nobody has to count them: a page shows this of every message.
        let kinds = table(manager, "reaction_kinds")
            .col(id(manager, "message_id"))
            .col(text("emoji"))
            .col(number("version"))
            .col(number("count"))
            .primary_key(Index::create().name("reaction_kinds_pkey").col("message_id").col("emoji"))
            .foreign_key(&mut reference("message_id", "messages"))
            .take();
        manager.create_table(kinds).await?;
        // Which messages users have deleted for themselves.
        let hidden = table(manager, "hidden_messages")
            .col(id(manager, "user_id"))
            .col(id(manager, "message_id"))
            .primary_key(Index::create().name("hidden_messages_pkey").col("user_id").col("message_id"))
            .foreign_key(&mut reference("user_id", "users"))
            .foreign_key(&mut reference("message_id", "messages"))
            .take();
        manager.create_table(hidden).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["hidden_messages", "reaction_kinds", "reactions", "message_revisions"] {
            manager.drop_table(Table::drop().table(name).take()).await?;
        }
        Ok(())
    }
}
