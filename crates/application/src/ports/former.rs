//! What whoever has left a conversation can still read of it.

use async_trait::async_trait;
use confab_domain::{ConversationId, MessageId, Revision, Seq, UserId, Version};

use super::{Limit, MessageFilter, Page, PageRequest, StoreError};
use crate::views::MessageView;

/// Reads messages on behalf of those who have left their conversation: the messages that they could see until then, as these
/// were then ([`Message::as_of`](confab_domain::Message::as_of)), without what they answer. Whoever takes part again is none of
/// those, and of a conversation that is deleted nobody is.
#[async_trait]
pub trait FormerHistory: Send + Sync {
    /// Part of a conversation's history; none where the viewer has not left it.
    async fn history(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        filter: &MessageFilter,
        page: &PageRequest<Seq>,
    ) -> Result<Option<Page<MessageView>>, StoreError>;

    /// One message of a conversation, if the viewer could see it.
    async fn find(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        id: MessageId,
    ) -> Result<Option<MessageView>, StoreError>;

    /// The messages around one, as [`MessageReader::around`](super::MessageReader::around) gives them to those who take part;
    /// none where the viewer has not left the conversation.
    async fn around(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        filter: &MessageFilter,
        seq: Seq,
        limit: Limit,
    ) -> Result<Option<Page<MessageView>>, StoreError>;

    /// What a message said before each of its edits of that time, the newest first; none where the viewer could not see it.
    async fn revisions(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        id: MessageId,
        page: &PageRequest<Version>,
    ) -> Result<Option<Page<Revision>>, StoreError>;
}
