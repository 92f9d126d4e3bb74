//! Searching messages, by looking at all that the viewer may read.

use confab_application::ports::{MessageSearch, Page, PageRequest, Position, SentKey, StoreError};
use confab_application::views::MessageView;
use confab_domain::{Message, UserId};

use super::State;

impl State {
    pub(crate) fn search(
        &self,
        viewer: UserId,
        search: &MessageSearch,
        page: &PageRequest<SentKey>,
    ) -> Result<Page<MessageView>, StoreError> {
        let mut found: Vec<&Message> = self
            .conversations_by_user
            .get(&viewer)
            .into_iter()
            .flatten()
            .filter_map(|id| self.messages.get(id))
            .flat_map(|messages| messages.values())
            .map(AsRef::as_ref)
            .filter(|message| admits(search, message))
            .filter(|message| self.visible_message(viewer, message.conversation_id, message.id).is_some())
            .filter(|message| match page.position {
                None => true,
                Some(Position::After(place)) => SentKey::of(message) < place,
                Some(Position::Before(place)) => SentKey::of(message) > place,
            })
            .collect();
        found.sort_unstable_by_key(|message| SentKey::of(message));
        if !page.is_backwards() {
            found.reverse();
        }
        found.truncate(page.rows());
        let views = found.into_iter().map(|message| self.view_of(viewer, message));
        Ok(Page::of_rows(views.collect::<Result<_, _>>()?, page))
    }
}

fn admits(search: &MessageSearch, message: &Message) -> bool {
    search.conversation_id.is_none_or(|id| id == message.conversation_id)
        && search.sender_id.is_none_or(|id| id == message.sender_id)
        && search.sent_from.is_none_or(|from| message.sent_at >= from)
        && search.sent_before.is_none_or(|before| message.sent_at < before)
        && search.terms.find_in(message.body()).is_some()
}
