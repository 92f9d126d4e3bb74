//! Messages.

use std::ops::Deref;

use crate::{
    ClientMessageId, ConversationId, Inconsistent, JsonObject, Mention, MessageBody, MessageId, Revision, Seq,
    SystemMessage, Timestamp, UserId, Version,
};

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
    /// Who wrote it, or did what a system message tells.
    pub sender_id: UserId,
    /// What it says.
    pub content: Content,
    /// The message of the same conversation that it answers.
    pub reply_to_id: Option<MessageId>,
    /// The sender's key against doubling.
    pub client_message_id: Option<ClientMessageId>,
    /// When the server took it. Never earlier than the message before it.
    pub sent_at: Timestamp,
    /// With how many different emoji there are reactions to it.
    pub reaction_kinds: u32,
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// What a user has written.
    Text(MessageText),
    /// What has happened to the conversation.
    System(SystemMessage),
    /// Nothing any more: it was deleted, and only its place remains.
    Deleted(Deleted),
}

/// What a user has written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageText {
    /// The text.
    pub body: MessageBody,
    /// What programs send with it.
    pub payload: Option<JsonObject>,
    /// Whom it mentions: users who took part when it was written, each once.
    pub mentioned: Vec<UserId>,
    /// Its last edit.
    pub edited: Option<Edited>,
}

/// An edit of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edited {
    /// The conversation's version that it made.
    pub version: Version,
    /// When.
    pub at: Timestamp,
}

/// The deletion of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deleted {
    /// The conversation's version that it made.
    pub version: Version,
    /// When.
    pub at: Timestamp,
}

/// A message that has its place. Made by [`Conversation::post`](crate::Conversation::post) and
/// [`Conversation::announce`](crate::Conversation::announce).
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
    /// What programs send with it.
    pub payload: Option<JsonObject>,
    /// Whom it may mention, each once: those who take part when it gets its place are [mentioned](MessageText::mentioned).
    pub mentioned: Vec<UserId>,
    /// The message that it answers.
    pub reply_to_id: Option<MessageId>,
    /// The sender's key against doubling.
    pub client_message_id: Option<ClientMessageId>,
}

impl Draft {
    /// A draft of this text, and nothing else.
    pub fn new(id: MessageId, sender_id: UserId, body: MessageBody) -> Self {
        let mut mentioned: Vec<UserId> = body.mentions().map(|mention| mention.user_id).collect();
        mentioned.sort_unstable();
        mentioned.dedup();
        Self { id, sender_id, body, payload: None, mentioned, reply_to_id: None, client_message_id: None }
    }
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

    /// What a user has written, if that is what it is, and still is.
    pub const fn text(&self) -> Option<&MessageText> {
        match &self.0.content {
            Content::Text(text) => Some(text),
            Content::System(_) | Content::Deleted(_) => None,
        }
    }

    /// The text; empty for a system message, and for one that was deleted.
    pub fn body(&self) -> &str {
        self.text().map_or("", |text| text.body.as_str())
    }

    /// Where the text mentions users who took part when it was written.
    pub fn mentions(&self) -> impl Iterator<Item = Mention> + '_ {
        let text = self.text().filter(|text| !text.mentioned.is_empty());
        text.into_iter()
            .flat_map(|text| text.body.mentions().filter(|mention| text.mentioned.contains(&mention.user_id)))
    }

    /// The users whom it names beside its sender.
    pub fn named(&self) -> &[UserId] {
        match &self.0.content {
            Content::Text(text) => &text.mentioned,
            Content::System(system) => system.user_ids(),
            Content::Deleted(_) => &[],
        }
    }

    /// The conversation's version at which it began to say what it says.
    pub const fn content_version(&self) -> Version {
        match &self.0.content {
            Content::Text(MessageText { edited: Some(edited), .. }) => edited.version,
            Content::Text(_) | Content::System(_) => self.0.version,
            Content::Deleted(deleted) => deleted.version,
        }
    }

    /// The message as it was at a version, when it had this revision if it has been edited since: without reactions, and if it has been
    /// edited since with no other mentions than it still has, for neither are kept as they were. One that was deleted stays so.
    ///
    /// # Errors
    /// [`Inconsistent`] where what it said then is not given.
    pub fn as_of(&self, version: Version, revision: Option<&Revision>) -> Result<Self, Inconsistent> {
        let mut then = MessageState { reaction_kinds: 0, ..self.0.clone() };
        if let Content::Text(text) = &mut then.content
            && self.content_version() > version
        {
            let revision = revision.filter(|revision| revision.version <= version);
            let revision =
                revision.ok_or(Inconsistent { field: "edited", reason: "what it said before is not kept" })?;
            let was_edited = revision.version > self.version;
            text.mentioned.retain(|id| revision.body.mentions().any(|mention| mention.user_id == *id));
            text.body = revision.body.clone();
            text.payload.clone_from(&revision.payload);
            text.edited = was_edited.then_some(Edited { version: revision.version, at: revision.written_at });
        }
        Ok(Self(then))
    }

    /// Its first so many characters.
    pub fn excerpt(&self, characters: usize) -> &str {
        let body = self.body();
        body.char_indices().nth(characters).and_then(|(end, _)| body.get(..end)).unwrap_or(body)
    }

    /// Whether sending this draft again would say the same thing as this message said when it was sent, where that was the
    /// original, if it was edited since. What a deleted one said nobody knows any more.
    pub fn says_the_same_as(&self, draft: &Draft, original: Option<&Revision>) -> bool {
        let says = |body: &MessageBody, payload: &Option<JsonObject>| {
            *body == draft.body && *payload == draft.payload && self.reply_to_id == draft.reply_to_id
        };
        self.sender_id == draft.sender_id
            && match (&self.content, original) {
                (Content::Text(MessageText { edited: Some(_), .. }), Some(original)) => {
                    says(&original.body, &original.payload)
                }
                (Content::Text(text), _) => says(&text.body, &text.payload),
                (Content::Deleted(_), _) => true,
                (Content::System(_), _) => false,
            }
    }
}

impl Deref for Message {
    type Target = MessageState;

    fn deref(&self) -> &MessageState {
        &self.0
    }
}
