//! What is kept of a user, whole.

use async_trait::async_trait;
use confab_domain::{
    ConversationId, ConversationKind, EmailAddress, FormerParticipant, Message, MessageId, OutgoingMail, Participant,
    Reaction, Report, Revision, Seq, Title, UserId, Version,
};

use super::{Limit, StoreError};

/// A user's place in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The place.
    pub participant: Participant,
    /// What sort of conversation it is.
    pub kind: ConversationKind,
    /// Its title.
    pub title: Option<Title>,
    /// Its last message.
    pub last_seq: Seq,
}

/// A place that a user had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerPlace {
    /// The place.
    pub participant: FormerParticipant,
    /// What sort of conversation it is.
    pub kind: ConversationKind,
}

/// Reads all that is the viewer's own, in the conversations that they have left too: part by part, each in the order of its
/// key, and what follows a key.
#[async_trait]
pub trait ExportReader: Send + Sync {
    /// Their places, by the conversation.
    async fn places(
        &self,
        viewer: UserId,
        after: Option<ConversationId>,
        limit: Limit,
    ) -> Result<Vec<Place>, StoreError>;

    /// The places that they had, by the conversation.
    async fn former_places(
        &self,
        viewer: UserId,
        after: Option<ConversationId>,
        limit: Limit,
    ) -> Result<Vec<FormerPlace>, StoreError>;

    /// The messages of a conversation that they have sent, of those after one seq and up to another.
    async fn own_messages(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        after: Seq,
        up_to: Seq,
        limit: Limit,
    ) -> Result<Vec<Message>, StoreError>;

    /// What a message of theirs said before its edits, the oldest first.
    async fn own_revisions(
        &self,
        viewer: UserId,
        id: MessageId,
        after: Version,
        limit: Limit,
    ) -> Result<Vec<Revision>, StoreError>;

    /// Their reactions, by message and version.
    async fn own_reactions(
        &self,
        viewer: UserId,
        after: Option<(MessageId, Version)>,
        limit: Limit,
    ) -> Result<Vec<Reaction>, StoreError>;

    /// The messages that they have deleted for themselves.
    async fn hidden_messages(
        &self,
        viewer: UserId,
        after: Option<MessageId>,
        limit: Limit,
    ) -> Result<Vec<MessageId>, StoreError>;

    /// Their reports of messages, by the message.
    async fn own_reports(
        &self,
        viewer: UserId,
        after: Option<MessageId>,
        limit: Limit,
    ) -> Result<Vec<Report>, StoreError>;

    /// The mails to an address that wait, or were given up: at most one of each kind.
    async fn mails_to(&self, email: &EmailAddress) -> Result<Vec<OutgoingMail>, StoreError>;
}
