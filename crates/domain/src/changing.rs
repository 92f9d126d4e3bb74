//! The rules by which a message is edited, deleted and reacted to.

use crate::{
    Content, Conversation, Deleted, Denied, Edited, Emoji, Event, JsonObject, Message, MessageBody, MessageId,
    MessageState, MessageText, Operation, Policy, Relation, Role, Terms, Timestamp, UserId, Version, allowed_actions,
    judge,
};

/// With how many different emoji there can be reactions to one message.
pub const MAX_REACTION_KINDS: u32 = 50;

/// What a message said before it was edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// The message.
    pub message_id: MessageId,
    /// The conversation's version at which it began to say this.
    pub version: Version,
    /// Since when.
    pub written_at: Timestamp,
    /// The text.
    pub body: MessageBody,
    /// What programs sent with it.
    pub payload: Option<JsonObject>,
}

/// A user's reaction to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reaction {
    /// The message.
    pub message_id: MessageId,
    /// The conversation's version that it made.
    pub version: Version,
    /// Who has reacted.
    pub user_id: UserId,
    /// How.
    pub emoji: Emoji,
}

/// Whoever wants to change a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changer {
    /// Who it is.
    pub user_id: UserId,
    /// Their account's role.
    pub role: Role,
    /// What they are to the conversation.
    pub relation: Relation,
}

/// Why a message stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChangeRefused {
    /// They may not do this.
    #[error(transparent)]
    Denied(Denied),
    /// Somebody else has written it.
    #[error("only its sender may edit a message")]
    NotTheSender,
    /// It was sent too long ago.
    #[error("a message may be changed for {seconds} seconds after it was sent")]
    WindowOver {
        /// The length of the window.
        seconds: u32,
    },
    /// It was deleted.
    #[error("the message was deleted")]
    Deleted,
    /// Nobody has written it.
    #[error("a system message stays as it is")]
    System,
    /// It says something else by now.
    #[error("the message has been edited since: read it again")]
    Stale,
    /// They have sent it themselves.
    #[error("nobody reports what they have sent themselves")]
    OwnMessage,
    /// There are reactions of too many kinds.
    #[error("a message can have reactions with at most {MAX_REACTION_KINDS} different emoji")]
    TooManyReactions,
}

impl Changer {
    fn judge(self, operation: Operation, policy: Policy) -> Result<Terms, ChangeRefused> {
        judge(operation, self.role, self.relation, policy).map_err(ChangeRefused::Denied)
    }

    /// Judges an edit.
    ///
    /// # Errors
    /// [`ChangeRefused`].
    pub fn may_edit(self, message: &Message, policy: Policy, now: Timestamp) -> Result<(), ChangeRefused> {
        self.judge(Operation::EditMessage, policy)?;
        match &message.content {
            Content::Deleted(_) => Err(ChangeRefused::Deleted),
            Content::System(_) => Err(ChangeRefused::System),
            Content::Text(_) if message.sender_id != self.user_id => Err(ChangeRefused::NotTheSender),
            Content::Text(_) => within_window(message, policy, now),
        }
    }

    /// Judges a deletion for all: one's own, a guest's within the window; anyone's by the owner, or by an admin with a reason.
    /// The reason is needed where the terms say so.
    ///
    /// # Errors
    /// [`ChangeRefused`].
    pub fn may_delete(self, message: &Message, policy: Policy, now: Timestamp) -> Result<Terms, ChangeRefused> {
        if message.sender_id == self.user_id && message.text().is_some() && self.relation.takes_part() {
            self.judge(Operation::DeleteOwnMessage, policy)?;
            let own = if self.role == Role::Guest { within_window(message, policy, now) } else { Ok(()) };
            if own.is_ok() || self.judge(Operation::DeleteAnyMessage, policy).is_err() {
                return own.map(|()| Terms::Free);
            }
        }
        self.judge(Operation::DeleteAnyMessage, policy)
    }

    /// Judges a reaction.
    ///
    /// # Errors
    /// [`ChangeRefused`].
    pub fn may_react(self, message: &Message, policy: Policy) -> Result<(), ChangeRefused> {
        self.judge(Operation::ReactToMessage, policy)?;
        match &message.content {
            Content::Deleted(_) => Err(ChangeRefused::Deleted),
            Content::System(_) | Content::Text(_) => Ok(()),
        }
    }

    /// Judges a report: of what somebody else has written.
    ///
    /// # Errors
    /// [`ChangeRefused`].
    pub fn may_report(self, message: &Message, policy: Policy) -> Result<(), ChangeRefused> {
        self.judge(Operation::ReportMessage, policy)?;
        match &message.content {
            Content::Deleted(_) => Err(ChangeRefused::Deleted),
            Content::System(_) => Err(ChangeRefused::System),
            Content::Text(_) if message.sender_id == self.user_id => Err(ChangeRefused::OwnMessage),
            Content::Text(_) => Ok(()),
        }
    }
}

