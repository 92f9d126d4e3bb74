//! Who takes part in which conversation.

use sea_orm_migration::prelude::*;

use crate::columns::{id, number, reference, table, text, time};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let participants = table(manager, "participants")
            .col(id(manager, "conversation_id"))
            .col(id(manager, "user_id"))
            .col(text("membership"))
            .col(time("joined_at"))
            .col(number("joined_seq"))
            .col(number("last_read_seq"))
            .primary_key(Index::create().name("participants_pkey").col("conversation_id").col("user_id"))
            .foreign_key(&mut reference("conversation_id", "conversations"))
            .foreign_key(&mut reference("user_id", "users"))
            .check(("participants_membership_check", Expr::cust("membership IN ('owner', 'member')")))
            .check(("participants_seq_check", Expr::cust("joined_seq >= 0 AND last_read_seq >= joined_seq")))
            .take();
        manager.create_table(participants).await?;
        // For a user's list of conversations.
        let by_user = Index::create()
            .name("participants_user_idx")
            .table("participants")
            .col("user_id")
            .col("conversation_id")
            .take();
        manager.create_index(by_user).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("participants").take()).await
    }
}
