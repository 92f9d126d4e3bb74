//! Searching messages.

use async_trait::async_trait;
use confab_domain::{ConversationId, Message, MessageId, SearchTerms, Timestamp, UserId};

use super::{Page, PageRequest, StoreError};
use crate::views::MessageView;

/// Which messages to find; each condition that is there must hold.
#[derive(Debug, Clone)]
pub struct MessageSearch {
    /// What they must say.
    pub terms: SearchTerms,
    /// This user sent it.
    pub sender_id: Option<UserId>,
    /// It is in this conversation.
    pub conversation_id: Option<ConversationId>,
    /// It was sent then or later.
    pub sent_from: Option<Timestamp>,
    /// It was sent earlier.
    pub sent_before: Option<Timestamp>,
}

/// A message's place in what a search finds: the newest first, and among equals the greater id first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SentKey {
    /// When it was sent.
    pub sent_at: Timestamp,
    /// Its id.
    pub id: MessageId,
}

impl SentKey {
    /// The place of this message.
    pub fn of(message: &Message) -> Self {
        Self { sent_at: message.sent_at, id: message.id }
    }
}

/// Searches messages on a viewer's behalf.
#[async_trait]
pub trait MessageSearcher: Send + Sync {
    /// Messages that the viewer may read and that may be found, in the order of [`SentKey`]. Every message that
    /// [`SearchTerms::find_in`] finds is among them; others may be as well, where an adapter's index cannot tell them apart.
    async fn candidates(
        &self,
        viewer: UserId,
        search: &MessageSearch,
        page: &PageRequest<SentKey>,
    ) -> Result<Page<MessageView>, StoreError>;
}
