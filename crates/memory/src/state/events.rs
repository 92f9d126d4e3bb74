//! What has happened in conversations.

use std::ops::Bound;
use std::sync::Arc;

use confab_application::ports::{Constraint, Limit, StoreError};
use confab_application::views::{Changes, Entry};
use confab_domain::{ConversationId, Event, Seq, UserId, Version};

use super::{State, require_free, require_target};

impl State {
    pub(crate) fn append_event(&mut self, event: &Event) -> Result<(), StoreError> {
        let home = event.conversation_id;
        let is_taken = self.events.get(&home).is_some_and(|events| events.contains_key(&event.version));
        require_free(is_taken, Constraint::EventVersion)?;
        require_target(self.conversation(home).is_some() && self.user(event.actor_id).is_some())?;
        self.events.entry(home).or_default().insert(event.version, Arc::new(event.clone()));
        Ok(())
    }

    pub(crate) fn changes(
        &self,
        viewer: UserId,
        id: ConversationId,
        after: Version,
        limit: Limit,
    ) -> Result<Option<Changes>, StoreError> {
        let (Some(conversation), Some(participant)) = (self.conversation(id), self.participant(id, viewer)) else {
            return Ok(None);
        };
        let after = after.max(participant.visible_version);
        let later = (Bound::Excluded(after), Bound::Unbounded);
        let events = self.events.get(&id).into_iter().flat_map(|events| events.range(later));
        let mut entries: Vec<Entry> =
            events.take(limit.get()).map(|(_, event)| self.entry_of(viewer, event)).collect::<Result<_, _>>()?;
        let messages = (Bound::Excluded(self.last_seq_of(id, after)), Bound::Unbounded);
        let messages = self.messages.get(&id).into_iter().flat_map(|rows| rows.range(messages));
        for (_, message) in messages.take(limit.get()) {
            entries.push(Entry::Message(self.view_of(viewer, &self.as_seen(viewer, message))?));
        }
        entries.sort_by_key(Entry::version);
        entries.truncate(limit.get());
        Ok(Some(Changes { after, version: conversation.version, entries }))
    }

    /// The conversation's last message at a version: each version since the event before it is a message's.
    fn last_seq_of(&self, id: ConversationId, version: Version) -> Seq {
        let event = self.events.get(&id).and_then(|events| events.get_prev(&version));
        let messages = event.map_or(version.get(), |(_, event)| event.seq.get() + version.get() - event.version.get());
        Seq::parse(messages.cast_signed()).unwrap_or(Seq::MAX)
    }

    fn entry_of(&self, viewer: UserId, event: &Event) -> Result<Entry, StoreError> {
        let users = event.change.newcomers().iter().map(|id| self.card(*id)).collect::<Result<_, _>>()?;
        let message = event.change.message_id();
        let message = message.and_then(|id| self.visible_message(viewer, event.conversation_id, id));
        let message = message.map(|message| self.view_of(viewer, message)).transpose()?.map(Box::new);
        Ok(Entry::Event { event: event.clone(), users, message })
    }
}
