//! What is done to messages after they were sent.

use std::ops::Bound;
use std::sync::Arc;

use confab_application::ports::{Page, PageRequest, Position, ReactionFacts, StoreError};
use confab_application::views::{Preview, ReactionSummary, ReactionView};
use confab_domain::{ConversationId, Emoji, Message, MessageId, Reaction, Revision, UserId, Version};

use super::{State, require_row, require_target};

impl State {
    pub(crate) fn participants_among(&self, id: ConversationId, users: &[UserId]) -> Vec<UserId> {
        users.iter().copied().filter(|user| self.participant(id, *user).is_some()).collect()
    }

    pub(crate) fn update_message(&mut self, message: &Message) -> Result<(), StoreError> {
        let rows = self.messages.get_mut(&message.conversation_id);
        *require_row(rows.and_then(|rows| rows.get_mut(&message.seq)), "messages")? = Arc::new(message.clone());
        Ok(())
    }

    pub(crate) fn insert_revision(&mut self, revision: &Revision) -> Result<(), StoreError> {
        require_target(self.messages_by_id.contains_key(&revision.message_id))?;
        let revisions = self.revisions.entry(revision.message_id).or_default();
        revisions.insert(revision.version, Arc::new(revision.clone()));
        Ok(())
    }

    pub(crate) fn erase(&mut self, message: &Message) -> Result<(), StoreError> {
        self.update_message(message)?;
        self.revisions.remove(&message.id);
        self.reactions.remove(&message.id);
        self.reaction_kinds.remove(&message.id);
        Ok(())
    }

    pub(crate) fn hide(&mut self, user: UserId, message: &Message) -> Result<(), StoreError> {
        require_target(self.messages_by_id.contains_key(&message.id) && self.user(user).is_some())?;
        self.hidden.insert((user, message.id));
        Ok(())
    }

    pub(super) fn is_hidden(&self, user: UserId, id: MessageId) -> bool {
        self.hidden.contains(&(user, id))
    }

    /// The message as it is told to somebody who has deleted it for themselves, where they have.
    pub(super) fn as_seen(&self, viewer: UserId, message: &Message) -> Message {
        if self.is_hidden(viewer, message.id) { message.hidden() } else { message.clone() }
    }

    fn reaction(&self, user: UserId, id: MessageId, emoji: Emoji) -> Option<Version> {
        let reactions = self.reactions.get(&id)?;
        let mine = |reaction: &Reaction| reaction.user_id == user && reaction.emoji == emoji;
        reactions.iter().find(|(_, reaction)| mine(reaction)).map(|(version, _)| *version)
    }

    pub(crate) fn reaction_facts(&self, user: UserId, id: MessageId, emoji: Emoji) -> ReactionFacts {
        let count = self.reaction_kinds.get(&id).and_then(|kinds| kinds.get(&emoji)).map_or(0, |(_, count)| *count);
        ReactionFacts { has_reacted: self.reaction(user, id, emoji).is_some(), count }
    }

    pub(crate) fn add_reaction(&mut self, reaction: &Reaction, count: u64) -> Result<(), StoreError> {
        let (id, emoji) = (reaction.message_id, reaction.emoji);
        require_target(self.messages_by_id.contains_key(&id) && self.user(reaction.user_id).is_some())?;
        self.reactions.entry(id).or_default().insert(reaction.version, *reaction);
        self.reaction_kinds.entry(id).or_default().entry(emoji).or_insert((reaction.version, 0)).1 = count;
        Ok(())
    }

    pub(crate) fn remove_reaction(&mut self, user: UserId, id: MessageId, emoji: Emoji, count: u64) {
        let version = self.reaction(user, id, emoji);
        if let (Some(version), Some(reactions)) = (version, self.reactions.get_mut(&id)) {
            reactions.remove(&version);
        }
        let Some(kinds) = self.reaction_kinds.get_mut(&id) else { return };
        if count == 0 {
            kinds.remove(&emoji);
        } else if let Some(kind) = kinds.get_mut(&emoji) {
            kind.1 = count;
        }
    }

    pub(super) fn summaries(&self, viewer: UserId, id: MessageId) -> Vec<ReactionSummary> {
        let Some(kinds) = self.reaction_kinds.get(&id) else { return Vec::new() };
        let mut kinds: Vec<_> = kinds.iter().collect();
        kinds.sort_by_key(|(_, (version, _))| *version);
        let summary = |(emoji, (_, count)): (&Emoji, &(Version, u64))| {
            let mine = self.reaction(viewer, id, *emoji).is_some();
            ReactionSummary { emoji: *emoji, count: *count, mine }
        };
        kinds.into_iter().map(summary).collect()
    }

    pub(super) fn preview(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        id: MessageId,
    ) -> Result<Preview, StoreError> {
        let card = |message: &Message| Ok((message.clone(), self.card(message.sender_id)?));
        let message = self.visible_message(viewer, conversation_id, id).map(card).transpose()?;
        Ok(Preview { id, message })
    }

    pub(crate) fn revisions(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        id: MessageId,
        page: &PageRequest<Version>,
    ) -> Option<Page<Revision>> {
        self.visible_message(viewer, conversation_id, id)?;
        Some(self.revisions_of(id, None, page))
    }

    /// What a message said before its edits, perhaps only before a version, whoever asks.
    pub(super) fn revisions_of(
        &self,
        id: MessageId,
        before: Option<Version>,
        page: &PageRequest<Version>,
    ) -> Page<Revision> {
        let revisions = self.revisions.get(&id).into_iter();
        let revisions = revisions.flat_map(|revisions| revisions.range(newest_first(page)));
        let revisions = revisions.filter(|(version, _)| before.is_none_or(|before| **version < before));
        let revisions = revisions.map(|(_, revision)| Revision::clone(revision));
        let rows = if page.is_backwards() {
            revisions.take(page.rows()).collect()
        } else {
            revisions.rev().take(page.rows()).collect()
        };
        Page::of_rows(rows, page)
    }

    pub(crate) fn reactions(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        id: MessageId,
        emoji: Option<Emoji>,
        page: &PageRequest<Version>,
    ) -> Result<Option<Page<ReactionView>>, StoreError> {
        if self.visible_message(viewer, conversation_id, id).is_none() {
            return Ok(None);
        }
        let reactions = self.reactions.get(&id).into_iter();
        let reactions = reactions.flat_map(|reactions| reactions.range(newest_first(page)));
        let reactions = reactions
            .map(|(_, reaction)| reaction)
            .filter(|reaction| emoji.is_none_or(|emoji| reaction.emoji == emoji));
        let rows: Vec<&Reaction> = if page.is_backwards() {
            reactions.take(page.rows()).collect()
        } else {
            reactions.rev().take(page.rows()).collect()
        };
        let view = |reaction: &Reaction| -> Result<_, StoreError> {
            let user = self.card(reaction.user_id)?;
            Ok(ReactionView { version: reaction.version, emoji: reaction.emoji, user })
        };
        let views = rows.into_iter().map(view).collect::<Result<_, _>>()?;
        Ok(Some(Page::of_rows(views, page)))
    }
}

/// The versions that a page lies between, in a list that begins with the newest.
const fn newest_first(page: &PageRequest<Version>) -> (Bound<Version>, Bound<Version>) {
    match page.position {
        None => (Bound::Unbounded, Bound::Unbounded),
        Some(Position::After(version)) => (Bound::Unbounded, Bound::Excluded(version)),
        Some(Position::Before(version)) => (Bound::Excluded(version), Bound::Unbounded),
    }
}
