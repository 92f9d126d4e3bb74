//! Messages.

use std::ops::Bound;
use std::sync::Arc;

use confab_application::ports::{Constraint, Limit, MessageFilter, Order, Page, PageRequest, Position, StoreError};
use confab_application::views::MessageView;
use confab_domain::{
    ClientMessageId, ConversationId, Draft, Message, MessageId, PostingFacts, Revision, Sender, Seq, UserId,
};
use imbl::OrdMap;

use super::{State, require_free, require_target};

impl State {
    /// What a draft for this conversation is judged by.
    pub(crate) fn posting_facts(&self, conversation_id: ConversationId, draft: &Draft) -> PostingFacts {
        let participant = self.participant(conversation_id, draft.sender_id);
        let sender = participant.zip(self.user(draft.sender_id)).map(|(participant, user)| Sender {
            participant: participant.clone(),
            role: user.role,
            active: user.active,
        });
        let key = draft.client_message_id.as_ref();
        let earlier = key.and_then(|key| self.message_with_key(conversation_id, draft.sender_id, key));
        let original = earlier.and_then(|earlier| self.revisions.get(&earlier.id)).and_then(OrdMap::get_min);
        let reply_to = draft.reply_to_id;
        PostingFacts {
            conversation: self.conversation(conversation_id).cloned(),
            sender,
            earlier: earlier.cloned(),
            original: original.map(|(_, revision)| Revision::clone(revision)),
            mentioned: self.participants_among(conversation_id, &draft.mentioned),
            reply_to_seq: reply_to
                .and_then(|id| self.visible_message(draft.sender_id, conversation_id, id))
                .map(|message| message.seq),
        }
    }

    fn message_with_key(
        &self,
        conversation_id: ConversationId,
        sender_id: UserId,
        client_message_id: &ClientMessageId,
    ) -> Option<&Message> {
        let seq = self.messages_by_key.get(&(conversation_id, sender_id, client_message_id.clone()))?;
        self.message(conversation_id, *seq)
    }

    fn message(&self, conversation_id: ConversationId, seq: Seq) -> Option<&Message> {
        self.messages.get(&conversation_id)?.get(&seq).map(AsRef::as_ref)
    }

    pub(crate) fn insert_message(&mut self, message: &Message) -> Result<(), StoreError> {
        let home = message.conversation_id;
        let key = message.client_message_id.clone().map(|key| (home, message.sender_id, key));
        require_free(self.messages_by_id.contains_key(&message.id), Constraint::MessageId)?;
        require_free(self.message(home, message.seq).is_some(), Constraint::MessageSeq)?;
        if let Some(key) = key {
            require_free(self.messages_by_key.contains_key(&key), Constraint::ClientMessageId)?;
            self.messages_by_key.insert(key, message.seq);
        }
        require_target(self.conversation(home).is_some())?;
        require_target(self.user(message.sender_id).is_some())?;
        self.messages_by_id.insert(message.id, (home, message.seq));
        self.messages.entry(home).or_default().insert(message.seq, Arc::new(message.clone()));
        Ok(())
    }

    /// The message, if the viewer sees it.
    pub(super) fn visible_message(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        id: MessageId,
    ) -> Option<&Message> {
        let place = self.participant(conversation_id, viewer)?;
        let message = self.any_message(conversation_id, id).filter(|message| message.seq > place.visible_seq);
        message.filter(|message| !self.is_hidden(viewer, message.id))
    }

    pub(crate) fn any_message(&self, conversation_id: ConversationId, id: MessageId) -> Option<&Message> {
        let (_, seq) = self.messages_by_id.get(&id).filter(|(home, _)| *home == conversation_id)?;
        self.message(conversation_id, *seq)
    }

    pub(crate) fn view_message(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        id: MessageId,
    ) -> Result<Option<MessageView>, StoreError> {
        self.visible_message(viewer, conversation_id, id).map(|message| self.view_of(viewer, message)).transpose()
    }

    pub(crate) fn history(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        filter: &MessageFilter,
        page: &PageRequest<Seq>,
    ) -> Result<Option<Page<MessageView>>, StoreError> {
        let Some(place) = self.participant(conversation_id, viewer) else { return Ok(None) };
        // What they may not see is not there.
        let filter = &MessageFilter { after_seq: filter.after_seq.max(Some(place.visible_seq)), ..filter.clone() };
        let rows = self.page(viewer, conversation_id, filter, page);
        let rows = rows.map(|message| self.view_of(viewer, message)).collect::<Result<_, _>>()?;
        Ok(Some(Page::of_rows(rows, page)))
    }

