//! By what users let themselves be found: by nothing, until they say so.

use sea_orm_migration::prelude::*;

use crate::columns::flag;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const COLUMNS: [&str; 2] = ["discoverable_by_email", "discoverable_by_phone"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in COLUMNS {
            let column = flag(manager, name).default(false).take();
            manager.alter_table(Table::alter().table("users").add_column(column).take()).await?;
        }
        // Of those who may be found by their number.
        let index = "CREATE INDEX users_phone_number ON users (phone_number) WHERE discoverable_by_phone";
        manager.get_connection().execute_unprepared(index).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("users_phone_number").to_owned()).await?;
        for name in COLUMNS {
            manager.alter_table(Table::alter().table("users").drop_column(name).take()).await?;
        }
        Ok(())
    }
}
