//! Log-ins.

use sea_orm_migration::prelude::*;

use crate::columns::{bytes, id, reference, table, time, unique};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sessions = table(manager, "sessions")
            .col(id(manager, "id").primary_key())
            .col(id(manager, "user_id"))
            .col(time("created_at"))
            .col(bytes("refresh_token_hash"))
            .col(time("refresh_token_expires_at"))
            .index(&mut unique("sessions_refresh_token_key", &["refresh_token_hash"]))
            .foreign_key(&mut reference("user_id", "users"))
            .check(("sessions_refresh_token_check", Expr::cust("length(refresh_token_hash) = 32")))
            .take();
        manager.create_table(sessions).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("sessions").take()).await
    }
}
