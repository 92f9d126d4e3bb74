//! The port for those who have left.

use async_trait::async_trait;
use confab_application::ports::{FormerHistory, Limit, MessageFilter, Page, PageRequest, StoreError};
use confab_application::views::MessageView;
use confab_domain::{ConversationId, MessageId, Revision, Seq, UserId, Version};

use crate::store::MemoryStore;

#[async_trait]
impl FormerHistory for MemoryStore {
    async fn history(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        filter: &MessageFilter,
        page: &PageRequest<Seq>,
    ) -> Result<Option<Page<MessageView>>, StoreError> {
        self.snapshot().former_history(viewer, conversation_id, filter, page)
    }

    async fn find(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        id: MessageId,
    ) -> Result<Option<MessageView>, StoreError> {
        self.snapshot().former_message(viewer, conversation_id, id)
    }

    async fn around(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        filter: &MessageFilter,
        seq: Seq,
        limit: Limit,
    ) -> Result<Option<Page<MessageView>>, StoreError> {
        self.snapshot().former_around(viewer, conversation_id, filter, seq, limit)
    }

    async fn revisions(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        id: MessageId,
        page: &PageRequest<Version>,
    ) -> Result<Option<Page<Revision>>, StoreError> {
        self.snapshot().former_revisions(viewer, conversation_id, id, page)
    }
}
