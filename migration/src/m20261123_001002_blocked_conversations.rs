//! Whether one of the two of a direct conversation has blocked the other.

use sea_orm_migration::prelude::*;

use crate::columns::flag;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let blocked = flag(manager, "blocked").default(false).take();
        manager.alter_table(Table::alter().table("conversations").add_column(blocked).take()).await?;
        let as_blocked = "UPDATE conversations SET blocked = TRUE WHERE EXISTS (SELECT 1 FROM blocks \
            WHERE blocker_id = direct_low AND blocked_id = direct_high \
            OR blocker_id = direct_high AND blocked_id = direct_low)";
        manager.get_connection().execute_unprepared(as_blocked).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("conversations").drop_column("blocked").take()).await
    }
}
