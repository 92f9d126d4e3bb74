//! What is kept of a user, whole. Some of it is looked for in everything: it is seldom asked for.

use std::sync::Arc;

use confab_application::ports::{FormerPlace, Limit, Place};
use confab_domain::{
    ConversationId, EmailAddress, FormerParticipant, Message, MessageId, OutgoingMail, Reaction, Revision, Seq, UserId,
    Version,
};

use super::State;

impl State {
    pub(crate) fn own_places(&self, viewer: UserId, after: Option<ConversationId>, limit: Limit) -> Vec<Place> {
        let ids = self.conversations_by_user.get(&viewer).into_iter().flatten();
        let ids = ids.filter(|id| after.is_none_or(|after| **id > after));
        let place = |id: &ConversationId| {
            let (conversation, participant) = (self.conversation(*id)?, self.participant(*id, viewer)?.clone());
            let (kind, last_seq) = (conversation.kind(), conversation.last_seq);
            Some(Place { participant, kind, title: conversation.title.clone(), last_seq })
        };
        ids.filter_map(place).take(limit.get()).collect()
    }

    pub(crate) fn former_places(
        &self,
        viewer: UserId,
        after: Option<ConversationId>,
        limit: Limit,
    ) -> Vec<FormerPlace> {
        let theirs =
            self.former.iter().filter(|((id, user), _)| *user == viewer && after.is_none_or(|after| *id > after));
        let place = |((id, _), former): (&(ConversationId, UserId), &Arc<FormerParticipant>)| {
            Some(FormerPlace { participant: FormerParticipant::clone(former), kind: self.conversation(*id)?.kind() })
        };
        theirs.filter_map(place).take(limit.get()).collect()
    }

    pub(crate) fn own_messages(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        after: Seq,
        up_to: Seq,
        limit: Limit,
    ) -> Vec<Message> {
        let messages = self.messages.get(&conversation_id).into_iter();
        let messages = messages.flat_map(|messages| messages.range(after.next()..=up_to));
        let theirs = messages.filter(|(_, message)| message.sender_id == viewer);
        theirs.take(limit.get()).map(|(_, message)| Message::clone(message)).collect()
    }

    pub(crate) fn own_revisions(&self, viewer: UserId, id: MessageId, after: Version, limit: Limit) -> Vec<Revision> {
        let place = self.messages_by_id.get(&id).and_then(|(home, seq)| self.messages.get(home)?.get(seq));
        let Some(revisions) = place.filter(|message| message.sender_id == viewer).and(self.revisions.get(&id)) else {
            return Vec::new();
        };
        revisions.range(after.next()..).take(limit.get()).map(|(_, revision)| Revision::clone(revision)).collect()
    }

    pub(crate) fn own_reactions(
        &self,
        viewer: UserId,
        after: Option<(MessageId, Version)>,
        limit: Limit,
    ) -> Vec<Reaction> {
        let all = self.reactions.values().flat_map(|reactions| reactions.values());
        let theirs = all.filter(|reaction| {
            reaction.user_id == viewer && after.is_none_or(|after| (reaction.message_id, reaction.version) > after)
        });
        theirs.take(limit.get()).copied().collect()
    }

    pub(crate) fn hidden_messages(&self, viewer: UserId, after: Option<MessageId>, limit: Limit) -> Vec<MessageId> {
        let theirs = self.hidden.iter().filter(|(user, id)| *user == viewer && after.is_none_or(|after| *id > after));
        theirs.take(limit.get()).map(|(_, id)| *id).collect()
    }

    pub(crate) fn mails_to(&self, email: &EmailAddress) -> Vec<OutgoingMail> {
        let theirs = self.mails.iter().filter(|((_, key), row)| &**key == email.key() && !row.is_sent());
        let mut mails: Vec<OutgoingMail> = theirs.map(|(_, row)| row.mail().clone()).collect();
        mails.sort_by_key(|mail| mail.kind.as_str());
        mails
    }
}
