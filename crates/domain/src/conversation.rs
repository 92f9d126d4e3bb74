//! Conversations, and the one order of their messages.

use std::ops::Deref;

use crate::{
    Change, Content, ConversationChange, ConversationId, Draft, Event, EventState, Inconsistent, Message, MessageId,
    MessageState, MessageText, Seq, SystemMessage, Timestamp, Title, UserId, ValueError, Version,
};

/// The most participants of a group, its owner included.
pub const MAX_PARTICIPANTS: usize = 1000;

/// What sort of conversation it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConversationKind {
    /// Between two users, for ever: a pair has one.
    Direct,
    /// Between any number, with an owner and perhaps a title.
    Group,
}

impl ConversationKind {
    /// Reads a kind's name.
    ///
    /// # Errors
    /// [`ValueError::Malformed`] for any other text.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        match text {
            "direct" => Ok(Self::Direct),
            "group" => Ok(Self::Group),
            _ => Err(ValueError::Malformed { expected: "one of direct, group" }),
        }
    }

    /// The kind's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Group => "group",
        }
    }
}

/// The two users of a direct conversation, in one order whoever starts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DirectPair {
    low: UserId,
    high: UserId,
}

impl DirectPair {
    /// The pair of two users; none where they are the same one.
    pub fn new(one: UserId, other: UserId) -> Option<Self> {
        (one != other).then(|| Self { low: one.min(other), high: one.max(other) })
    }

    /// The user with the smaller id.
    pub const fn low(self) -> UserId {
        self.low
    }

    /// The user with the larger id.
    pub const fn high(self) -> UserId {
        self.high
    }

    /// The other one than this user.
    pub fn other(self, one: UserId) -> UserId {
        if one == self.low { self.high } else { self.low }
    }
}

/// From where on whoever joins a group sees what was said in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HistoryVisibility {
    /// From their joining.
    FromJoining,
    /// From its start.
    FromStart,
}

impl HistoryVisibility {
    /// Reads a name.
    ///
    /// # Errors
    /// [`ValueError::Malformed`] for any other text.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        match text {
            "from_joining" => Ok(Self::FromJoining),
            "from_start" => Ok(Self::FromStart),
            _ => Err(ValueError::Malformed { expected: "one of from_joining, from_start" }),
        }
    }

    /// The name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FromJoining => "from_joining",
            Self::FromStart => "from_start",
        }
    }
}

/// What is known of a conversation. Read through [`Conversation`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationState {
    /// The conversation's id.
    pub id: ConversationId,
    /// The two users, where it is a direct one; a group has none.
    pub pair: Option<DirectPair>,
    /// A group's title.
    pub title: Option<Title>,
    /// Who started it.
    pub creator_id: UserId,
    /// How many take part. Kept here, so that nobody has to count them.
    pub participant_count: u64,
    /// The seq of its last message; 0 before the first.
    pub last_seq: Seq,
    /// The number of its durable changes.
    pub version: Version,
    /// When it was started.
    pub created_at: Timestamp,
    /// When its last message was sent, or when it was started.
    pub last_activity_at: Timestamp,
    /// When anything but its messages last changed, or when it was started.
    pub changed_at: Timestamp,
    /// The version at which what its owner can edit last changed.
    pub edited_version: Version,
    /// From where on whoever joins sees what was said.
    pub history: HistoryVisibility,
    /// Whether only its owner sends to it.
    pub announcement: bool,
    /// Since when nobody sends to it, if it is closed.
    pub closed_at: Option<Timestamp>,
    /// Since when it is there for nobody, if it was deleted.
    pub deleted_at: Option<Timestamp>,
    /// Whether one of the two of a direct one has blocked the other, whichever. Of no group.
    pub blocked: bool,
}

/// A conversation, which gives its messages their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation(ConversationState);

impl Conversation {
    /// A new conversation between two.
    pub fn start_direct(id: ConversationId, creator_id: UserId, pair: DirectPair, now: Timestamp) -> Self {
        Self::start(id, creator_id, Some(pair), None, 2, now)
    }

