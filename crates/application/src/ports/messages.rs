//! Messages.

use async_trait::async_trait;
use confab_domain::{ConversationId, Message, MessageId, Seq, Timestamp, UserId};

use super::{Page, PageRequest, StoreError};
use crate::views::{MessageView, UserCard};

/// The order of a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// From the newest to the oldest.
    #[default]
    NewestFirst,
    /// From the oldest to the newest.
    OldestFirst,
}

/// Which messages of a conversation to read, and in what order; each condition that is there must hold.
#[derive(Debug, Clone, Default)]
pub struct MessageFilter {
    /// The order of the list.
    pub order: Order,
    /// Its seq is greater.
    pub after_seq: Option<Seq>,
    /// Its seq is smaller.
    pub before_seq: Option<Seq>,
    /// This user sent it.
    pub sender_id: Option<UserId>,
    /// It was sent then or later.
    pub sent_from: Option<Timestamp>,
    /// It was sent earlier.
    pub sent_before: Option<Timestamp>,
}

/// Reads messages on behalf of a participant of their conversation.
#[async_trait]
pub trait MessageReader: Send + Sync {
    /// Part of a conversation's history; none where the viewer does not take part in it.
    async fn history(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        filter: &MessageFilter,
        page: &PageRequest<Seq>,
    ) -> Result<Option<Page<MessageView>>, StoreError>;

    /// One message of a conversation, if the viewer takes part in it.
    async fn find(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        id: MessageId,
    ) -> Result<Option<MessageView>, StoreError>;

    /// The participants who have read a message, by their ids; none where the viewer does not take part in its
    /// conversation. Whoever sent it is not among them, nor is whoever joined after it.
    async fn readers(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        id: MessageId,
        page: &PageRequest<UserId>,
    ) -> Result<Option<Page<UserCard>>, StoreError>;
}

/// Writes messages that come with another change; those that users send go to the
/// [`MessageLog`](super::MessageLog).
#[async_trait]
pub trait MessageRepository: MessageReader {
    /// Adds a message. Its conversation is locked by this transaction.
    async fn insert(&self, message: &Message) -> Result<(), StoreError>;
}
