//! Reads conversations on behalf of one of their participants.
//!
//! First the conversations, then what hangs on them: no participant that is shown is older than the version beside it.

use std::collections::HashMap;

use async_trait::async_trait;
use confab_application::ports::{
    ActivityKey, ConversationFilter, ConversationReader, Limit, Page, PageRequest, Participants, StoreError,
};
use confab_application::views::{ConversationView, LISTED_PARTICIPANTS, ParticipantView, Standing};
use confab_domain::{ConversationId, Membership, Participant, Timestamp, UnreadCount, UserId};
use sea_orm::prelude::Uuid;
use sea_orm::{ConnectionTrait, IdenStatic as _, Statement};

use super::list::{self, Found};
use super::{participants, unread};
use crate::accounts::cards::Cards;
use crate::connection::Connection;
use crate::entities::conversation::{self, Column};
use crate::entities::participant;
use crate::error::Failure;
use crate::messages::read::takes_part;
use crate::messages::view::References;
use crate::reading::{Reading, Values};
use crate::select::is;

const TO_LEAVE: &str = "SELECT p.conversation_id FROM participants p JOIN conversations c ON c.id = p.conversation_id \
WHERE p.user_id = $1 AND (c.direct_low IS NULL OR c.closed_at IS NULL) ORDER BY p.conversation_id LIMIT $2";

#[async_trait]
impl<C: ConnectionTrait + Send> ConversationReader for Connection<C> {
    async fn find(&self, viewer: UserId, id: ConversationId) -> Result<Option<ConversationView>, StoreError> {
        self.run(async {
            let mut query = list::visible(viewer);
            query.and_where(is(("c", Column::Id), id.as_uuid()));
            let reading = list::with_metadata(viewer, query);
            let found = reading.fetch(self.raw(), Found::restore_with_metadata).await?;
            let ids: Vec<ConversationId> = found.iter().map(|found| found.conversation.id).collect();
            let participants = participants::of(self.raw(), viewer, &ids, None).await?;
            if participants.is_empty() {
                return Ok(None);
            }
            Ok(views(self.raw(), viewer, found, participants).await?.pop())
        })
        .await
    }

    async fn count(&self, viewer: UserId, filter: &ConversationFilter, most: u64) -> Result<u64, StoreError> {
        self.run(async {
            let query = list::wanted(viewer, filter, self.raw().get_database_backend());
            let found = self.raw().query_one(&list::count(query, most)).await?;
            let count: i64 = found.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
            Ok(count.unsigned_abs())
        })
        .await
    }

    async fn list_to_leave(&self, viewer: UserId, limit: Limit) -> Result<Vec<ConversationId>, StoreError> {
        self.run(async {
            let backend = self.raw().get_database_backend();
            let values = [viewer.as_uuid().into(), (limit.get() as u64).into()];
            let rows = self.raw().query_all_raw(Statement::from_sql_and_values(backend, TO_LEAVE, values)).await?;
            rows.iter().map(|row| Ok(ConversationId::from(row.try_get_by_index::<Uuid>(0)?))).collect()
        })
        .await
    }

    async fn list(
        &self,
        viewer: UserId,
        filter: &ConversationFilter,
        page: &PageRequest<ActivityKey>,
        participants: Participants,
    ) -> Result<Page<ConversationView>, StoreError> {
        let listed = self.run(async {
            let statement = list::listed(viewer, filter, page, self.raw().get_database_backend());
            let (found, _) = statement.fetch(self.raw(), Found::restore).await?;
            let Page { items, has_previous, has_next } = Page::of_rows(found, page);

            let participants = match participants {
                Participants::None => Vec::new(),
                Participants::First => {
                    let ids: Vec<_> = items.iter().map(|found: &Found| found.conversation.id).collect();
                    participants::of(self.raw(), viewer, &ids, Some(LISTED_PARTICIPANTS)).await?
                }
            };
            // Where the viewer was removed in between there are none. The conversation is shown all the same: the page is
            // what the first statement saw, and its ends are where the next pages begin.
            let items = views(self.raw(), viewer, items, participants).await?;
            Ok(Page { items, has_previous, has_next })
        });
        let listed = listed.await?;
        if filter.unread == Some(true) {
            self.catch_up(viewer);
        }
        Ok(listed)
    }

