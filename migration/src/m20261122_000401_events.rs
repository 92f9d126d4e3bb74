//! The durable changes of conversations that are no messages.

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
        let events = table(manager, "events")
            .col(id(manager, "conversation_id"))
            .col(number("version"))
            .col(number("seq"))
            .col(text("kind"))
            .col(id(manager, "actor_id"))
            .col(time("occurred_at"))
            .col(text("data"))
            .primary_key(Index::create().name("events_pkey").col("conversation_id").col("version"))
            .foreign_key(&mut reference("conversation_id", "conversations"))
            .foreign_key(&mut reference("actor_id", "users"))
            .check(("events_version_check", Expr::cust("seq >= 0 AND version > seq")))
            .take();
        manager.create_table(events).await?;
        // Until now only messages made versions, so that the two are the same.
        let joined_version = number("joined_version").default(0).take();
        manager.alter_table(Table::alter().table("participants").add_column(joined_version).take()).await?;
        let mut same = Query::update();
        same.table("participants").value("joined_version", Expr::col("joined_seq"));
        manager.exec_stmt(same).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("participants").drop_column("joined_version").take()).await?;
        manager.drop_table(Table::drop().table("events").take()).await
    }
}
