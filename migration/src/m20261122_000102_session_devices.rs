//! What each log-in tells of itself, and the refresh token before its newest one.

use sea_orm_migration::prelude::*;

use crate::columns::{bytes, optional, text, time};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const INDEXES: [(&str, &[&str]); 4] = [
    ("sessions_user_idx", &["user_id", "id"]),
    ("sessions_previous_token_idx", &["previous_token_hash"]),
    ("sessions_token_family_idx", &["token_family_hash"]),
    ("sessions_expiry_idx", &["refresh_token_expires_at"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            time("last_used_at").default(0).take(),
            optional(text("device")),
            optional(text("address")),
            optional(text("user_agent")),
            optional(bytes("previous_token_hash")),
            optional(bytes("token_family_hash")),
        ];
        for column in columns {
            manager.alter_table(Table::alter().table("sessions").add_column(column).take()).await?;
        }
        let mut used = Query::update();
        used.table("sessions").value("last_used_at", Expr::col("created_at"));
        manager.exec_stmt(used).await?;
        for (name, columns) in INDEXES {
            let mut index = Index::create();
            index.name(name).table("sessions");
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, _) in INDEXES {
            manager.drop_index(Index::drop().name(name).table("sessions").to_owned()).await?;
        }
        for column in ["last_used_at", "device", "address", "user_agent", "previous_token_hash", "token_family_hash"] {
            manager.alter_table(Table::alter().table("sessions").drop_column(column).take()).await?;
        }
        Ok(())
    }
}