impl Changer {
    /// What they may do with a message, in its conversation as it is now, with a reason or without: some of
    /// [`Operation::OF_A_MESSAGE`]. To send is to answer it.
    pub fn allowed_actions(
        self,
        message: &Message,
        conversation: &Conversation,
        policy: Policy,
        now: Timestamp,
    ) -> Vec<Operation> {
        let allowed = allowed_actions(conversation, self.role, self.relation, policy);
        let (is_open, is_there) = (conversation.closed_at.is_none(), !matches!(message.content, Content::Deleted(_)));
        let is_own = message.sender_id == self.user_id && message.text().is_some();
        let makes_sense = |operation: &Operation| match operation {
            Operation::EditMessage => is_open && self.may_edit(message, policy, now).is_ok(),
            Operation::ReactToMessage => is_open && self.may_react(message, policy).is_ok(),
            Operation::ReportMessage => self.may_report(message, policy).is_ok(),
            Operation::DeleteOwnMessage => is_own && self.may_delete(message, policy, now) == Ok(Terms::Free),
            Operation::DeleteAnyMessage => is_there && !is_own,
            Operation::SendMessage => is_there,
            _ => true,
        };
        let of_a_message = Operation::OF_A_MESSAGE.into_iter().filter(|operation| allowed.contains(operation));
        of_a_message.filter(makes_sense).collect()
    }
}

fn within_window(message: &Message, policy: Policy, now: Timestamp) -> Result<(), ChangeRefused> {
    let seconds = policy.edit_window_seconds;
    if now <= message.sent_at.plus_seconds(seconds) { Ok(()) } else { Err(ChangeRefused::WindowOver { seconds }) }
}

impl Message {
    /// What it says, as a revision, if it is a text.
    pub fn revision(&self) -> Option<Revision> {
        let text = self.text()?;
        Some(Revision {
            message_id: self.id,
            version: self.content_version(),
            written_at: text.edited.map_or(self.sent_at, |edited| edited.at),
            body: text.body.clone(),
            payload: text.payload.clone(),
        })
    }

    /// The message with what this event says that it was edited to.
    #[must_use]
    pub fn edited(&self, text: MessageText, event: &Event) -> Self {
        let edited = Some(Edited { version: event.version, at: event.occurred_at });
        let content = Content::Text(MessageText { edited, ..text });
        Self::placed(MessageState { content, ..MessageState::clone(self) })
    }

    /// What remains of the message that this event deletes: its place, and its sender's key.
    #[must_use]
    pub fn deleted(&self, event: &Event) -> Self {
        let content = Content::Deleted(Deleted { version: event.version, at: event.occurred_at });
        Self::placed(MessageState { content, reply_to_id: None, reaction_kinds: 0, ..MessageState::clone(self) })
    }

    /// What is left of the message for somebody who has deleted it for themselves: its place.
    #[must_use]
    pub fn hidden(&self) -> Self {
        let content = Content::Deleted(Deleted { version: self.version, at: self.sent_at });
        Self::placed(MessageState { content, reply_to_id: None, reaction_kinds: 0, ..MessageState::clone(self) })
    }

