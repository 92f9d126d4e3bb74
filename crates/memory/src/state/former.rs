//! Messages, as they were when the viewer left their conversation.

use confab_application::ports::{Limit, MessageFilter, Order, Page, PageRequest, StoreError};
use confab_application::views::{MessageView, Preview};
use confab_domain::{ConversationId, FormerParticipant, Message, MessageId, Revision, Seq, UserId, Version};

use super::State;

impl State {
    /// The place that the viewer had in a conversation that is not deleted.
    fn former_place(&self, viewer: UserId, conversation_id: ConversationId) -> Option<&FormerParticipant> {
        self.conversation(conversation_id).filter(|conversation| conversation.deleted_at.is_none())?;
        self.former.get(&(conversation_id, viewer)).map(AsRef::as_ref)
    }

    pub(crate) fn former_history(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        filter: &MessageFilter,
        page: &PageRequest<Seq>,
    ) -> Result<Option<Page<MessageView>>, StoreError> {
        let Some(place) = self.former_place(viewer, conversation_id) else { return Ok(None) };
        let filter = &until_left(filter, place);
        let rows = self.page(viewer, conversation_id, filter, page);
        let rows = rows.map(|message| self.former_view(place, message)).collect::<Result<_, _>>()?;
        Ok(Some(Page::of_rows(rows, page)))
    }

    pub(crate) fn former_message(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        id: MessageId,
    ) -> Result<Option<MessageView>, StoreError> {
        let Some(place) = self.former_place(viewer, conversation_id) else { return Ok(None) };
        let message = self.any_message(conversation_id, id).filter(|message| !self.is_hidden(viewer, message.id));
        let message = message.filter(|message| message.seq > place.visible_seq && message.seq <= place.left_seq);
        message.map(|message| self.former_view(place, message)).transpose()
    }

    pub(crate) fn former_around(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        filter: &MessageFilter,
        seq: Seq,
        limit: Limit,
    ) -> Result<Option<Page<MessageView>>, StoreError> {
        let Some(place) = self.former_place(viewer, conversation_id) else { return Ok(None) };
        let filter = &until_left(filter, place);
        let [earlier, later] = self.sides(viewer, conversation_id, filter, seq, limit);
        let views = |rows: Vec<&Message>| rows.into_iter().map(|message| self.former_view(place, message)).collect();
        let (earlier, later): (Result<_, _>, Result<_, _>) = (views(earlier), views(later));
        Ok(Some(Page::around(earlier?, later?, limit, filter.order == Order::NewestFirst)))
    }

    pub(crate) fn former_revisions(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        id: MessageId,
        page: &PageRequest<Version>,
    ) -> Result<Option<Page<Revision>>, StoreError> {
        let shown = self.former_message(viewer, conversation_id, id)?;
        Ok(shown.map(|shown| self.revisions_of(id, Some(shown.message.content_version()), page)))
    }

    fn former_view(&self, place: &FormerParticipant, message: &Message) -> Result<MessageView, StoreError> {
        let revisions = self.revisions.get(&message.id);
        let then = revisions.and_then(|revisions| revisions.range(..=place.left_version).next_back());
        let then = then.map(|(_, revision)| revision.as_ref());
        let message = message.as_of(place.left_version, then).map_err(|reason| StoreError::Corrupt {
            table: "message_revisions",
            id: message.id.to_string(),
            reason,
        })?;
        self.bare_view(message)
    }

    /// A message without what it answers and the reactions to it.
    pub(super) fn bare_view(&self, message: Message) -> Result<MessageView, StoreError> {
        Ok(MessageView {
            sender: self.card(message.sender_id)?,
            named: message.named().iter().map(|id| self.card(*id)).collect::<Result<_, _>>()?,
            reply_to: message.reply_to_id.map(|id| Preview { id, message: None }),
            reactions: Vec::new(),
            message,
        })
    }
}

/// What a filter admits of what whoever left could see.
fn until_left(filter: &MessageFilter, place: &FormerParticipant) -> MessageFilter {
    let end = place.left_seq.next();
    MessageFilter {
        after_seq: filter.after_seq.max(Some(place.visible_seq)),
        before_seq: Some(filter.before_seq.map_or(end, |before| before.min(end))),
        ..filter.clone()
    }
}
