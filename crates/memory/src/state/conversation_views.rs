//! Conversations, as their participants see them.

use std::ops::Bound;

use confab_application::ports::{
    ActivityKey, ConversationFilter, Limit, Page, PageRequest, Participants, Position, StoreError,
};
use confab_application::views::{ConversationView, LISTED_PARTICIPANTS, ParticipantView, Standing};
use confab_domain::{Conversation, ConversationId, Membership, Participant, Title, UnreadCount, UserId};

use imbl::OrdMap;

use super::State;

impl State {
    pub(crate) fn view_conversation(
        &self,
        viewer: UserId,
        id: ConversationId,
    ) -> Result<Option<ConversationView>, StoreError> {
        self.view(viewer, id, usize::MAX)
    }

    /// Sorts all that the viewer is in, which are few, rather than keep an index that each message would move for each
    /// participant.
    pub(crate) fn list_conversations(
        &self,
        viewer: UserId,
        filter: &ConversationFilter,
        page: &PageRequest<ActivityKey>,
        participants: Participants,
    ) -> Result<Page<ConversationView>, StoreError> {
        let title = filter.title_contains.as_deref().map(Title::search_key);
        let mut keys: Vec<ActivityKey> = self
            .admitted(viewer, filter, title.as_deref())
            .map(ActivityKey::of)
            .filter(|key| match page.position {
                None => true,
                Some(Position::After(place)) => *key < place,
                Some(Position::Before(place)) => *key > place,
            })
            .collect();
        keys.sort_unstable();
        if !page.is_backwards() {
            keys.reverse();
        }
        keys.truncate(page.rows());
        let shown = match participants {
            Participants::None => 0,
            Participants::First => LISTED_PARTICIPANTS,
        };
        let views = keys.iter().filter_map(|key| self.view(viewer, key.id, shown).transpose());
        Ok(Page::of_rows(views.collect::<Result<_, _>>()?, page))
    }

    pub(crate) fn conversations_to_leave(&self, viewer: UserId, limit: Limit) -> Vec<ConversationId> {
        let theirs = self.conversations_by_user.get(&viewer).into_iter().flatten();
        let is_to_leave = |id: &&ConversationId| {
            self.conversation(**id).is_some_and(|found| found.pair.is_none() || found.closed_at.is_none())
        };
        theirs.filter(is_to_leave).take(limit.get()).copied().collect()
    }

    pub(crate) fn count_conversations(&self, viewer: UserId, filter: &ConversationFilter, most: u64) -> u64 {
        let title = filter.title_contains.as_deref().map(Title::search_key);
        Ord::min(self.admitted(viewer, filter, title.as_deref()).count() as u64, most)
    }

    /// The viewer's conversations that a filter wants, the text that it looks for given as its key.
    fn admitted<'a>(
        &'a self,
        viewer: UserId,
        filter: &'a ConversationFilter,
        title: Option<&'a str>,
    ) -> impl Iterator<Item = &'a Conversation> {
        let theirs = self.conversations_by_user.get(&viewer).into_iter().flatten();
        theirs
            .filter_map(move |id| self.conversation(*id).zip(self.participant(*id, viewer)))
            .filter(move |(conversation, place)| self.admits(filter, title, conversation, place))
            .map(|(conversation, _)| conversation)
    }

    fn admits(
        &self,
        filter: &ConversationFilter,
        title: Option<&str>,
        conversation: &Conversation,
        place: &Participant,
    ) -> bool {
        let set = &place.preferences;
        filter.participant_id.is_none_or(|user| self.participant(conversation.id, user).is_some())
            && filter.kind.is_none_or(|kind| kind == conversation.kind())
            && filter.unread.is_none_or(|unread| unread == (self.count_unread(place) > 0))
            && filter.archived.is_none_or(|archived| archived == set.archived)
            && filter.pinned.is_none_or(|pinned| pinned == set.pinned)
            && filter.muted.is_none_or(|muted| muted.wanted == set.muted_until.is_some_and(|until| until > muted.at))
            && filter.updated_since.is_none_or(|since| conversation.updated_at() >= since)
            && title.is_none_or(|wanted| {
                conversation.title.as_ref().is_some_and(|title| Title::search_key(title.as_str()).contains(wanted))
            })
    }

    /// The conversation with so many of its participants, if the viewer takes part in it.
    fn view(
        &self,
        viewer: UserId,
        id: ConversationId,
        participants: usize,
    ) -> Result<Option<ConversationView>, StoreError> {
        let (Some(conversation), Some(everyone)) = (self.conversation(id), self.participants.get(&id)) else {
            return Ok(None);
        };
        let Some(reader) = everyone.get(&viewer) else { return Ok(None) };
        let newest = self.messages.get(&id).and_then(OrdMap::get_max).filter(|(seq, _)| *seq > reader.visible_seq);
        Ok(Some(ConversationView {
            conversation: conversation.clone(),
            participants: everyone
                .values()
                .take(participants)
                .map(|participant| self.view_participant(participant))
                .collect::<Result<_, _>>()?,
            peer: conversation.pair.map(|pair| self.card(pair.other(viewer))).transpose()?,
            last_message: newest
                .map(|(_, message)| self.view_of(viewer, &self.as_seen(viewer, message)))
                .transpose()?,
            viewer: Participant::clone(reader),
            // Of one conversation by itself: a list does without.
            metadata: self.metadata(id).filter(|_| participants == usize::MAX).cloned(),
            unread: UnreadCount::of(self.count_unread(reader), reader, conversation),
        }))
    }

    pub(crate) fn list_participants(
        &self,
        viewer: UserId,
        id: ConversationId,
        membership: Option<Membership>,
        page: &PageRequest<UserId>,
    ) -> Result<Option<Page<ParticipantView>>, StoreError> {
        let Some(everyone) = self.participants.get(&id).filter(|everyone| everyone.contains_key(&viewer)) else {
            return Ok(None);
        };
        let range = match page.position {
            None => (Bound::Unbounded, Bound::Unbounded),
            Some(Position::After(id)) => (Bound::Excluded(id), Bound::Unbounded),
            Some(Position::Before(id)) => (Bound::Unbounded, Bound::Excluded(id)),
        };
        let wanted = everyone.range(range).map(|(_, place)| place);
        let wanted = wanted.filter(|place| membership.is_none_or(|membership| place.membership == membership));
        let rows: Vec<_> = if page.is_backwards() {
            wanted.rev().take(page.rows()).collect()
        } else {
            wanted.take(page.rows()).collect()
        };
        let rows = rows.into_iter().map(|place| self.view_participant(place)).collect::<Result<_, _>>()?;
        Ok(Some(Page::of_rows(rows, page)))
    }

    pub(crate) fn standing(&self, viewer: UserId, id: ConversationId) -> Option<Standing> {
        let (conversation, place) = self.conversation(id).zip(self.participant(id, viewer))?;
        Some(Standing { conversation: conversation.clone(), membership: place.membership })
    }

    fn view_participant(&self, participant: &Participant) -> Result<ParticipantView, StoreError> {
        Ok(ParticipantView {
            user: self.card(participant.user_id)?,
            membership: participant.membership,
            joined_at: participant.joined_at,
            last_read_seq: participant.last_read_seq,
            last_delivered_seq: participant.last_delivered_seq,
        })
    }
}
