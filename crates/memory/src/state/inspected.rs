//! Messages, as an admin reads them from outside.

use confab_application::ports::{Inspection, Limit, MessageFilter, Order, Page, PageRequest, StoreError};
use confab_application::views::MessageView;
use confab_domain::{Content, Message, MessageId, Seq, SystemMessage};

use super::State;

impl State {
    /// Whether it is told in the conversation, which is not deleted, that the admin reads it now.
    fn is_inspected(&self, inspection: &Inspection) -> bool {
        let id = inspection.conversation_id();
        let is_there = self.conversation(id).is_some_and(|conversation| conversation.deleted_at.is_none());
        let tells = |message: &Message| match message.content {
            Content::System(SystemMessage::Inspected { until }) => {
                message.sender_id == inspection.inspector() && until > inspection.now()
            }
            _ => false,
        };
        is_there && self.messages.get(&id).into_iter().flat_map(|messages| messages.values()).any(|row| tells(row))
    }

    pub(crate) fn inspected_history(
        &self,
        inspection: &Inspection,
        filter: &MessageFilter,
        page: &PageRequest<Seq>,
    ) -> Result<Option<Page<MessageView>>, StoreError> {
        if !self.is_inspected(inspection) {
            return Ok(None);
        }
        let rows = self.page(inspection.inspector(), inspection.conversation_id(), filter, page);
        let rows = rows.map(|message| self.bare_view(message.clone())).collect::<Result<_, _>>()?;
        Ok(Some(Page::of_rows(rows, page)))
    }

    pub(crate) fn inspected_message(
        &self,
        inspection: &Inspection,
        id: MessageId,
    ) -> Result<Option<MessageView>, StoreError> {
        let message = self.any_message(inspection.conversation_id(), id);
        let message = message.filter(|message| !self.is_hidden(inspection.inspector(), message.id));
        let message = message.filter(|_| self.is_inspected(inspection));
        message.map(|message| self.bare_view(message.clone())).transpose()
    }

    pub(crate) fn inspected_around(
        &self,
        inspection: &Inspection,
        filter: &MessageFilter,
        seq: Seq,
        limit: Limit,
    ) -> Result<Option<Page<MessageView>>, StoreError> {
        if !self.is_inspected(inspection) {
            return Ok(None);
        }
        let sides = self.sides(inspection.inspector(), inspection.conversation_id(), filter, seq, limit);
        let views = |rows: Vec<&Message>| rows.into_iter().map(|message| self.bare_view(message.clone())).collect();
        let [earlier, later]: [Result<_, _>; 2] = sides.map(views);
        Ok(Some(Page::around(earlier?, later?, limit, filter.order == Order::NewestFirst)))
    }
}
