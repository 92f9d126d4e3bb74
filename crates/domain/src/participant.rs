//! A user's place in a conversation.

use std::ops::Deref;

use crate::{Conversation, ConversationId, Inconsistent, Message, Seq, Timestamp, UserId, ValueError, Version};

/// What a participant is in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Membership {
    /// Made the group, and organises it.
    Owner,
    /// Takes part.
    Member,
}

impl Membership {
    /// Reads a membership's name.
    ///
    /// # Errors
    /// [`ValueError::Malformed`] for any other text.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        match text {
            "owner" => Ok(Self::Owner),
            "member" => Ok(Self::Member),
            _ => Err(ValueError::Malformed { expected: "one of owner, member" }),
        }
    }

    /// The membership's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Member => "member",
        }
    }
}

/// What is known of a participant. Read through [`Participant`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParticipantState {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// The user.
    pub user_id: UserId,
    /// Owner or member.
    pub membership: Membership,
    /// When the user joined.
    pub joined_at: Timestamp,
    /// The conversation's last message at that time.
    pub joined_seq: Seq,
    /// The conversation's version just before that. What is later, the user may see.
    pub joined_version: Version,
    /// The last message that the user has read.
    pub last_read_seq: Seq,
}

/// A user's place in a conversation, and how far the user has read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant(ParticipantState);

impl Participant {
    /// A user who joins a conversation now. What was said before counts as read.
    pub fn join(conversation: &Conversation, user_id: UserId, membership: Membership, now: Timestamp) -> Self {
        Self(ParticipantState {
            conversation_id: conversation.id,
            user_id,
            membership,
            joined_at: now,
            joined_seq: conversation.last_seq,
            joined_version: conversation.version,
            last_read_seq: conversation.last_seq,
        })
    }

    /// The participant that storage kept.
    ///
    /// # Errors
    /// [`Inconsistent`] where the read cursor lies before the joining.
    pub fn restore(state: ParticipantState) -> Result<Self, Inconsistent> {
        if state.last_read_seq < state.joined_seq {
            return Err(Inconsistent { field: "last_read_seq", reason: "joining counts as reading what came before" });
        }
        Ok(Self(state))
    }

    /// The same participant, who has read up to `seq`. Reading never goes back: a smaller `seq` changes nothing.
    ///
    /// # Errors
    /// [`ValueError::OutOfRange`] beyond the conversation's last message.
    pub fn read_up_to(&self, seq: Seq, conversation: &Conversation) -> Result<Self, ValueError> {
        if seq > conversation.last_seq {
            return Err(ValueError::OutOfRange { min: 0, max: conversation.last_seq.get() });
        }
        Ok(Self(ParticipantState { last_read_seq: self.last_read_seq.max(seq), ..self.0.clone() }))
    }

    /// The same participant, who has posted this message: they have read what came before it.
    #[must_use]
    pub(crate) fn having_posted(&self, message: &Message) -> Self {
        Self(ParticipantState { last_read_seq: self.last_read_seq.max(message.seq), ..self.0.clone() })
    }

    /// How many messages the user has not read. Whoever posts has read what came before, so none of them are the
    /// user's own.
    pub fn unread_count(&self, conversation: &Conversation) -> u64 {
        conversation.last_seq.get().saturating_sub(self.last_read_seq.get())
    }
}

impl Deref for Participant {
    type Target = ParticipantState;

    fn deref(&self) -> &ParticipantState {
        &self.0
    }
}
