//! The copy of all that is kept of oneself.

use confab_application::ports::{FormerPlace, Place};
use confab_application::views::BlockView;
use confab_domain::{Content, Message, OutgoingMail, Reaction};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

use super::conversations::KindName;
use super::{AuditEntryResponse, OwnReportResponse, ProfileResponse, RevisionResponse, SessionResponse};

/// All that is kept of you. It is written part by part: where the end is missing, it is not whole.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what is written part by part")]
pub(crate) struct DataExport {
    /// When it was begun.
    #[schema(format = DateTime, example = "2026-01-31T09:30:00.000000Z")]
    exported_at: String,
    /// Your account.
    profile: ProfileResponse,
    /// Your sessions, the newest first.
    sessions: Vec<SessionResponse>,
    /// What happened to your account, the newest first; this copy is the first of it.
    audit: Vec<AuditEntryResponse>,
    /// Mails to your address that wait, or could not be sent.
    mails: Vec<ExportedMail>,
    /// Those whom you have blocked, the newest first.
    blocks: Vec<ExportedBlock>,
    /// The conversations that you take part in, and those that you have left, with your own messages.
    conversations: Vec<ExportedConversation>,
    /// Your reactions to messages.
    reactions: Vec<ExportedReaction>,
    /// The messages that you have deleted for yourself.
    hidden_messages: Vec<Uuid>,
    /// Your reports of messages.
    reports: Vec<OwnReportResponse>,
}

/// A mail that waits.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExportedMail {
    /// What it is about.
    #[schema(example = "password_changed")]
    kind: &'static str,
    /// Where it goes.
    #[schema(format = Email, example = "ada@example.org")]
    email: String,
    /// When it was asked for.
    #[schema(format = DateTime, example = "2026-01-31T09:30:00.000000Z")]
    created_at: String,
}

/// A user whom you have blocked.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExportedBlock {
    /// The user.
    user_id: Uuid,
    /// Since when.
    #[schema(format = DateTime, example = "2026-01-31T09:30:00.000000Z")]
    since: String,
}

/// A conversation that you take part in, or did, with your own messages. What is null is not there, or is over with your
/// leaving.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExportedConversation {
    /// Its id.
    conversation_id: Uuid,
    /// What sort of conversation it is.
    kind: KindName,
    /// Its title.
    #[schema(required = true, example = "Analytical engines")]
    title: Option<String>,
    /// What you are in it: `owner`, `member` or `former`.
    #[schema(example = "member")]
    membership: &'static str,
    /// When you joined.
    #[schema(format = DateTime, example = "2026-01-31T09:30:00.000000Z")]
    joined_at: String,
    /// When you left, or were removed.
    #[schema(required = true, format = DateTime, example = "2026-01-31T09:30:00.000000Z")]
    left_at: Option<String>,
    /// How far you have read.
    #[schema(required = true, minimum = 0, example = 1)]
    last_read_seq: Option<u64>,
    /// How far messages have reached you.
    #[schema(required = true, minimum = 0, example = 1)]
    last_delivered_seq: Option<u64>,
    /// Until when you have muted it.
    #[schema(required = true, format = DateTime, example = "2026-01-31T09:30:00.000000Z")]
    muted_until: Option<String>,
    /// Whether you have put it away.
    #[schema(required = true)]
    archived: Option<bool>,
    /// Whether you keep it at hand.
    #[schema(required = true)]
    pinned: Option<bool>,
    /// Your messages in it, the oldest first. They are written one by one, and come last.
    messages: Vec<ExportedMessage>,
}

