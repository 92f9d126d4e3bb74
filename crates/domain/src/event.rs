//! Events: the durable changes of a conversation that are no messages.

use std::ops::Deref;

use crate::{
    ConversationId, Emoji, HistoryVisibility, Inconsistent, JsonObject, MessageId, Reason, Seq, Timestamp, Title,
    UserId, Version,
};

/// What has changed. It tells enough to bring what a client knew up to date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The conversation itself.
    Conversation(ConversationChange),
    /// These users take part from here on.
    ParticipantsAdded {
        /// Who they are, each once, at least one.
        user_ids: Vec<UserId>,
    },
    /// This user takes part no longer: has left, where it is the actor, or was removed.
    ParticipantLeft {
        /// Who it was.
        user_id: UserId,
    },
    /// The group has another owner. Who was it before is a member, if they still take part.
    OwnerChanged {
        /// The new one.
        user_id: UserId,
    },
    /// This message says something else.
    MessageEdited {
        /// Which one.
        message_id: MessageId,
    },
    /// Only the place of this message remains.
    MessageDeleted {
        /// Which one.
        message_id: MessageId,
        /// Why, where an admin has deleted what is not theirs.
        reason: Option<Reason>,
    },
    /// The actor has reacted to this message.
    ReactionAdded {
        /// Which one.
        message_id: MessageId,
        /// How.
        emoji: Emoji,
    },
    /// The actor has taken a reaction to this message back.
    ReactionRemoved {
        /// Which one.
        message_id: MessageId,
        /// Which reaction.
        emoji: Emoji,
    },
    /// It was deleted, and is there for nobody any more.
    ConversationDeleted,
}

impl Change {
    /// Whom it adds to the conversation: users of whom those who take part may know nothing yet.
    pub fn newcomers(&self) -> &[UserId] {
        match self {
            Self::ParticipantsAdded { user_ids } => user_ids,
            Self::Conversation(_)
            | Self::ParticipantLeft { .. }
            | Self::OwnerChanged { .. }
            | Self::MessageEdited { .. }
            | Self::MessageDeleted { .. }
            | Self::ReactionAdded { .. }
            | Self::ReactionRemoved { .. }
            | Self::ConversationDeleted => &[],
        }
    }

    /// The message that it changes. What the message says is in no event: whoever is told of the change is shown it as it
    /// now is.
    pub const fn message_id(&self) -> Option<MessageId> {
        match self {
            Self::MessageEdited { message_id }
            | Self::MessageDeleted { message_id, .. }
            | Self::ReactionAdded { message_id, .. }
            | Self::ReactionRemoved { message_id, .. } => Some(*message_id),
            Self::Conversation(_)
            | Self::ParticipantsAdded { .. }
            | Self::ParticipantLeft { .. }
            | Self::OwnerChanged { .. }
            | Self::ConversationDeleted => None,
        }
    }
}

/// What has changed in a conversation itself; what is `None` has not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConversationChange {
    /// Its title, or `Some(None)` for none.
    pub title: Option<Option<Title>>,
    /// Whether only its owner sends to it.
    pub announcement: Option<bool>,
    /// From where on whoever joins sees what was said.
    pub history: Option<HistoryVisibility>,
    /// Whether it is closed.
    pub closed: Option<bool>,
    /// Its metadata, all of it.
    pub metadata: Option<JsonObject>,
}

/// What is known of an event. Read through [`Event`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventState {
    /// The conversation that has changed.
    pub conversation_id: ConversationId,
    /// The conversation's version that it made.
    pub version: Version,
    /// The conversation's last message at that time. It tells where among the messages the event lies.
    pub seq: Seq,
    /// Who made the change.
    pub actor_id: UserId,
    /// When.
    pub occurred_at: Timestamp,
    /// What has changed.
    pub change: Change,
}

/// A durable change that has its version. Made by [`Conversation::record`](crate::Conversation::record).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event(EventState);

impl Event {
    /// The event that storage kept.
    ///
    /// # Errors
    /// [`Inconsistent`] where messages would have made its version.
    pub fn restore(state: EventState) -> Result<Self, Inconsistent> {
        if state.version.get() <= state.seq.get() {
            return Err(Inconsistent {
                field: "version",
                reason: "each message makes a version, and so does the event",
            });
        }
        Ok(Self(state))
    }

    pub(crate) const fn placed(state: EventState) -> Self {
        Self(state)
    }
}

impl Deref for Event {
    type Target = EventState;

    fn deref(&self) -> &EventState {
        &self.0
    }
}
