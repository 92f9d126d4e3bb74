//! Conversations and their participants.

use async_trait::async_trait;
use confab_domain::{
    Conversation, ConversationId, ConversationKind, DirectPair, FormerParticipant, JsonObject, Membership, Participant,
    Sender, Timestamp, UserId,
};

use super::{Limit, Page, PageRequest, StoreError};
use crate::views::{ConversationView, ParticipantView, Standing};

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
    /// Whether there is something in it that the viewer has not read.
    pub unread: Option<bool>,
    /// Whether the viewer has put it away.
    pub archived: Option<bool>,
    /// Whether the viewer keeps it at hand.
    pub pinned: Option<bool>,
    /// Whether the viewer has muted it.
    pub muted: Option<Muted>,
    /// Something in it has changed then or later.
    pub updated_since: Option<Timestamp>,
}

impl ConversationFilter {
    /// Whether it wants something that the viewer has marked, which is little beside the rest.
    pub fn is_of_marked(&self) -> bool {
        let Self { archived, pinned, muted, .. } = self;
        *archived == Some(true) || *pinned == Some(true) || muted.is_some_and(|muted| muted.wanted)
    }

    /// Whether it wants all.
    pub const fn is_of_all(&self) -> bool {
        let Self { participant_id, kind, title_contains, unread, archived, pinned, muted, updated_since } = self;
        participant_id.is_none()
            && kind.is_none()
            && title_contains.is_none()
            && unread.is_none()
            && archived.is_none()
            && pinned.is_none()
            && muted.is_none()
            && updated_since.is_none()
    }
}

/// Whether conversations are muted at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Muted {
    /// Those that are, or the others.
    pub wanted: bool,
    /// The time.
    pub at: Timestamp,
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

    /// How many of the viewer's conversations a filter wants, counted up to `most`.
    async fn count(&self, viewer: UserId, filter: &ConversationFilter, most: u64) -> Result<u64, StoreError>;

    /// The viewer's conversations, in the order of [`ActivityKey`], each with those of its participants.
    async fn list(
        &self,
        viewer: UserId,
        filter: &ConversationFilter,
        page: &PageRequest<ActivityKey>,
        participants: Participants,
    ) -> Result<Page<ConversationView>, StoreError>;

    /// The first of the viewer's conversations that are there for them to leave: groups, and direct ones that are not closed.
    async fn list_to_leave(&self, viewer: UserId, limit: Limit) -> Result<Vec<ConversationId>, StoreError>;

    /// The participants of a conversation, by user id, perhaps only those with a membership; none where the viewer does not
    /// take part in it.
    async fn participants(
        &self,
        viewer: UserId,
        id: ConversationId,
        membership: Option<Membership>,
        page: &PageRequest<UserId>,
    ) -> Result<Option<Page<ParticipantView>>, StoreError>;

    /// What the viewer is in a conversation; none where they do not take part in it.
    async fn standing(&self, viewer: UserId, id: ConversationId) -> Result<Option<Standing>, StoreError>;

    /// How many messages of others the viewer has not read, in all conversations together that are not muted now. Counts no further than
    /// [`UnreadCount::MOST`](confab_domain::UnreadCount::MOST), and in each conversation as
    /// [`count_unread`](ConversationRepository::count_unread) does.
    async fn count_all_unread(&self, viewer: UserId, now: Timestamp) -> Result<u64, StoreError>;
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

    /// The conversation, locked likewise, whoever asks; none where it is deleted. For admins who give a reason, and nobody
    /// else.
    async fn find_any_for_update(&self, id: ConversationId) -> Result<Option<Conversation>, StoreError>;

    /// What its owner keeps beside a conversation.
    async fn find_metadata(&self, id: ConversationId) -> Result<Option<JsonObject>, StoreError>;

    /// Keeps this beside a conversation, in place of what is there.
    async fn put_metadata(&self, id: ConversationId, metadata: &JsonObject) -> Result<(), StoreError>;

    /// Everyone in a conversation, by user id, with their accounts' standing. The conversation is locked.
    async fn find_participants(&self, id: ConversationId) -> Result<Vec<Sender>, StoreError>;

    /// Adds participants to a conversation that is locked. They are no former participants any more.
    async fn insert_participants(&self, participants: &[Participant]) -> Result<(), StoreError>;

    /// Makes a former participant of one, in a conversation that is locked; [`StoreError::Internal`] where there is none.
    async fn remove_participant(&self, former: &FormerParticipant) -> Result<(), StoreError>;

    /// Makes former participants of all, in a conversation that is locked, who leave it as it is then.
    async fn remove_all_participants(&self, conversation: &Conversation, now: Timestamp) -> Result<(), StoreError>;

    /// Lets the participants of a locked conversation see of its history what it says.
    async fn update_visibility(&self, conversation: &Conversation) -> Result<(), StoreError>;

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
