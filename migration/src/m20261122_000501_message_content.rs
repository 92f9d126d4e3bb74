//! What messages have beside their text.

use sea_orm_migration::prelude::*;

use crate::columns::{id, optional, text, time};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // What few messages have is one JSON text, so that the many have one empty column more to be read, and not six.
        for column in [optional(id(manager, "reply_to_id")), optional(time("deleted_at")), optional(text("details"))] {
            manager.alter_table(Table::alter().table("messages").add_column(column).take()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["reply_to_id", "deleted_at", "details"] {
            manager.alter_table(Table::alter().table("messages").drop_column(column).take()).await?;
        }
        Ok(())
    }
}
