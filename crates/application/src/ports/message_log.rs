//! The log of messages: the one write path that many requests share.

use async_trait::async_trait;
use confab_domain::{ConversationId, Draft, Message, PostingRefused, Timestamp};

use super::StoreError;

/// A draft, and where it is to go.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The conversation that it is for.
    pub conversation_id: ConversationId,
    /// The draft.
    pub draft: Draft,
    /// When it came in.
    pub now: Timestamp,
}

/// The message that a draft is now, on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appended {
    /// It is new.
    New(Message),
    /// It was there before, with the same key.
    Earlier(Message),
}

/// Keeps messages in the order of their conversations. An adapter may keep those of many requests in one commit; what
/// becomes of one of them touches no other.
#[async_trait]
pub trait MessageLog: Send + Sync {
    /// Judges a draft by [`confab_domain::post`], and keeps what comes of it. The facts hold in the transaction that
    /// writes, under the conversation's lock as by
    /// [`find_for_update`](super::ConversationRepository::find_for_update). When this returns, the message is on disk,
    /// and every reader sees it. Given up half-way, it is kept whole or not at all.
    ///
    /// # Errors
    /// [`AppendError`].
    async fn append(&self, submission: Submission) -> Result<Appended, AppendError>;
}

/// Why a draft is not in the log.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The rule refuses it.
    #[error(transparent)]
    Refused(#[from] PostingRefused),
    /// Too many wait already. It has not been tried.
    #[error("too many messages wait to be kept")]
    Full,
    /// Storage failed. Where it is [`StoreError::Unavailable`], the message may or may not be kept: a retry with the same
    /// key tells.
    #[error(transparent)]
    Store(#[from] StoreError),
}