    /// A new group of so many participants, its creator included.
    pub fn create_group(
        id: ConversationId,
        creator_id: UserId,
        title: Option<Title>,
        participant_count: u64,
        now: Timestamp,
    ) -> Self {
        Self::start(id, creator_id, None, title, participant_count, now)
    }

    fn start(
        id: ConversationId,
        creator_id: UserId,
        pair: Option<DirectPair>,
        title: Option<Title>,
        participant_count: u64,
        now: Timestamp,
    ) -> Self {
        Self(ConversationState {
            id,
            pair,
            title,
            creator_id,
            participant_count,
            last_seq: Seq::ZERO,
            version: Version::ZERO,
            created_at: now,
            last_activity_at: now,
            changed_at: now,
            edited_version: Version::ZERO,
            history: HistoryVisibility::FromJoining,
            announcement: false,
            closed_at: None,
            deleted_at: None,
            blocked: false,
        })
    }

    /// The conversation that storage kept.
    ///
    /// # Errors
    /// [`Inconsistent`] where a direct one has a title, a group is blocked, or a message made no version.
    pub fn restore(state: ConversationState) -> Result<Self, Inconsistent> {
        if state.pair.is_some() && state.title.is_some() {
            return Err(Inconsistent { field: "title", reason: "a direct conversation has no title" });
        }
        if state.pair.is_none() && state.blocked {
            return Err(Inconsistent { field: "blocked", reason: "only a direct conversation is blocked" });
        }
        if state.version.get() < state.last_seq.get() {
            return Err(Inconsistent { field: "version", reason: "each message makes a version" });
        }
        Ok(Self(state))
    }

    pub(crate) const fn placed(state: ConversationState) -> Self {
        Self(state)
    }

    /// How many durable changes it has had that were no messages.
    pub const fn changes(&self) -> u64 {
        self.0.version.get().saturating_sub(self.0.last_seq.get())
    }

    /// Whether it is direct or a group.
    pub const fn kind(&self) -> ConversationKind {
        match self.0.pair {
            Some(_) => ConversationKind::Direct,
            None => ConversationKind::Group,
        }
    }

    /// The conversation with one more message, and that message. Times never run backwards within a conversation,
    /// even where the clocks of two servers disagree.
    #[must_use]
    pub fn post(&self, draft: Draft, now: Timestamp) -> (Self, Message) {
        let Draft { id, sender_id, body, payload, mentioned, reply_to_id, client_message_id } = draft;
        let content = Content::Text(MessageText { body, payload, mentioned, edited: None });
        let (conversation, message) = self.place(id, sender_id, content, now);
        (conversation, Message::placed(MessageState { reply_to_id, client_message_id, ..message }))
    }

    /// The conversation with one more message that tells what has happened to it, and that message. Whoever did it is the
    /// sender.
    #[must_use]
    pub fn announce(&self, id: MessageId, sender_id: UserId, system: SystemMessage, now: Timestamp) -> (Self, Message) {
        let (conversation, message) = self.place(id, sender_id, Content::System(system), now);
        (conversation, Message::placed(message))
    }

    fn place(&self, id: MessageId, sender_id: UserId, content: Content, now: Timestamp) -> (Self, MessageState) {
        let state = ConversationState {
            last_seq: self.last_seq.next(),
            version: self.version.next(),
            last_activity_at: self.last_activity_at.max(now),
            ..self.0.clone()
        };
        let message = MessageState {
            id,
            conversation_id: state.id,
            seq: state.last_seq,
            version: state.version,
            sender_id,
            content,
            reply_to_id: None,
            client_message_id: None,
            sent_at: state.last_activity_at,
            reaction_kinds: 0,
        };
        (Self(state), message)
    }

    /// When anything of it last changed, messages included.
    pub fn updated_at(&self) -> Timestamp {
        self.changed_at.max(self.last_activity_at)
    }

