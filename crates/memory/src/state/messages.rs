//! Messages.

use std::ops::Bound;
use std::sync::Arc;

use confab_application::ports::{Constraint, MessageFilter, Order, Page, PageRequest, Position, StoreError};
use confab_application::views::MessageView;
use confab_domain::{ClientMessageId, ConversationId, Draft, Message, MessageId, PostingFacts, Sender, Seq, UserId};

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
        PostingFacts { conversation: self.conversation(conversation_id).cloned(), sender, earlier: earlier.cloned() }
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

    pub(crate) fn view_message(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        id: MessageId,
    ) -> Result<Option<MessageView>, StoreError> {
        let place = self.messages_by_id.get(&id).filter(|(home, _)| *home == conversation_id);
        let message = place.and_then(|(home, seq)| self.message(*home, *seq));
        match (self.participant(conversation_id, viewer), message) {
            (Some(_), Some(message)) => self.view_of(message).map(Some),
            _ => Ok(None),
        }
    }

    pub(crate) fn history(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        filter: &MessageFilter,
        page: &PageRequest<Seq>,
    ) -> Result<Option<Page<MessageView>>, StoreError> {
        if self.participant(conversation_id, viewer).is_none() {
            return Ok(None);
        }
        let range = between(filter, page);
        let messages = self.messages.get(&conversation_id).into_iter();
        let messages = messages.flat_map(|messages| messages.range(range)).map(|(_, message)| message.as_ref());
        let rises = (filter.order == Order::OldestFirst) != page.is_backwards();
        let rows = if rises { self.rows(messages, filter, page) } else { self.rows(messages.rev(), filter, page) };
        Ok(Some(Page::of_rows(rows?, page)))
    }

    fn rows<'a>(
        &self,
        messages: impl Iterator<Item = &'a Message>,
        filter: &MessageFilter,
        page: &PageRequest<Seq>,
    ) -> Result<Vec<MessageView>, StoreError> {
        messages
            .filter(|message| filter.sender_id.is_none_or(|sender| message.sender_id == sender))
            .filter(|message| filter.sent_from.is_none_or(|from| message.sent_at >= from))
            .filter(|message| filter.sent_before.is_none_or(|before| message.sent_at < before))
            .take(page.rows())
            .map(|message| self.view_of(message))
            .collect()
    }

    pub(super) fn view_of(&self, message: &Message) -> Result<MessageView, StoreError> {
        let named = message.named().iter().map(|id| self.card(*id)).collect::<Result<_, _>>()?;
        Ok(MessageView { message: message.clone(), sender: self.card(message.sender_id)?, named })
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
