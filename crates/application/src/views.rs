//! What is read on a viewer's behalf.

use confab_domain::{
    Conversation, Emoji, Event, JsonObject, Membership, Message, MessageId, Participant, PersonName, Seq, Timestamp,
    UnreadCount, User, UserId, Version,
};

/// The most participants of each conversation that a list shows where it is asked to; a conversation by itself shows all.
pub const LISTED_PARTICIPANTS: usize = 20;

/// What one user sees of another: never the e-mail address, never the telephone number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserCard {
    /// The user's id.
    pub id: UserId,
    /// Given name.
    pub first_name: PersonName,
    /// Family name.
    pub last_name: PersonName,
    /// Whether the account was deleted: then the name is nobody's.
    pub deleted: bool,
}

/// A user whom the viewer has blocked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockView {
    /// Who it is.
    pub user: UserCard,
    /// Since when.
    pub since: Timestamp,
}

/// A participant as the others see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParticipantView {
    /// Who it is.
    pub user: UserCard,
    /// Owner or member.
    pub membership: Membership,
    /// When they joined.
    pub joined_at: Timestamp,
    /// How far they have read.
    pub last_read_seq: Seq,
    /// How far messages have reached them.
    pub last_delivered_seq: Seq,
}

/// What somebody is in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The conversation.
    pub conversation: Conversation,
    /// Owner or member.
    pub membership: Membership,
}

/// A message with the users to whom it refers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageView {
    /// The message.
    pub message: Message,
    /// Who wrote it.
    pub sender: UserCard,
    /// Those whom it names beside its sender, in the order of [`Message::named`].
    pub named: Vec<UserCard>,
    /// The message that it answers, if it does.
    pub reply_to: Option<Preview>,
    /// The reactions to it, the first kind first.
    pub reactions: Vec<ReactionSummary>,
}

impl MessageView {
    /// A message that answers none, names nobody, and to which nobody has reacted.
    pub const fn plain(message: Message, sender: UserCard) -> Self {
        Self { message, sender, named: Vec::new(), reply_to: None, reactions: Vec::new() }
    }
}

/// The most characters that are shown of a message that another one answers.
pub const EXCERPT_CHARACTERS: usize = 200;

/// A message that another one answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Its id.
    pub id: MessageId,
    /// The message, and who sent it; none where the viewer does not see it.
    pub message: Option<(Message, UserCard)>,
}

/// The reactions to a message with one emoji.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReactionSummary {
    /// The emoji.
    pub emoji: Emoji,
    /// How many have reacted with it.
    pub count: u64,
    /// Whether the viewer is one of them.
    pub mine: bool,
}

/// A user's reaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReactionView {
    /// The conversation's version that it made.
    pub version: Version,
    /// The emoji.
    pub emoji: Emoji,
    /// Whose it is.
    pub user: UserCard,
}

/// A conversation as one of its participants sees it. What hangs on it is never older than its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationView {
    /// The conversation.
    pub conversation: Conversation,
    /// Its participants, by user id: all of them, or in a list as many as were asked for. Where somebody is removed while
    /// it is read, they may be fewer than the conversation then had.
    pub participants: Vec<ParticipantView>,
    /// The viewer's own place in it.
    pub viewer: Participant,
    /// What its owner keeps beside it; none in a list, and where nothing was ever kept.
    pub metadata: Option<JsonObject>,
    /// The other one of a direct conversation.
    pub peer: Option<UserCard>,
    /// Its newest message.
    pub last_message: Option<MessageView>,
    /// How many messages of others the viewer has not read.
    pub unread: UnreadCount,
}

/// One durable change of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "most of them are messages")]
pub enum Entry {
    /// A message, as it is now.
    Message(MessageView),
    /// Anything else.
    Event {
        /// What has changed.
        event: Event,
        /// The cards of the participants whom it adds.
        users: Vec<UserCard>,
        /// The message that it changes, as it is now, where the viewer sees it.
        message: Option<Box<MessageView>>,
    },
}

impl Entry {
    /// The conversation's version that it made.
    pub fn version(&self) -> Version {
        match self {
            Self::Message(view) => view.message.version,
            Self::Event { event, .. } => event.version,
        }
    }
}

/// What has happened in a conversation, as far as a viewer may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// The version that the entries follow: the one that was asked for, or a later one where the viewer may not see what
    /// lies between.
    pub after: Version,
    /// The conversation's version.
    pub version: Version,
    /// The changes, each of the version after the one before, up to the conversation's version or as many as were asked
    /// for.
    pub entries: Vec<Entry>,
}

impl From<&User> for UserCard {
    fn from(user: &User) -> Self {
        Self {
            id: user.id,
            first_name: user.profile.first_name.clone(),
            last_name: user.profile.last_name.clone(),
            deleted: user.deleted_at.is_some(),
        }
    }
}