    async fn participants(
        &self,
        viewer: UserId,
        id: ConversationId,
        membership: Option<Membership>,
        page: &PageRequest<UserId>,
    ) -> Result<Option<Page<ParticipantView>>, StoreError> {
        self.run(async {
            let reading = participants::page(viewer, id, membership, page);
            let restore = |row: &mut Values<'_>| row.record::<participant::Model>()?.restore();
            let columns = [("p", participant::Column::UserId.as_str())];
            let (found, mut cards) = Cards::along_with(reading, self.raw(), restore, &columns).await?;
            // Only to tell that there are none of these from not taking part.
            if found.is_empty() && !takes_part(self.raw(), viewer, id).await? {
                return Ok(None);
            }
            let Page { items, has_previous, has_next } = Page::of_rows(found, page);
            cards.complete(self.raw(), items.iter().map(|participant| participant.user_id)).await?;
            let items = items.iter().map(|participant| view(participant, &cards)).collect::<Result<_, _>>()?;
            Ok(Some(Page { items, has_previous, has_next }))
        })
        .await
    }

    async fn standing(&self, viewer: UserId, id: ConversationId) -> Result<Option<Standing>, StoreError> {
        self.run(async {
            let mut reading = Reading::new().of::<conversation::Model>("c").of::<participant::Model>("me");
            list::of_viewer(reading.query(), viewer).and_where(is(("c", Column::Id), id.as_uuid()));
            let restore = |row: &mut Values<'_>| {
                let conversation = row.record::<conversation::Model>()?.restore()?;
                let membership = row.record::<participant::Model>()?.restore()?.membership;
                Ok(Standing { conversation, membership })
            };
            Ok(reading.fetch(self.raw(), restore).await?.pop())
        })
        .await
    }

    async fn count_all_unread(&self, viewer: UserId, now: Timestamp) -> Result<u64, StoreError> {
        let unread = self.run(unread::count_all(self.raw(), viewer, now)).await?;
        self.catch_up(viewer);
        Ok(unread)
    }
}

fn view(participant: &Participant, cards: &Cards) -> Result<ParticipantView, Failure> {
    Ok(ParticipantView {
        user: cards.of(participant.user_id)?,
        membership: participant.membership,
        joined_at: participant.joined_at,
        last_read_seq: participant.last_read_seq,
        last_delivered_seq: participant.last_delivered_seq,
    })
}

/// The conversations with those of the participants who are in them, and with the cards of everyone who is shown.
async fn views(
    connection: &impl ConnectionTrait,
    viewer: UserId,
    found: Vec<Found>,
    participants: Vec<Participant>,
) -> Result<Vec<ConversationView>, Failure> {
    let shown = participants.iter().map(|participant| participant.user_id);
    let messages = found.iter().filter_map(|found| found.last_message.as_ref());
    let references = References::read(connection, viewer, messages).await?;
    let mut cards: Cards = found.iter().flat_map(Found::cards).cloned().collect();
    let users = found.iter().flat_map(Found::users).chain(references.users()).chain(shown);
    cards.complete(connection, users).await?;

    let mut shown: HashMap<ConversationId, Vec<ParticipantView>> = HashMap::new();
    for participant in participants {
        shown.entry(participant.conversation_id).or_default().push(view(&participant, &cards)?);
    }
    let whole = |found: Found| {
        Ok(ConversationView {
            unread: UnreadCount::of(found.unread, &found.viewer, &found.conversation),
            participants: shown.remove(&found.conversation.id).unwrap_or_default(),
            peer: found.peer().map(|id| cards.of(id)).transpose()?,
            last_message: found.last_message.map(|message| references.view(message, &cards)).transpose()?,
            metadata: found.metadata,
            viewer: found.viewer,
            conversation: found.conversation,
        })
    };
    found.into_iter().map(whole).collect()
}
