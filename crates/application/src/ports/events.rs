//! What has happened in a conversation.

use async_trait::async_trait;
use confab_domain::{ConversationId, Event, UserId, Version};

use super::{Limit, StoreError};
use crate::views::Changes;

/// Reads the changes of a conversation on behalf of one of its participants.
#[async_trait]
pub trait EventReader: Send + Sync {
    /// The first changes after a version that the viewer may see, messages among them; none where the viewer does not
    /// take part in it.
    async fn after(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        after: Version,
        limit: Limit,
    ) -> Result<Option<Changes>, StoreError>;
}

/// Writes the changes that are no messages.
#[async_trait]
pub trait EventRepository: EventReader {
    /// Adds an event. Its conversation is locked by this transaction, and is updated in it to the event's version.
    async fn append(&self, event: &Event) -> Result<(), StoreError>;
}