    /// The messages of a page, whoever may see them, but those that the viewer has hidden.
    pub(super) fn page<'a>(
        &'a self,
        viewer: UserId,
        conversation_id: ConversationId,
        filter: &'a MessageFilter,
        page: &PageRequest<Seq>,
    ) -> Box<dyn Iterator<Item = &'a Message> + 'a> {
        let messages = self.admitted_messages(viewer, conversation_id, filter, between(filter, page));
        let rises = (filter.order == Order::OldestFirst) != page.is_backwards();
        if rises { Box::new(messages.take(page.rows())) } else { Box::new(messages.rev().take(page.rows())) }
    }

    pub(crate) fn around(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        filter: &MessageFilter,
        seq: Seq,
        limit: Limit,
    ) -> Result<Option<Page<MessageView>>, StoreError> {
        let Some(place) = self.participant(conversation_id, viewer) else { return Ok(None) };
        let filter = &MessageFilter { after_seq: filter.after_seq.max(Some(place.visible_seq)), ..filter.clone() };
        let [earlier, later] = self.sides(viewer, conversation_id, filter, seq, limit);
        let views = |rows: Vec<&Message>| rows.into_iter().map(|message| self.view_of(viewer, message)).collect();
        let (earlier, later): (Result<_, _>, Result<_, _>) = (views(earlier), views(later));
        Ok(Some(Page::around(earlier?, later?, limit, filter.order == Order::NewestFirst)))
    }

    /// What lies before a place, the message there included, and what lies after it, each the nearest first, and one more than
    /// the page has.
    pub(super) fn sides<'a>(
        &'a self,
        viewer: UserId,
        conversation_id: ConversationId,
        filter: &'a MessageFilter,
        seq: Seq,
        limit: Limit,
    ) -> [Vec<&'a Message>; 2] {
        let range = between(filter, &PageRequest::first(limit));
        let messages = || self.admitted_messages(viewer, conversation_id, filter, range);
        let rows = limit.get() + 1;
        let earlier = messages().rev().filter(|message| message.seq <= seq).take(rows).collect();
        [earlier, messages().filter(|message| message.seq > seq).take(rows).collect()]
    }

    fn admitted_messages<'a>(
        &'a self,
        viewer: UserId,
        conversation_id: ConversationId,
        filter: &'a MessageFilter,
        range: (Bound<Seq>, Bound<Seq>),
    ) -> impl DoubleEndedIterator<Item = &'a Message> {
        let messages = self.messages.get(&conversation_id).into_iter();
        let messages = messages.flat_map(move |messages| messages.range(range)).map(|(_, message)| message.as_ref());
        messages
            .filter(|message| filter.sender_id.is_none_or(|sender| message.sender_id == sender))
            .filter(|message| filter.sent_from.is_none_or(|from| message.sent_at >= from))
            .filter(|message| filter.sent_before.is_none_or(|before| message.sent_at < before))
            .filter(move |message| !self.is_hidden(viewer, message.id))
    }

    pub(super) fn view_of(&self, viewer: UserId, message: &Message) -> Result<MessageView, StoreError> {
        let preview = |id| self.preview(viewer, message.conversation_id, id);
        Ok(MessageView {
            named: message.named().iter().map(|id| self.card(*id)).collect::<Result<_, _>>()?,
            reply_to: message.reply_to_id.map(preview).transpose()?,
            reactions: self.summaries(viewer, message.id),
            message: message.clone(),
            sender: self.card(message.sender_id)?,
        })
    }
}

/// The seqs that a page lies between. They may lie the wrong way round, with nothing between them.
fn between(filter: &MessageFilter, page: &PageRequest<Seq>) -> (Bound<Seq>, Bound<Seq>) {
    let (mut after, mut before) = (filter.after_seq, filter.before_seq);
    match (page.position, filter.order) {
        (None, _) => {}
        (Some(Position::After(place)), Order::OldestFirst) | (Some(Position::Before(place)), Order::NewestFirst) => {
            after = after.max(Some(place));
        }
        (Some(Position::After(place)), Order::NewestFirst) | (Some(Position::Before(place)), Order::OldestFirst) => {
            before = Some(before.map_or(place, |before| before.min(place)));
        }
    }
    (after.map_or(Bound::Unbounded, Bound::Excluded), before.map_or(Bound::Unbounded, Bound::Excluded))
}