    /// The message, where there are now so many reactions with an emoji with which there were so many before.
    ///
    /// # Errors
    /// [`ChangeRefused::TooManyReactions`].
    pub fn reacted(&self, before: u64, now: u64) -> Result<Self, ChangeRefused> {
        let reaction_kinds = match (before, now) {
            (0, 1..) if self.reaction_kinds >= MAX_REACTION_KINDS => return Err(ChangeRefused::TooManyReactions),
            (0, 1..) => self.reaction_kinds + 1,
            (1.., 0) => self.reaction_kinds.saturating_sub(1),
            _ => self.reaction_kinds,
        };
        Ok(Self::placed(MessageState { reaction_kinds, ..MessageState::clone(self) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Change, Conversation, ConversationId, Draft, SystemMessage};
    use uuid::Uuid;

    fn user(n: u128) -> UserId {
        UserId::from(Uuid::from_u128(n))
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000).unwrap()
    }

    fn message() -> (Conversation, Message) {
        let group = Conversation::create_group(ConversationId::from(Uuid::nil()), user(1), None, 3, at(0));
        let body = MessageBody::parse("x").unwrap();
        group.post(Draft::new(MessageId::from(Uuid::nil()), user(2), body), at(100))
    }

    const POLICY: Policy = Policy { guest_can_start_direct: true, history_after_leave: false, edit_window_seconds: 10 };

    fn changer(n: u128, role: Role, relation: Relation) -> Changer {
        Changer { user_id: user(n), role, relation }
    }

    #[test]
    fn a_sender_edits_within_the_window_and_nobody_else_does() {
        let (group, message) = message();
        for role in Role::ALL {
            let edit = |n, seconds| changer(n, role, Relation::Member).may_edit(&message, POLICY, at(seconds));
            assert_eq!(edit(2, 110), Ok(()));
            assert_eq!(edit(2, 111), Err(ChangeRefused::WindowOver { seconds: 10 }));
            assert_eq!(edit(3, 110), Err(ChangeRefused::NotTheSender));
            let owner = changer(1, role, Relation::Owner).may_edit(&message, POLICY, at(110));
            assert_eq!(owner, Err(ChangeRefused::NotTheSender));
            let stranger = changer(2, role, Relation::None).may_edit(&message, POLICY, at(110));
            assert_eq!(stranger, Err(ChangeRefused::Denied(Denied::NotAParticipant)));
        }
        let (_, told) = group.announce(MessageId::from(Uuid::nil()), user(2), SystemMessage::Closed, at(100));
        let edit = changer(2, Role::Host, Relation::Member).may_edit(&told, POLICY, at(100));
        assert_eq!(edit, Err(ChangeRefused::System));
    }

    #[test]
    fn whoever_takes_part_reports_what_others_have_written() {
        let (group, message) = message();
        for role in Role::ALL {
            let report = |n, relation| changer(n, role, relation).may_report(&message, POLICY);
            assert_eq!((report(1, Relation::Owner), report(3, Relation::Member)), (Ok(()), Ok(())));
            assert_eq!(report(2, Relation::Member), Err(ChangeRefused::OwnMessage));
            for outside in [Relation::Former, Relation::None] {
                assert_eq!(report(3, outside), Err(ChangeRefused::Denied(Denied::NotAParticipant)));
            }
        }
        let (_, told) = group.announce(MessageId::from(Uuid::nil()), user(2), SystemMessage::Closed, at(100));
        let member = changer(3, Role::Guest, Relation::Member);
        assert_eq!(member.may_report(&told, POLICY), Err(ChangeRefused::System));
        assert_eq!(member.may_report(&message.hidden(), POLICY), Err(ChangeRefused::Deleted));
    }

    #[test]
    fn whoever_may_delete_does_so_on_their_terms() {
        let (_, message) = message();
        let delete = |n, role, relation, seconds| changer(n, role, relation).may_delete(&message, POLICY, at(seconds));
        let over = Err(ChangeRefused::WindowOver { seconds: 10 });
        assert_eq!(delete(2, Role::Guest, Relation::Member, 110), Ok(Terms::Free));
        assert_eq!(delete(2, Role::Guest, Relation::Member, 111), over);
        assert_eq!(delete(2, Role::Guest, Relation::Owner, 111), over);
        assert_eq!(delete(2, Role::Host, Relation::Member, 111), Ok(Terms::Free));
        assert_eq!(delete(1, Role::Host, Relation::Owner, 111), Ok(Terms::Free));
        assert_eq!(delete(1, Role::Admin, Relation::Owner, 111), Ok(Terms::Free));
        assert!(matches!(delete(1, Role::Guest, Relation::Owner, 110), Err(ChangeRefused::Denied(_))));
        assert_eq!(delete(3, Role::Host, Relation::Member, 110), Err(ChangeRefused::Denied(Denied::NotTheOwner)));
        for relation in [Relation::Member, Relation::None] {
            assert_eq!(delete(3, Role::Admin, relation, 110), Ok(Terms::WithReason));
        }
        assert_eq!(delete(2, Role::Guest, Relation::Former, 110), Err(ChangeRefused::Denied(Denied::NotAParticipant)));
    }

    #[test]
    fn of_a_deleted_message_only_the_place_remains() {
        let (group, message) = message();
        let message = message.reacted(0, 1).unwrap();
        let (_, event) =
            group.record(user(2), Change::MessageDeleted { message_id: message.id, reason: None }, at(105));
        let deleted = message.deleted(&event);
        assert_eq!((deleted.body(), deleted.revision(), deleted.reaction_kinds), ("", None, 0));
        assert_eq!((deleted.seq, deleted.content_version()), (message.seq, event.version));
        let sender = changer(2, Role::Host, Relation::Member);
        assert_eq!(sender.may_edit(&deleted, POLICY, at(105)), Err(ChangeRefused::Deleted));
        assert_eq!(sender.may_react(&deleted, POLICY), Err(ChangeRefused::Deleted));
    }

    #[test]
    fn reactions_are_of_a_bounded_number_of_kinds() {
        let (_, mut message) = message();
        for kinds in 1..=MAX_REACTION_KINDS {
            message = message.reacted(0, 1).unwrap();
            assert_eq!(message.reaction_kinds, kinds);
        }
        assert_eq!(message.reacted(0, 1), Err(ChangeRefused::TooManyReactions));
        assert_eq!(message.reacted(1, 2).unwrap(), message);
        assert_eq!(message.reacted(1, 0).unwrap().reaction_kinds, MAX_REACTION_KINDS - 1);
    }
}
