//! What has happened in a conversation.

use confab_application::ports::Limit;
use confab_application::views::{Changes, Entry, UserCard};
use confab_domain::{Change, ConversationChange, Event, Version};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::conversations::HistoryName;
use super::{MessageResponse, UserResponse};
use crate::extract::{Faults, page_limit};
use crate::problem::Problem;

/// Which changes to read.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventsQuery {
    /// The version that you know: of the conversation as you read it, or of the last event that you took.
    #[param(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 1)]
    after: i64,
    /// The most events.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
}

impl EventsQuery {
    /// What is asked for, or every parameter that is wrong.
    pub(crate) fn parse(&self) -> Result<(Version, Limit), Problem> {
        let mut faults = Faults::default();
        let after = faults.take("after", Some(self.after), Version::parse);
        let limit = page_limit(&mut faults, self.limit);
        faults.check()?;
        Ok((after.unwrap_or(Version::ZERO), limit))
    }
}

/// What has changed in a conversation, in order and without a gap.
#[derive(Serialize, ToSchema)]
pub(crate) struct EventPage {
    /// The version that the events follow. Where it is greater than the one that you asked for, you may not see what lies
    /// between: read the conversation anew.
    #[schema(example = 1)]
    after: u64,
    /// The conversation's version now. There is more to read where the last of these events has a smaller one.
    #[schema(example = 2)]
    version: u64,
    /// The events, each one version after the one before.
    items: Vec<EventResponse>,
}

impl From<Changes> for EventPage {
    fn from(changes: Changes) -> Self {
        Self {
            after: changes.after.get(),
            version: changes.version.get(),
            items: changes.entries.into_iter().map(Into::into).collect(),
        }
    }
}

/// A durable change of a conversation.
#[derive(Serialize, ToSchema)]
#[schema(as = Event)]
struct EventResponse {
    /// The conversation's version that it made.
    #[schema(minimum = 1, example = 2)]
    version: u64,
    /// Who did it.
    actor_id: Uuid,
    /// When.
    #[schema(format = DateTime, example = "2026-01-31T09:30:00.000000Z")]
    occurred_at: String,
    #[serde(flatten)]
    change: ChangeResponse,
}

/// What has changed. Clients should pass over kinds that they do not know.
#[derive(Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = Change)]
enum ChangeResponse {
    /// A message was sent.
    MessagePosted {
        /// The message, as it is now.
        message: Box<MessageResponse>,
    },
    /// The conversation itself was changed.
    ConversationChanged {
        /// What has changed, with its new values: what is absent has not.
        changes: ConversationChangeResponse,
    },
    /// These users take part from here on.
    ParticipantsAdded {
        /// Who they are.
        users: Vec<UserResponse>,
    },
    /// This user takes part no longer. Whoever left by themselves is the actor.
    ParticipantLeft {
        /// Who it was.
        user_id: Uuid,
    },
    /// The group has another owner; the one before is a member, if they still take part.
    OwnerChanged {
        /// The new owner.
        user_id: Uuid,
    },
    /// A message was edited by its sender.
    MessageEdited {
        /// Which one.
        message_id: Uuid,
        /// The message, as it is now; none where you may not see it.
        #[schema(required = true)]
        message: Option<Box<MessageResponse>>,
    },
    /// A message was deleted for all.
    MessageDeleted {
        /// Which one.
        message_id: Uuid,
        /// The message, as it is now; none where you may not see it.
        #[schema(required = true)]
        message: Option<Box<MessageResponse>>,
        /// Why, where an admin has deleted what is not theirs.
        #[schema(required = true)]
        reason: Option<String>,
    },
    /// The actor has reacted to a message.
    ReactionAdded {
        /// Which one.
        message_id: Uuid,
        /// How.
        #[schema(example = "👍")]
        emoji: String,
        /// The message, as it is now; none where you may not see it.
        #[schema(required = true)]
        message: Option<Box<MessageResponse>>,
    },
    /// The actor has taken a reaction to a message back.
    ReactionRemoved {
        /// Which one.
        message_id: Uuid,
        /// Which reaction.
        #[schema(example = "👍")]
        emoji: String,
        /// The message, as it is now; none where you may not see it.
        #[schema(required = true)]
        message: Option<Box<MessageResponse>>,
    },
    /// It was deleted, and is there for nobody any more.
    ConversationDeleted,
}

/// What has changed in a conversation itself.
#[derive(Serialize, ToSchema)]
#[schema(as = ConversationChange)]
struct ConversationChangeResponse {
    /// Its title, `null` for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, required = false, example = "Analytical engines")]
    title: Option<Option<String>>,
    /// Whether only its owner sends to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    announcement: Option<bool>,
    /// From where on participants see what was said. Whoever now sees more, or less, reads the conversation anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<HistoryName>,
    /// Whether it is closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    closed: Option<bool>,
    /// Its metadata, all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>, required = false)]
    metadata: Option<Box<RawValue>>,
}

impl From<Entry> for EventResponse {
    fn from(entry: Entry) -> Self {
        match entry {
            Entry::Message(view) => Self {
                version: view.message.version.get(),
                actor_id: view.message.sender_id.as_uuid(),
                occurred_at: view.message.sent_at.to_string(),
                change: ChangeResponse::MessagePosted { message: Box::new(view.into()) },
            },
            Entry::Event { event, users, message } => Self {
                version: event.version.get(),
                actor_id: event.actor_id.as_uuid(),
                occurred_at: event.occurred_at.to_string(),
                change: ChangeResponse::of(&event, users, message.map(|message| Box::new((*message).into()))),
            },
        }
    }
}

impl ChangeResponse {
    fn of(event: &Event, users: Vec<UserCard>, message: Option<Box<MessageResponse>>) -> Self {
        match &event.change {
            Change::Conversation(change) => Self::ConversationChanged { changes: change.into() },
            Change::ParticipantsAdded { .. } => {
                Self::ParticipantsAdded { users: users.into_iter().map(Into::into).collect() }
            }
            Change::ParticipantLeft { user_id } => Self::ParticipantLeft { user_id: user_id.as_uuid() },
            Change::OwnerChanged { user_id } => Self::OwnerChanged { user_id: user_id.as_uuid() },
            Change::MessageEdited { message_id } => Self::MessageEdited { message_id: message_id.as_uuid(), message },
            Change::MessageDeleted { message_id, reason } => Self::MessageDeleted {
                message_id: message_id.as_uuid(),
                message,
                reason: reason.as_ref().map(|reason| reason.as_str().to_owned()),
            },
            Change::ReactionAdded { message_id, emoji } => {
                Self::ReactionAdded { message_id: message_id.as_uuid(), emoji: emoji.as_str().to_owned(), message }
            }
            Change::ReactionRemoved { message_id, emoji } => {
                Self::ReactionRemoved { message_id: message_id.as_uuid(), emoji: emoji.as_str().to_owned(), message }
            }
            Change::ConversationDeleted => Self::ConversationDeleted,
        }
    }
}

impl From<&ConversationChange> for ConversationChangeResponse {
    fn from(change: &ConversationChange) -> Self {
        let title = change.title.as_ref();
        let metadata = change.metadata.as_ref();
        Self {
            title: title.map(|title| title.as_ref().map(|title| title.as_str().to_owned())),
            announcement: change.announcement,
            history: change.history.map(Into::into),
            closed: change.closed,
            metadata: metadata.and_then(|metadata| RawValue::from_string(metadata.as_str().to_owned()).ok()),
        }
    }
}
