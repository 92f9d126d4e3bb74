//! Conversations and their participants.

use async_trait::async_trait;
use confab_domain::{Conversation, ConversationId, ConversationKind, DirectPair, Participant, Timestamp, UserId};

use super::{Page, PageRequest, StoreError};
use crate::views::ConversationView;

/// Which of the viewer's conversations to list; each condition that is there must hold.
#[derive(Debug, Clone, Default)]
pub struct ConversationFilter {
    /// This user takes part as well.
    pub participant_id: Option<UserId>,
    /// It is of this kind.
    pub kind: Option<ConversationKind>,
    /// Its title has this text in it, without regard to case: [`Title::search_key`](confab_domain::Title::search_key)
    /// of one within that of the other. The text is as it was typed: adapters make its key. No character is special.
    pub title_contains: Option<String>,
}

/// A conversation's place in a list: newest activity first, and among equals the greater id first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ActivityKey {
    /// When something last happened in it.
    pub last_activity_at: Timestamp,
    /// Its id.
    pub id: ConversationId,
}

impl ActivityKey {
    /// The place of this conversation.
    pub fn of(conversation: &Conversation) -> Self {
        Self { last_activity_at: conversation.last_activity_at, id: conversation.id }
    }
}

/// Which participants a list shows of each conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Participants {
    /// None: they are the greater part of the work.
    #[default]
    None,
    /// The first [`LISTED_PARTICIPANTS`](crate::views::LISTED_PARTICIPANTS), by user id.
    First,
}

/// Reads conversations on behalf of one of their participants.
#[async_trait]
pub trait ConversationReader: Send + Sync {
    /// The conversation with all its participants, if the viewer takes part in it.
    async fn find(&self, viewer: UserId, id: ConversationId) -> Result<Option<ConversationView>, StoreError>;

    /// The viewer's conversations, in the order of [`ActivityKey`], each with those of its participants.
    async fn list(
        &self,
        viewer: UserId,
        filter: &ConversationFilter,
        page: &PageRequest<ActivityKey>,
        participants: Participants,
    ) -> Result<Page<ConversationView>, StoreError>;

    /// How many messages of others the viewer has not read, in all conversations together. Counts no further than
    /// [`UnreadCount::MOST`](confab_domain::UnreadCount::MOST), and in each conversation as
    /// [`count_unread`](ConversationRepository::count_unread) does.
    async fn count_all_unread(&self, viewer: UserId) -> Result<u64, StoreError>;
}

/// Writes conversations. What it reads are facts for a judgement, whoever asks.
#[async_trait]
pub trait ConversationRepository: ConversationReader {
    /// Adds a conversation with its participants, of whom the conversation tells how many they are.
    async fn insert(&self, conversation: &Conversation, participants: &[Participant]) -> Result<(), StoreError>;

    /// The conversation, if the viewer takes part in it, locked until the transaction ends: no other transaction gives a
    /// seq or a version meanwhile, or changes who takes part. Where the viewer does not, nothing is locked or waited for:
    /// a stranger could tell a busy conversation from none, and hold up those who are in it. Whoever locks several locks
    /// them in the order of their ids.
    async fn find_for_update(&self, viewer: UserId, id: ConversationId) -> Result<Option<Conversation>, StoreError>;

    /// The conversation as it is now, not to be written back.
    async fn peek(&self, id: ConversationId) -> Result<Option<Conversation>, StoreError>;

    /// The conversation of two users.
    async fn find_direct(&self, pair: DirectPair) -> Result<Option<ConversationId>, StoreError>;

    /// Replaces a conversation that was [found for update](Self::find_for_update); [`StoreError::Internal`] where there is
    /// none.
    async fn update(&self, conversation: &Conversation) -> Result<(), StoreError>;

    /// A user's place in a conversation, locked until the transaction ends. Whoever locks both locks the conversation
    /// first.
    async fn find_participant_for_update(
        &self,
        conversation_id: ConversationId,
        user_id: UserId,
    ) -> Result<Option<Participant>, StoreError>;

    /// Replaces a participant that was [found for update](Self::find_participant_for_update); [`StoreError::Internal`]
    /// where there is none.
    async fn update_participant(&self, participant: &Participant) -> Result<(), StoreError>;

    /// How many messages of others lie after the participant's read cursor. Counts no further than
    /// [`UnreadCount::MOST`](confab_domain::UnreadCount::MOST), and looks no further than
    /// [`UnreadCount::WINDOW`](confab_domain::UnreadCount::WINDOW) after the cursor.
    async fn count_unread(&self, participant: &Participant) -> Result<u64, StoreError>;

    /// Moves the user's cursors to the end of every conversation that they are in, in one statement, and tells in how many
    /// they were not there. No cursor goes back, whoever moves one at the same time.
    async fn mark_all_read(&self, user: UserId) -> Result<u64, StoreError>;
}
