//! What can be changed of conversations and memberships, and who was in them once.

use sea_orm_migration::prelude::*;

use crate::columns::{flag, id, number, optional, reference, table, text, time};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let no = || Expr::val(false);
        for column in [
            time("changed_at").default(0).take(),
            number("edited_version").default(0).take(),
            flag(manager, "history_from_start").default(no()).take(),
            flag(manager, "announcement").default(no()).take(),
            optional(time("closed_at")),
            optional(time("deleted_at")),
        ] {
            manager.alter_table(Table::alter().table("conversations").add_column(column).take()).await?;
        }
        let mut as_started = Query::update();
        as_started.table("conversations").value("changed_at", Expr::col("created_at"));
        manager.exec_stmt(as_started).await?;

        // Beside the conversation, whose row is written with each message.
        let metadata = table(manager, "conversation_metadata")
            .col(id(manager, "conversation_id").primary_key())
            .col(text("data"))
            .foreign_key(&mut reference("conversation_id", "conversations"))
            .take();
        manager.create_table(metadata).await?;

        for column in [
            number("visible_seq").default(0).take(),
            number("visible_version").default(0).take(),
            optional(time("muted_until")),
            flag(manager, "archived").default(no()).take(),
            flag(manager, "pinned").default(no()).take(),
        ] {
            manager.alter_table(Table::alter().table("participants").add_column(column).take()).await?;
        }

        let former = table(manager, "former_participants")
            .col(id(manager, "conversation_id"))
            .col(id(manager, "user_id"))
            .col(time("joined_at"))
            .col(number("visible_seq"))
            .col(number("visible_version"))
            .col(time("left_at"))
            .col(number("left_seq"))
            .col(number("left_version"))
            .primary_key(Index::create().name("former_participants_pkey").col("conversation_id").col("user_id"))
            .foreign_key(&mut reference("conversation_id", "conversations"))
            .foreign_key(&mut reference("user_id", "users"))
            .check(("former_participants_seq_check", Expr::cust("visible_seq >= 0 AND left_seq >= visible_seq")))
            .take();
        manager.create_table(former).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["former_participants", "conversation_metadata"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        for column in ["visible_seq", "visible_version", "muted_until", "archived", "pinned"] {
            manager.alter_table(Table::alter().table("participants").drop_column(column).take()).await?;
        }
        for column in ["changed_at", "edited_version", "history_from_start", "announcement", "closed_at", "deleted_at"]
        {
            manager.alter_table(Table::alter().table("conversations").drop_column(column).take()).await?;
        }
        Ok(())
    }
}
