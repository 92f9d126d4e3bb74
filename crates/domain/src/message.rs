//! Messages.

use std::ops::Deref;

use crate::{ClientMessageId, ConversationId, Inconsistent, MessageBody, MessageId, Seq, Timestamp, UserId, Version};

/// What is known of a message. Read through [`Message`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageState {
    /// The message's id.
    pub id: MessageId,
    /// The conversation that it belongs to.
    pub conversation_id: ConversationId,
    /// Its place in the conversation.
    pub seq: Seq,
    /// The conversation's version that it made.
    pub version: Version,
    /// Who wrote it.
    pub sender_id: UserId,
    /// Its text.
    pub body: MessageBody,
    /// The sender's key against doubling.
    pub client_message_id: Option<ClientMessageId>,
    /// When the server took it. Never earlier than the message before it.
    pub sent_at: Timestamp,
}

/// A message that has its place. Made by [`Conversation::post`](crate::Conversation::post).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message(MessageState);

/// A message that has no place yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The id that the message will have.
    pub id: MessageId,
    /// Who writes it.
    pub sender_id: UserId,
    /// Its text.
    pub body: MessageBody,
    /// The sender's key against doubling.
    pub client_message_id: Option<ClientMessageId>,
}

impl Message {
    /// The message that storage kept.
    ///
    /// # Errors
    /// [`Inconsistent`] where it has no place in its conversation.
    pub fn restore(state: MessageState) -> Result<Self, Inconsistent> {
        if state.seq == Seq::ZERO {
            return Err(Inconsistent { field: "seq", reason: "a message's seq starts at 1" });
        }
        if state.version.get() < state.seq.get() {
            return Err(Inconsistent { field: "version", reason: "each message makes a version" });
        }
        Ok(Self(state))
    }

    pub(crate) const fn placed(state: MessageState) -> Self {
        Self(state)
    }

    /// Whether sending this draft again would say the same thing as this message.
    pub fn says_the_same_as(&self, draft: &Draft) -> bool {
        self.sender_id == draft.sender_id && self.body == draft.body
    }
}

impl Deref for Message {
    type Target = MessageState;

    fn deref(&self) -> &MessageState {
        &self.0
    }
}
