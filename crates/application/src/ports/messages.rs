//! Messages.

use async_trait::async_trait;
use confab_domain::{ConversationId, Emoji, Message, MessageId, Reaction, Revision, Seq, Timestamp, UserId, Version};

use super::{Limit, Page, PageRequest, StoreError};
use crate::views::{MessageView, ReactionView, UserCard};

/// The order of a list.
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

    /// The messages around one, of those that the filter admits, in its order: as many of the page on either side, and
    /// more on the one where the other has too few; none where the viewer does not take part.
    async fn around(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        filter: &MessageFilter,
        seq: Seq,
        limit: Limit,
    ) -> Result<Option<Page<MessageView>>, StoreError>;

    /// What a message said before each of its edits, the newest first; none where the viewer does not see the message.
    async fn revisions(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        id: MessageId,
        page: &PageRequest<Version>,
    ) -> Result<Option<Page<Revision>>, StoreError>;

    /// Who has reacted to a message, and how, the newest first; none where the viewer does not see the message.
    async fn reactions(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        id: MessageId,
        emoji: Option<Emoji>,
        page: &PageRequest<Version>,
    ) -> Result<Option<Page<ReactionView>>, StoreError>;

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

/// The reactions to a message with one emoji, as facts for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReactionFacts {
    /// Whether the user is among those who have reacted so.
    pub has_reacted: bool,
    /// How many have.
    pub count: u64,
}

/// Writes messages that come with another change, and changes them; those that users send go to the
/// [`MessageLog`](super::MessageLog). In all of it the message's conversation is locked by this transaction.
#[async_trait]
pub trait MessageRepository: MessageReader {
    /// Adds a message.
    async fn insert(&self, message: &Message) -> Result<(), StoreError>;

    /// Those of these users who take part in a conversation.
    async fn participants_among(
        &self,
        conversation_id: ConversationId,
        users: &[UserId],
    ) -> Result<Vec<UserId>, StoreError>;

    /// A message of a conversation, whoever asks. For admins who give a reason, and nobody else.
    async fn find_any(&self, conversation_id: ConversationId, id: MessageId) -> Result<Option<Message>, StoreError>;

    /// Replaces a message; [`StoreError::Internal`] where there is none.
    async fn update(&self, message: &Message) -> Result<(), StoreError>;

    /// Keeps what a message said before an edit.
    async fn insert_revision(&self, revision: &Revision) -> Result<(), StoreError>;

    /// Replaces a message by what remains of it, and removes its revisions and reactions.
    async fn erase(&self, message: &Message) -> Result<(), StoreError>;

    /// Hides a message from one of those who see it, for ever. Doing so again changes nothing.
    async fn hide(&self, user: UserId, message: &Message) -> Result<(), StoreError>;

    /// The reactions to a message with one emoji.
    async fn reaction_facts(&self, user: UserId, id: MessageId, emoji: Emoji) -> Result<ReactionFacts, StoreError>;

    /// Adds a user's reaction, with which there are so many with this emoji.
    async fn add_reaction(&self, reaction: &Reaction, count: u64) -> Result<(), StoreError>;

    /// Removes a user's reaction, without which there are so many with this emoji.
    async fn remove_reaction(&self, user: UserId, id: MessageId, emoji: Emoji, count: u64) -> Result<(), StoreError>;
}