    /// The conversation with this change made, and what of the change was one, to be [recorded](Self::record) next; none where
    /// nothing was. Metadata is kept beside the conversation: whoever changes it compares it.
    #[must_use]
    pub fn with(&self, change: ConversationChange, now: Timestamp) -> Option<(Self, ConversationChange)> {
        let mut state = self.0.clone();
        let made = ConversationChange {
            title: change.title.filter(|title| *title != state.title),
            announcement: change.announcement.filter(|announcement| *announcement != state.announcement),
            history: change.history.filter(|history| *history != state.history),
            closed: change.closed.filter(|closed| *closed != state.closed_at.is_some()),
            metadata: change.metadata,
        };
        if made == ConversationChange::default() {
            return None;
        }
        if let Some(title) = &made.title {
            state.title.clone_from(title);
        }
        state.edited_version = self.version.next();
        state.announcement = made.announcement.unwrap_or(state.announcement);
        state.history = made.history.unwrap_or(state.history);
        if let Some(closed) = made.closed {
            state.closed_at = closed.then_some(now);
        }
        Some((Self(state), made))
    }

    /// The conversation with so many more participants; none where it would have more than [`MAX_PARTICIPANTS`].
    #[must_use]
    pub fn admit(&self, count: usize) -> Option<Self> {
        let participant_count = self.participant_count + count as u64;
        let fits = participant_count <= MAX_PARTICIPANTS as u64;
        fits.then(|| Self(ConversationState { participant_count, ..self.0.clone() }))
    }

    /// The conversation with one participant less.
    #[must_use]
    pub fn dismiss_one(&self) -> Self {
        let participant_count = self.participant_count.saturating_sub(1);
        Self(ConversationState { participant_count, ..self.0.clone() })
    }

    /// The conversation, deleted: nobody takes part in it. Of a direct one, the two may start another.
    #[must_use]
    pub fn delete(&self, now: Timestamp) -> Self {
        let state = self.0.clone();
        Self(ConversationState { deleted_at: Some(now), pair: None, participant_count: 0, blocked: false, ..state })
    }

    /// The direct conversation, where now one of the two has blocked the other, or neither has. That is no change of it that is
    /// recorded: nobody is told. A group stays as it is.
    #[must_use]
    pub fn with_block(&self, blocked: bool) -> Self {
        Self(ConversationState { blocked: blocked && self.pair.is_some(), ..self.0.clone() })
    }

    /// The conversation with one more durable change that is no message, and the event of it. Both are to be stored in
    /// the transaction that holds the conversation's lock.
    #[must_use]
    pub fn record(&self, actor_id: UserId, change: Change, now: Timestamp) -> (Self, Event) {
        let changed_at = self.changed_at.max(self.last_activity_at).max(now);
        let state = ConversationState { version: self.version.next(), changed_at, ..self.0.clone() };
        let event = EventState {
            conversation_id: state.id,
            version: state.version,
            seq: state.last_seq,
            actor_id,
            occurred_at: changed_at,
            change,
        };
        (Self(state), Event::placed(event))
    }
}

impl Deref for Conversation {
    type Target = ConversationState;

