//! A user's place in a conversation.

use std::ops::Deref;

use crate::{
    Conversation, ConversationId, HistoryVisibility, Inconsistent, Message, Seq, Timestamp, UserId, ValueError, Version,
};

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
    /// The user may see the messages after this one.
    pub visible_seq: Seq,
    /// The user may see the changes after this one.
    pub visible_version: Version,
    /// What the user has set for themselves.
    pub preferences: Preferences,
}

/// What users set for themselves in a conversation. Nobody else sees it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Preferences {
    /// Until when nothing is to be made of new messages.
    pub muted_until: Option<Timestamp>,
    /// Whether it is put away.
    pub archived: bool,
    /// Whether it is kept at hand.
    pub pinned: bool,
}

/// A participant who is one no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerParticipant {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// The user.
    pub user_id: UserId,
    /// When the user joined.
    pub joined_at: Timestamp,
    /// The user could see the messages after this one.
    pub visible_seq: Seq,
    /// The user could see the changes after this one.
    pub visible_version: Version,
    /// When the user left, or was removed.
    pub left_at: Timestamp,
    /// The conversation's last message then.
    pub left_seq: Seq,
    /// The conversation's version then, before the change by which the user left.
    pub left_version: Version,
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
            visible_seq: conversation.last_seq,
            visible_version: conversation.version,
            preferences: Preferences::default(),
        })
        .seeing(conversation.history)
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

    /// The same participant, who may see so much of what was said.
    #[must_use]
    pub fn seeing(&self, history: HistoryVisibility) -> Self {
        let (visible_seq, visible_version) = match history {
            HistoryVisibility::FromJoining => (self.joined_seq, self.joined_version),
            HistoryVisibility::FromStart => (Seq::ZERO, Version::ZERO),
        };
        Self(ParticipantState { visible_seq, visible_version, ..self.0.clone() })
    }

    /// The same participant, who owns the group from now on, or does no longer.
    #[must_use]
    pub fn with_membership(&self, membership: Membership) -> Self {
        Self(ParticipantState { membership, ..self.0.clone() })
    }

    /// The same participant with these preferences.
    #[must_use]
    pub fn with_preferences(&self, preferences: Preferences) -> Self {
        Self(ParticipantState { preferences, ..self.0.clone() })
    }

    /// What remains of the participant who leaves the conversation now.
    pub fn leave(&self, conversation: &Conversation, now: Timestamp) -> FormerParticipant {
        FormerParticipant {
            conversation_id: self.conversation_id,
            user_id: self.user_id,
            joined_at: self.joined_at,
            visible_seq: self.visible_seq,
            visible_version: self.visible_version,
            left_at: now,
            left_seq: conversation.last_seq,
            left_version: conversation.version,
        }
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
