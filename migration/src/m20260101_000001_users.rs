//! Users.

use sea_orm_migration::prelude::*;

use crate::columns::{flag, id, optional, table, text, time, unique};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let users = table(manager, "users")
            .col(id(manager, "id").primary_key())
            .col(text("email"))
            .col(text("email_key"))
            .col(text("password_hash"))
            .col(text("first_name"))
            .col(text("last_name"))
            .col(optional(text("phone_number")))
            .col(text("role"))
            .col(flag(manager, "active"))
            .col(time("created_at"))
            .col(time("updated_at"))
            .index(&mut unique("users_email_key", &["email_key"]))
            .check(("users_role_check", Expr::cust("role IN ('guest', 'host', 'admin')")))
            .take();
        manager.create_table(users).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("users").take()).await
    }
}
