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
    /// The last message that has reached one of the user's devices. Whatever is read has been delivered.
    pub last_delivered_seq: Seq,
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
            last_delivered_seq: conversation.last_seq,
        })
    }

    /// The participant that storage kept.
    ///
    /// # Errors
    /// [`Inconsistent`] where the read cursor lies before the joining or beyond what was delivered.
    pub fn restore(state: ParticipantState) -> Result<Self, Inconsistent> {
        if state.last_read_seq < state.joined_seq {
            return Err(Inconsistent { field: "last_read_seq", reason: "joining counts as reading what came before" });
        }
        if state.last_delivered_seq < state.last_read_seq {
            return Err(Inconsistent { field: "last_delivered_seq", reason: "what is read has been delivered" });
        }
        Ok(Self(state))
    }

    /// The same participant, who has read up to `seq`. Reading never goes back: a smaller `seq` changes nothing. Only
    /// [`Participant::unread_from`] goes back.
    ///
    /// # Errors
    /// [`ValueError::OutOfRange`] beyond the conversation's last message.
    pub fn read_up_to(&self, seq: Seq, conversation: &Conversation) -> Result<Self, ValueError> {
        within(seq, Seq::ZERO, conversation)?;
        Ok(self.having_read(seq))
    }

    /// The same participant, whom everything up to `seq` has reached. Delivery never goes back.
    ///
    /// # Errors
    /// [`ValueError::OutOfRange`] beyond the conversation's last message.
    pub fn delivered_up_to(&self, seq: Seq, conversation: &Conversation) -> Result<Self, ValueError> {
        within(seq, Seq::ZERO, conversation)?;
        Ok(Self(ParticipantState { last_delivered_seq: self.last_delivered_seq.max(seq), ..self.0.clone() }))
    }

    /// The same participant, for whom the message at `seq` and what follows it are unread again. What is unread already
    /// stays so; what was delivered stays delivered.
    ///
    /// # Errors
    /// [`ValueError::OutOfRange`] for what was said before the joining, and beyond the conversation's last message.
    pub fn unread_from(&self, seq: Seq, conversation: &Conversation) -> Result<Self, ValueError> {
        within(seq, self.joined_seq.next(), conversation)?;
        let last_read_seq = self.last_read_seq.min(seq.previous());
        Ok(Self(ParticipantState { last_read_seq, ..self.0.clone() }))
    }

    /// The same participant, who has posted this message: they have read what came before it.
    #[must_use]
    pub(crate) fn having_posted(&self, message: &Message) -> Self {
        self.having_read(message.seq)
    }

    fn having_read(&self, seq: Seq) -> Self {
        Self(ParticipantState {
            last_read_seq: self.last_read_seq.max(seq),
            last_delivered_seq: self.last_delivered_seq.max(seq),
            ..self.0.clone()
        })
    }
}

fn within(seq: Seq, min: Seq, conversation: &Conversation) -> Result<(), ValueError> {
    if seq < min || seq > conversation.last_seq {
        return Err(ValueError::OutOfRange { min: min.get(), max: conversation.last_seq.get() });
    }
    Ok(())
}

impl Deref for Participant {
    type Target = ParticipantState;

    fn deref(&self) -> &ParticipantState {
        &self.0
    }
}