/// A message of yours.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExportedMessage {
    /// Its id.
    id: Uuid,
    /// Its place in the conversation.
    #[schema(minimum = 1, example = 1)]
    seq: u64,
    /// `text`, `system` or `deleted`.
    #[schema(example = "text")]
    kind: &'static str,
    /// When the server took it.
    #[schema(format = DateTime, example = "2026-01-31T09:30:00.000000Z")]
    sent_at: String,
    /// Your key against doubling.
    #[schema(required = true)]
    client_message_id: Option<String>,
    /// The text.
    #[schema(example = "Hello, Brian!")]
    body: String,
    /// What your program sent with it.
    #[schema(required = true, value_type = Option<Object>)]
    payload: Option<Box<RawValue>>,
    /// The users whom it mentions.
    mentioned_user_ids: Vec<Uuid>,
    /// The message that it answers.
    #[schema(required = true)]
    reply_to: Option<Uuid>,
    /// When you last edited it.
    #[schema(required = true, format = DateTime, example = "2026-01-31T09:30:00.000000Z")]
    edited_at: Option<String>,
    /// When it was deleted.
    #[schema(required = true, format = DateTime, example = "2026-01-31T09:30:00.000000Z")]
    deleted_at: Option<String>,
    /// What it said before each of its edits, the oldest first. They are written one by one, and come last.
    revisions: Vec<RevisionResponse>,
}

/// A reaction of yours.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExportedReaction {
    /// The message.
    message_id: Uuid,
    /// The emoji.
    #[schema(example = "👍")]
    emoji: &'static str,
}

impl From<OutgoingMail> for ExportedMail {
    fn from(mail: OutgoingMail) -> Self {
        let email = mail.email.as_str().to_owned();
        Self { kind: mail.kind.as_str(), email, created_at: mail.created_at.to_string() }
    }
}

impl From<BlockView> for ExportedBlock {
    fn from(block: BlockView) -> Self {
        Self { user_id: block.user.id.as_uuid(), since: block.since.to_string() }
    }
}

impl From<Place> for ExportedConversation {
    fn from(place: Place) -> Self {
        let participant = place.participant;
        Self {
            conversation_id: participant.conversation_id.as_uuid(),
            kind: place.kind.into(),
            title: place.title.map(|title| title.as_str().to_owned()),
            membership: participant.membership.as_str(),
            joined_at: participant.joined_at.to_string(),
            left_at: None,
            last_read_seq: Some(participant.last_read_seq.get()),
            last_delivered_seq: Some(participant.last_delivered_seq.get()),
            muted_until: participant.preferences.muted_until.map(|until| until.to_string()),
            archived: Some(participant.preferences.archived),
            pinned: Some(participant.preferences.pinned),
            messages: Vec::new(),
        }
    }
}

impl From<FormerPlace> for ExportedConversation {
    fn from(place: FormerPlace) -> Self {
        Self {
            conversation_id: place.participant.conversation_id.as_uuid(),
            kind: place.kind.into(),
            title: None,
            membership: "former",
            joined_at: place.participant.joined_at.to_string(),
            left_at: Some(place.participant.left_at.to_string()),
            last_read_seq: None,
            last_delivered_seq: None,
            muted_until: None,
            archived: None,
            pinned: None,
            messages: Vec::new(),
        }
    }
}

impl From<Message> for ExportedMessage {
    fn from(message: Message) -> Self {
        let text = message.text();
        let (kind, deleted_at) = match &message.content {
            Content::Text(_) => ("text", None),
            Content::System(_) => ("system", None),
            Content::Deleted(deleted) => ("deleted", Some(deleted.at.to_string())),
        };
        // It was JSON when it was taken.
        let payload = text.and_then(|text| text.payload.as_ref());
        let payload = payload.and_then(|payload| RawValue::from_string(payload.as_str().to_owned()).ok());
        let mentioned = text.map(|text| text.mentioned.as_slice()).unwrap_or_default();
        Self {
            id: message.id.as_uuid(),
            seq: message.seq.get(),
            kind,
            sent_at: message.sent_at.to_string(),
            client_message_id: message.client_message_id.as_ref().map(|key| key.as_str().to_owned()),
            body: message.body().to_owned(),
            payload,
            mentioned_user_ids: mentioned.iter().map(|id| id.as_uuid()).collect(),
            reply_to: message.reply_to_id.map(confab_domain::MessageId::as_uuid),
            edited_at: text.and_then(|text| text.edited).map(|edited| edited.at.to_string()),
            deleted_at,
            revisions: Vec::new(),
        }
    }
}

impl From<Reaction> for ExportedReaction {
    fn from(reaction: Reaction) -> Self {
        Self { message_id: reaction.message_id.as_uuid(), emoji: reaction.emoji.as_str() }
    }
}
