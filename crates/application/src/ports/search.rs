//! Searching messages.

use async_trait::async_trait;
use confab_domain::{ConversationId, Message, SearchTerms, Seq, Timestamp, UserId};

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

/// A message's place in what a search finds: the newest first, and among equals by conversation. What is of one conversation is
/// in the order of its seqs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SentKey {
    /// When it was sent.
    pub sent_at: Timestamp,
    /// Its conversation.
    pub conversation_id: ConversationId,
    /// Its place there.
    pub seq: Seq,
}

impl SentKey {
    /// The place of this message.
    pub fn of(message: &Message) -> Self {
        Self { sent_at: message.sent_at, conversation_id: message.conversation_id, seq: message.seq }
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
