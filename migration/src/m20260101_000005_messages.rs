//! Messages.

use sea_orm_migration::prelude::*;

use crate::columns::{id, number, optional, reference, table, text, time, unique};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // A history is read by the unique constraint of seq. One of a single sender has no index in its order: those of
        // others are passed over, or all of the sender's are found by the constraint of keys and sorted, so that its cost
        // grows with the conversation. An index on (conversation_id, sender_id, seq) would be written with every message,
        // for a filter that few ask for.
        let messages = table(manager, "messages")
            .col(id(manager, "id").primary_key())
            .col(id(manager, "conversation_id"))
            .col(number("seq"))
            .col(number("version"))
            .col(id(manager, "sender_id"))
            .col(time("sent_at"))
            .col(optional(text("client_message_id")))
            .col(text("body"))
            .index(&mut unique("messages_seq_key", &["conversation_id", "seq"]))
            .index(&mut unique(
                "messages_client_message_id_key",
                &["conversation_id", "sender_id", "client_message_id"],
            ))
            .foreign_key(&mut reference("conversation_id", "conversations"))
            .foreign_key(&mut reference("sender_id", "users"))
            .check(("messages_seq_check", Expr::cust("seq >= 1 AND version >= seq")))
            .take();
        manager.create_table(messages).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("messages").take()).await
    }
}