    fn deref(&self) -> &ConversationState {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Membership, MessageBody, Participant, UnreadCount};
    use uuid::Uuid;

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros).unwrap()
    }

    fn user(n: u128) -> UserId {
        UserId::from(Uuid::from_u128(n))
    }

    fn draft(text: &str) -> Draft {
        Draft::new(MessageId::from(Uuid::nil()), user(1), MessageBody::parse(text).unwrap())
    }

    fn group() -> Conversation {
        Conversation::create_group(ConversationId::from(Uuid::nil()), user(1), None, 1, at(10))
    }

    #[test]
    fn messages_are_numbered_from_one_without_gap() {
        let (group, first) = group().post(draft("a"), at(20));
        let (group, second) = group.post(draft("b"), at(30));
        assert_eq!((first.seq.get(), second.seq.get()), (1, 2));
        assert_eq!((group.last_seq, group.version.get(), group.last_activity_at), (second.seq, 2, at(30)));
    }

    #[test]
    fn system_messages_are_of_the_same_order() {
        let (group, _) = group().post(draft("a"), at(20));
        let (group, told) = group.announce(MessageId::from(Uuid::nil()), user(2), SystemMessage::Closed, at(5));
        assert_eq!((told.seq.get(), told.version.get(), told.sender_id, told.sent_at), (2, 2, user(2), at(20)));
        assert_eq!((told.body(), told.text()), ("", None));
        assert_eq!(group.last_seq, told.seq);
    }

    #[test]
    fn time_does_not_run_backwards_when_a_clock_does() {
        let (group, _) = group().post(draft("a"), at(20));
        let (_, late) = group.post(draft("b"), at(5));
        assert_eq!(late.sent_at, at(20));
    }

    #[test]
    fn a_change_makes_a_version_and_no_message() {
        let (group, _) = group().post(draft("a"), at(20));
        let change = Change::OwnerChanged { user_id: user(2) };
        let (group, event) = group.record(user(1), change, at(5));
        assert_eq!((event.version.get(), event.seq.get(), event.occurred_at), (2, 1, at(20)));
        let (_, message) = group.post(draft("b"), at(30));
        assert_eq!((message.version.get(), message.seq.get()), (3, 2));
    }

    #[test]
    fn a_pair_is_the_same_from_both_sides_and_never_one_person() {
        assert_eq!(DirectPair::new(user(1), user(2)), DirectPair::new(user(2), user(1)));
        assert_eq!(DirectPair::new(user(1), user(1)), None);
    }

    #[test]
    fn reading_goes_forward_and_not_beyond_the_end() {
        let group = group();
        let reader = Participant::join(&group, user(2), Membership::Member, at(10));
        let (group, first) = group.post(draft("a"), at(20));
        let (group, second) = group.post(draft("b"), at(20));
        let reader = reader.read_up_to(second.seq, &group).unwrap();
        assert_eq!((reader.last_read_seq, reader.last_delivered_seq), (second.seq, second.seq));
        assert_eq!(reader.read_up_to(first.seq, &group).unwrap(), reader);
        assert_eq!(reader.read_up_to(second.seq.next(), &group), Err(ValueError::OutOfRange { min: 0, max: 2 }));
    }

    #[test]
    fn what_is_delivered_is_not_yet_read_and_stays_delivered_when_marked_unread() {
        let (group, first) = group().post(draft("a"), at(20));
        let reader = Participant::join(&group, user(2), Membership::Member, at(30));
        let (group, second) = group.post(draft("b"), at(40));
        let cursors = |reader: &Participant| (reader.last_read_seq.get(), reader.last_delivered_seq.get());
        let reader = reader.delivered_up_to(second.seq, &group).unwrap();
        assert_eq!(cursors(&reader), (1, 2));
        assert_eq!(reader.delivered_up_to(first.seq, &group), Ok(reader.clone()));
        assert_eq!(reader.unread_from(second.seq, &group), Ok(reader.clone()));
        let reader = reader.read_up_to(second.seq, &group).and_then(|reader| reader.unread_from(second.seq, &group));
        let reader = reader.unwrap();
        assert_eq!(cursors(&reader), (1, 2));
        let out_of_range = Err(ValueError::OutOfRange { min: 2, max: 2 });
        assert_eq!(reader.unread_from(first.seq, &group), out_of_range, "said before the joining");
        assert_eq!(reader.unread_from(second.seq.next(), &group), out_of_range);
    }

    #[test]
    fn a_count_is_exact_up_to_99() {
        let (group, _) = group().post(draft("a"), at(20));
        let reader = Participant::join(&group, user(2), Membership::Member, at(30));
        for (counted, count, is_capped) in [(0, 0, false), (99, 99, false), (100, 100, true), (101, 100, true)] {
            assert_eq!(UnreadCount::of(counted, &reader, &group), UnreadCount { count, is_capped });
        }
        let state = ConversationState { last_seq: Seq::MAX, version: Version::MAX, ..group.0 };
        let long = Conversation::restore(state).unwrap();
        assert_eq!(UnreadCount::of(5, &reader, &long), UnreadCount { count: 5, is_capped: true });
    }

    #[test]
    fn what_cannot_be_is_not_restored() {
        let mut state = group().0;
        state.last_seq = Seq::ZERO.next();
        assert_eq!(Conversation::restore(state.clone()).unwrap_err().field, "version");
        state.last_seq = Seq::ZERO;
        state.pair = DirectPair::new(user(1), user(2));
        state.title = Title::parse("x").ok();
        assert_eq!(Conversation::restore(state).unwrap_err().field, "title");
    }
}
