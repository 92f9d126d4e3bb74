//! The rule by which a message gets its place in a conversation, or does not.

use crate::{
    Conversation, ConversationState, Denied, Draft, Message, MessageState, Operation, Participant, Relation, Revision,
    Role, Seq, Timestamp, UserId, may,
};

/// What a draft is judged by: how things are under the conversation's lock.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PostingFacts {
    /// The conversation that it is for, if there is one.
    pub conversation: Option<Conversation>,
    /// The sender's place in it, if there is one.
    pub sender: Option<Sender>,
    /// What the sender has sent to it with the draft's key.
    pub earlier: Option<Message>,
    /// What that first said, where it was edited since.
    pub original: Option<Revision>,
    /// Those of the users whom the draft mentions who take part.
    pub mentioned: Vec<UserId>,
    /// The place of the message that the draft answers, if it is one of the conversation that the sender has not deleted for
    /// themselves.
    pub reply_to_seq: Option<Seq>,
}

/// Whoever writes to a conversation that they take part in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// Their place in it.
    pub participant: Participant,
    /// Their account's role.
    pub role: Role,
    /// Whether their account may be used.
    pub active: bool,
}

/// What comes of a draft that is not refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "taken apart at once by whoever asked, and nearly always the large one")]
pub enum Posting {
    /// It is a new message. All three are to be stored.
    Appended {
        /// The message.
        message: Message,
        /// The conversation, with it.
        conversation: Conversation,
        /// The sender, who has read it.
        participant: Participant,
    },
    /// It repeats this message. Nothing changes.
    Repeated(Message),
}

/// What others have sent to a conversation between what a draft was judged by and the lock under which it is written. Of that
/// [`post`] decides nothing: it only numbers, and keeps times in order. So who was judged before is told the same after, as long as
/// nothing else has happened there ([`Conversation::changes`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meanwhile {
    /// How many messages.
    pub messages: u64,
    /// When the last of them was sent.
    pub last_activity_at: Timestamp,
}

impl Meanwhile {
    /// Nobody has sent anything.
    pub const NOTHING: Self = Self { messages: 0, last_activity_at: Timestamp::EPOCH };

    /// The message, behind those of the others.
    #[must_use]
    pub fn before(self, message: &Message) -> Message {
        Message::placed(MessageState {
            seq: message.seq.plus(self.messages),
            version: message.version.plus(self.messages),
            sent_at: message.sent_at.max(self.last_activity_at),
            ..MessageState::clone(message)
        })
    }

    /// The conversation, with those of the others.
    #[must_use]
    pub fn within(self, conversation: &Conversation) -> Conversation {
        Conversation::placed(ConversationState {
            last_seq: conversation.last_seq.plus(self.messages),
            version: conversation.version.plus(self.messages),
            last_activity_at: conversation.last_activity_at.max(self.last_activity_at),
            ..ConversationState::clone(conversation)
        })
    }
}

/// Why a draft does not become a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PostingRefused {
    /// The sender may not send here.
    #[error(transparent)]
    Denied(Denied),
    /// The sender's account may no longer be used.
    #[error("the sender's account is not active")]
    Inactive,
    /// The key belongs to a message that says something else.
    #[error("the sender has used this key for another message")]
    KeyReused,
    /// There is no message that it could answer.
    #[error("the sender sees no message of this conversation that it could answer")]
    NothingToAnswer,
    /// Nobody sends to a closed conversation.
    #[error("the conversation is closed")]
    Closed,
}

