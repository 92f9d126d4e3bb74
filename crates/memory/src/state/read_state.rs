//! How far everybody has read.

use std::ops::Bound;
use std::sync::Arc;

use confab_application::ports::{Page, PageRequest, Position, StoreError};
use confab_application::views::UserCard;
use confab_domain::{
    Content, ConversationId, Inconsistent, Message, MessageId, Participant, ParticipantState, Timestamp, UnreadCount,
    UserId,
};

use super::State;

impl State {
    pub(crate) fn count_unread(&self, reader: &Participant) -> u64 {
        self.unread(reader).count() as u64
    }

    pub(crate) fn count_all_unread(&self, viewer: UserId, now: Timestamp) -> u64 {
        let heard = |place: &&Participant| place.preferences.muted_until.is_none_or(|until| until <= now);
        let unread = self.places(viewer).filter(heard).flat_map(|place| self.unread(place));
        unread.take(to_usize(UnreadCount::MOST)).count() as u64
    }

    pub(crate) fn mark_all_read(&mut self, user: UserId) -> Result<u64, StoreError> {
        let places: Vec<Participant> = self.places(user).cloned().collect();
        let mut moved = 0;
        for place in places {
            let Some(conversation) = self.conversation(place.conversation_id) else { continue };
            if place.last_read_seq < conversation.last_seq {
                let end = conversation.last_seq;
                let state =
                    ParticipantState { last_read_seq: end, last_delivered_seq: end, ..ParticipantState::clone(&place) };
                self.update_participant(&Participant::restore(state).map_err(|reason| corrupt(&place, reason))?)?;
                moved += 1;
            }
        }
        Ok(moved)
    }

    pub(crate) fn readers(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        id: MessageId,
        page: &PageRequest<UserId>,
    ) -> Result<Option<Page<UserCard>>, StoreError> {
        let Some(message) = self.view_message(viewer, conversation_id, id)?.map(|view| view.message) else {
            return Ok(None);
        };
        let (after, before) = match page.position {
            None => (Bound::Unbounded, Bound::Unbounded),
            Some(Position::After(id)) => (Bound::Excluded(id), Bound::Unbounded),
            Some(Position::Before(id)) => (Bound::Unbounded, Bound::Excluded(id)),
        };
        let everyone = self.participants.get(&conversation_id).map(|everyone| everyone.range((after, before)));
        let mut readers: Vec<UserId> =
            everyone.into_iter().flatten().filter(|(_, place)| has_read(place, &message)).map(|(id, _)| *id).collect();
        if page.is_backwards() {
            readers.reverse();
        }
        readers.truncate(page.rows());
        let cards = readers.into_iter().map(|id| self.card(id)).collect::<Result<_, _>>()?;
        Ok(Some(Page::of_rows(cards, page)))
    }

    fn places(&self, user: UserId) -> impl Iterator<Item = &Participant> {
        let conversations = self.conversations_by_user.get(&user).into_iter().flatten();
        conversations.filter_map(move |id| self.participant(*id, user))
    }

    /// The messages that count.
    fn unread(&self, reader: &Participant) -> impl Iterator<Item = &Arc<Message>> {
        let user = reader.user_id;
        let after = (Bound::Excluded(reader.last_read_seq), Bound::Unbounded);
        let messages = self.messages.get(&reader.conversation_id).map(|messages| messages.range(after));
        messages
            .into_iter()
            .flatten()
            .map(|(_, message)| message)
            .take(to_usize(UnreadCount::WINDOW))
            .filter(move |message| message.sender_id != user && !matches!(message.content, Content::Deleted(_)))
            .filter(move |message| !self.is_hidden(user, message.id))
            .take(to_usize(UnreadCount::MOST))
    }
}

fn has_read(place: &Participant, message: &Message) -> bool {
    place.last_read_seq >= message.seq && place.joined_seq < message.seq && place.user_id != message.sender_id
}

fn to_usize(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn corrupt(place: &Participant, reason: Inconsistent) -> StoreError {
    StoreError::Corrupt { table: "participants", id: format!("{}/{}", place.conversation_id, place.user_id), reason }
}
