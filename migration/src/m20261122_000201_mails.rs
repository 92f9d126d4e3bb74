//! Mails that wait to be sent, the tokens in them, and whose address is verified.

use sea_orm_migration::prelude::*;

use crate::columns::{bytes, flag, id, number, optional, reference, table, text, time, unique};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Nobody's address has been verified until now.
        let verified = flag(manager, "email_verified").default(false).take();
        manager.alter_table(Table::alter().table("users").add_column(verified).take()).await?;
        let mails = table(manager, "mails")
            .col(id(manager, "id").primary_key())
            .col(text("kind"))
            .col(text("email"))
            .col(text("email_key"))
            .col(time("created_at"))
            .col(number("attempts"))
            .col(optional(time("due_at")))
            .col(optional(time("settled_at")))
            .col(optional(text("error")))
            .index(&mut unique("mails_kind_email_key", &["kind", "email_key"]))
            .check(("mails_settled_check", Expr::cust("(due_at IS NULL) = (settled_at IS NOT NULL)")))
            .take();
        manager.create_table(mails).await?;
        manager.create_index(Index::create().name("mails_due").table("mails").col("due_at").take()).await?;
        let tokens = table(manager, "mailtokens")
            .col(bytes("hash").primary_key())
            .col(text("purpose"))
            .col(id(manager, "user_id"))
            .col(text("email_key"))
            .col(time("expires_at"))
            .foreign_key(&mut reference("user_id", "users"))
            .check(("mailtokens_hash_check", Expr::cust("length(hash) = 32")))
            .take();
        manager.create_table(tokens).await?;
        let by_user = Index::create().name("mailtokens_user").table("mailtokens").col("user_id").col("purpose").take();
        manager.create_index(by_user).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("mailtokens").take()).await?;
        manager.drop_table(Table::drop().table("mails").take()).await?;
        manager.alter_table(Table::alter().table("users").drop_column("email_verified").take()).await
    }
}