/// Judges a draft. Whoever posts has read the conversation up to there.
///
/// # Errors
/// [`PostingRefused`]: first for whoever is not in the conversation, so that a stranger learns nothing from the rest.
pub fn post(facts: PostingFacts, mut draft: Draft, now: Timestamp) -> Result<Posting, PostingRefused> {
    let (Some(conversation), Some(sender)) = (facts.conversation, facts.sender) else {
        return Err(PostingRefused::Denied(Denied::NotAParticipant));
    };
    if !sender.active {
        return Err(PostingRefused::Inactive);
    }
    if let Some(earlier) = facts.earlier {
        let repeats = earlier.says_the_same_as(&draft, facts.original.as_ref());
        return if repeats { Ok(Posting::Repeated(earlier)) } else { Err(PostingRefused::KeyReused) };
    }
    let relation = Relation::of(Some((&conversation, sender.participant.membership)));
    may(Operation::SendMessage, sender.role, relation).map_err(PostingRefused::Denied)?;
    // What was said before one's joining is not there to be answered, where the history is not shown.
    let is_seen = |seq: Seq| seq > sender.participant.visible_seq;
    if draft.reply_to_id.is_some() && !facts.reply_to_seq.is_some_and(is_seen) {
        return Err(PostingRefused::NothingToAnswer);
    }
    draft.mentioned.retain(|id| facts.mentioned.contains(id));
    if conversation.closed_at.is_some() {
        return Err(PostingRefused::Closed);
    }
    if conversation.announcement && relation != Relation::Owner {
        return Err(PostingRefused::Denied(Denied::NotTheOwner));
    }
    let (conversation, message) = conversation.post(draft, now);
    let participant = sender.participant.having_posted(&message);
    Ok(Posting::Appended { message, conversation, participant })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Change, ClientMessageId, ConversationChange, ConversationId, Membership, MessageBody, MessageId, UserId,
    };
    use uuid::Uuid;

    fn now() -> Timestamp {
        Timestamp::from_micros(10).unwrap()
    }

    fn draft(text: &str) -> Draft {
        let (id, sender_id) = (MessageId::from(Uuid::nil()), UserId::from(Uuid::nil()));
        let body = MessageBody::parse(text).unwrap();
        Draft { client_message_id: ClientMessageId::parse("key").ok(), ..Draft::new(id, sender_id, body) }
    }

    fn facts() -> PostingFacts {
        let user = UserId::from(Uuid::nil());
        let group = Conversation::create_group(ConversationId::from(Uuid::nil()), user, None, 1, now());
        let (group, _) = group.post(draft("before"), now());
        let participant = Participant::join(&group, user, Membership::Member, now());
        let (conversation, _) = group.post(draft("unread"), now());
        let sender = Sender { participant, role: Role::Guest, active: true };
        PostingFacts { conversation: Some(conversation), sender: Some(sender), ..PostingFacts::default() }
    }

    #[test]
    fn a_draft_becomes_the_next_message_which_its_sender_has_read() {
        let Ok(Posting::Appended { message, conversation, participant }) = post(facts(), draft("x"), now()) else {
            panic!("not appended");
        };
        assert_eq!((message.seq.get(), conversation.last_seq), (3, message.seq));
        assert_eq!((participant.last_read_seq, participant.last_delivered_seq), (message.seq, message.seq));
    }

    #[test]
    fn a_repetition_is_the_earlier_message_and_another_text_is_refused() {
        let Ok(Posting::Appended { message, .. }) = post(facts(), draft("x"), now()) else { panic!("not appended") };
        let facts = PostingFacts { earlier: Some(message.clone()), ..facts() };
        assert_eq!(post(facts.clone(), draft("x"), now()), Ok(Posting::Repeated(message)));
        assert_eq!(post(facts, draft("y"), now()), Err(PostingRefused::KeyReused));
    }

    #[test]
    fn what_others_sent_meanwhile_changes_a_place_and_nothing_else() {
        let before = facts();
        let group = before.conversation.clone().unwrap();
        for (own, others) in [(15, [11, 12]), (11, [20, 15])] {
            let at = |micros| Timestamp::from_micros(micros).unwrap();
            let judged = |conversation: &Conversation| {
                let facts = PostingFacts { conversation: Some(conversation.clone()), ..before.clone() };
                match post(facts, draft("x"), at(own)).unwrap() {
                    Posting::Appended { message, conversation, .. } => (message, conversation),
                    Posting::Repeated(_) => panic!("repeated"),
                }
            };
            let later = others.iter().fold(group.clone(), |group, micros| group.post(draft("other"), at(*micros)).0);
            assert_eq!(later.changes(), group.changes());
            let meanwhile = Meanwhile { messages: 2, last_activity_at: later.last_activity_at };
            let (message, conversation) = judged(&group);
            assert_eq!((meanwhile.before(&message), meanwhile.within(&conversation)), judged(&later));
        }
        let (changed, _) =
            group.record(UserId::from(Uuid::nil()), Change::OwnerChanged { user_id: UserId::from(Uuid::nil()) }, now());
        assert_ne!(changed.changes(), group.changes());
    }

    #[test]
    fn nobody_sends_to_a_closed_conversation_and_only_the_owner_to_an_announcement() {
        let changed = |change| {
            let facts = facts();
            let (conversation, _) = facts.conversation.unwrap().with(change, now()).unwrap();
            PostingFacts { conversation: Some(conversation), ..facts }
        };
        let closed = changed(ConversationChange { closed: Some(true), ..ConversationChange::default() });
        assert_eq!(post(closed.clone(), draft("x"), now()), Err(PostingRefused::Closed));
        let Ok(Posting::Appended { message, .. }) = post(facts(), draft("x"), now()) else { panic!("not appended") };
        let retry = PostingFacts { earlier: Some(message.clone()), ..closed };
        assert_eq!(post(retry, draft("x"), now()), Ok(Posting::Repeated(message)), "what was sent stays sent");

        let announcement = changed(ConversationChange { announcement: Some(true), ..ConversationChange::default() });
        let refused = Err(PostingRefused::Denied(Denied::NotTheOwner));
        assert_eq!(post(announcement.clone(), draft("x"), now()), refused);
        let owner = announcement
            .sender
            .clone()
            .map(|sender| Sender { participant: sender.participant.with_membership(Membership::Owner), ..sender });
        assert!(post(PostingFacts { sender: owner, ..announcement }, draft("x"), now()).is_ok());
    }

    #[test]
    fn nobody_sends_where_one_has_blocked_the_other() {
        let (ada, ben) = (UserId::from(Uuid::nil()), UserId::from(Uuid::from_u128(2)));
        let pair = crate::DirectPair::new(ada, ben).unwrap();
        let direct = Conversation::start_direct(ConversationId::from(Uuid::nil()), ben, pair, now());
        let participant = Participant::join(&direct, ada, Membership::Member, now());
        let (direct, earlier) = direct.post(draft("x"), now());
        let sender = Sender { participant, role: Role::Admin, active: true };
        let facts = |conversation: Conversation, earlier| PostingFacts {
            conversation: Some(conversation),
            sender: Some(sender.clone()),
            earlier,
            ..PostingFacts::default()
        };
        let blocked = direct.with_block(true);
        let refused = Err(PostingRefused::Denied(Denied::Blocked));
        assert_eq!(post(facts(blocked.clone(), None), draft("y"), now()), refused);
        let retry = post(facts(blocked.clone(), Some(earlier.clone())), draft("x"), now());
        assert_eq!(retry, Ok(Posting::Repeated(earlier)), "what was sent stays sent");
        assert!(post(facts(blocked.with_block(false), None), draft("y"), now()).is_ok());
        let group = Conversation::create_group(ConversationId::from(Uuid::nil()), ada, None, 1, now());
        assert!(!group.with_block(true).blocked && !blocked.delete(now()).blocked);
    }

    #[test]
    fn a_stranger_learns_nothing_and_a_suspended_member_sends_nothing() {
        let stranger = Err(PostingRefused::Denied(Denied::NotAParticipant));
        let earlier = facts().conversation.unwrap().post(draft("x"), now()).1;
        let facts = PostingFacts { earlier: Some(earlier), ..facts() };
        assert_eq!(post(PostingFacts { sender: None, ..facts.clone() }, draft("x"), now()), stranger);
        assert_eq!(post(PostingFacts { conversation: None, ..facts.clone() }, draft("x"), now()), stranger);
        let sender = facts.sender.clone().map(|sender| Sender { active: false, ..sender });
        assert_eq!(post(PostingFacts { sender, ..facts }, draft("x"), now()), Err(PostingRefused::Inactive));
    }

    #[test]
    fn a_draft_answers_what_its_sender_sees_and_mentions_who_takes_part() {
        let (ben, eve) = (UserId::from(Uuid::from_u128(2)), UserId::from(Uuid::from_u128(3)));
        let body = MessageBody::parse(format!("<@{eve}> <@{ben}> <@{ben}>")).unwrap();
        let draft = Draft { reply_to_id: Some(MessageId::from(Uuid::nil())), ..Draft::new(draft("x").id, ben, body) };
        assert_eq!(draft.mentioned, [ben, eve]);
        assert_eq!(post(facts(), draft.clone(), now()), Err(PostingRefused::NothingToAnswer));
        let answering = |seq: Seq| PostingFacts { mentioned: vec![ben], reply_to_seq: Some(seq), ..facts() };
        let before = Seq::ZERO.next();
        assert_eq!(post(answering(before), draft.clone(), now()), Err(PostingRefused::NothingToAnswer));
        let facts = answering(before.next());
        let Ok(Posting::Appended { message, .. }) = post(facts, draft, now()) else { panic!("not appended") };
        assert_eq!(message.named(), [ben]);
        assert_eq!(message.mentions().map(|mention| mention.start).collect::<Vec<_>>(), [40, 80]);
    }
}
