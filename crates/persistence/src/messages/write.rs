//! Writes messages.

use async_trait::async_trait;
use confab_application::ports::{MessageRepository, StoreError};
use confab_domain::Message;
use sea_orm::{DatabaseTransaction, EntityTrait};

use crate::connection::Connection;
use crate::entities::message;

#[async_trait]
impl MessageRepository for Connection<DatabaseTransaction> {
    async fn insert(&self, message: &Message) -> Result<(), StoreError> {
        self.run(async {
            message::Entity::insert(message::new_row(message)?).exec_without_returning(self.raw()).await?;
            Ok(())
        })
        .await
    }
}
