//! Writes messages.

use async_trait::async_trait;
use confab_application::ports::{MessageRepository, StoreError};
use confab_domain::{ClientMessageId, ConversationId, Message, UserId};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use crate::connection::Connection;
use crate::entities::message::{self, Column};

#[async_trait]
impl MessageRepository for Connection<DatabaseTransaction> {
    async fn insert(&self, message: &Message) -> Result<(), StoreError> {
        self.run(async {
            message::Entity::insert(message::new_row(message)).exec_without_returning(self.raw()).await?;
            Ok(())
        })
        .await
    }

    async fn find_by_client_message_id(
        &self,
        conversation_id: ConversationId,
        sender_id: UserId,
        client_message_id: &ClientMessageId,
    ) -> Result<Option<Message>, StoreError> {
        self.run(async {
            let found = message::Entity::find()
                .filter(Column::ConversationId.eq(conversation_id.as_uuid()))
                .filter(Column::SenderId.eq(sender_id.as_uuid()))
                .filter(Column::ClientMessageId.eq(client_message_id.as_str()))
                .one(self.raw())
                .await?;
            found.map(message::Model::restore).transpose()
        })
        .await
    }
}
