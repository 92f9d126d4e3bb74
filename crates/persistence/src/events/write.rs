//! Writes events.

use async_trait::async_trait;
use confab_application::ports::{EventRepository, StoreError};
use confab_domain::Event;
use sea_orm::{DatabaseTransaction, EntityTrait};

use crate::connection::Connection;
use crate::entities::event;

#[async_trait]
impl EventRepository for Connection<DatabaseTransaction> {
    async fn append(&self, event: &Event) -> Result<(), StoreError> {
        self.run(async {
            event::Entity::insert(event::new_row(event)?).exec_without_returning(self.raw()).await?;
            Ok(())
        })
        .await
    }
}
