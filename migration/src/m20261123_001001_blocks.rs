//! Who has blocked whom.

use sea_orm_migration::prelude::*;

use crate::columns::{id, reference, table, time};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let blocks = table(manager, "blocks")
            .col(id(manager, "blocker_id"))
            .col(id(manager, "blocked_id"))
            .col(time("since"))
            .primary_key(Index::create().name("blocks_pkey").col("blocker_id").col("blocked_id"))
            .foreign_key(&mut reference("blocker_id", "users"))
            .foreign_key(&mut reference("blocked_id", "users"))
            .check(("blocks_users_check", Expr::cust("blocker_id <> blocked_id")))
            .take();
        manager.create_table(blocks).await?;
        // Those of a user, the newest first; and those that others have made of them.
        for (name, columns) in
            [("blocks_since", ["blocker_id", "since", "blocked_id"].as_slice()), ("blocks_blocked", &["blocked_id"])]
        {
            let mut index = Index::create();
            index.name(name).table("blocks");
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("blocks").take()).await
    }
}
