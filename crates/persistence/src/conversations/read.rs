//! Reads conversations on behalf of one of their participants.
//!
//! First the conversations, then what hangs on them: no participant that is shown is older than the version beside it.

use async_trait::async_trait;
use confab_application::ports::{ActivityKey, ConversationFilter, ConversationReader, Page, PageRequest, StoreError};
use confab_application::views::{ConversationView, LISTED_PARTICIPANTS, ParticipantView};
use confab_domain::{ConversationId, UserId};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::Order;

use super::list::{self, Found};
use super::participants;
use crate::connection::Connection;
use crate::entities::conversation::Column;
use crate::select::is;

#[async_trait]
impl<C: ConnectionTrait + Send> ConversationReader for Connection<C> {
    async fn find(&self, viewer: UserId, id: ConversationId) -> Result<Option<ConversationView>, StoreError> {
        self.run(async {
            let mut query = list::visible(viewer);
            query.and_where(is(("c", Column::Id), id.as_uuid()));
            let Some(row) = self.raw().query_one(&list::with_last_message(query, Order::Desc)).await? else {
                return Ok(None);
            };
            let found = Found::restore(&row)?;
            let mut participants = participants::of(self.raw(), viewer, &[id], None).await?;
            Ok(participants.remove(&id).map(|participants| view(found, participants)))
        })
        .await
    }

    async fn list(
        &self,
        viewer: UserId,
        filter: &ConversationFilter,
        page: &PageRequest<ActivityKey>,
    ) -> Result<Page<ConversationView>, StoreError> {
        self.run(async {
            let query = list::filtered(list::visible(viewer), filter, self.raw().get_database_backend());
            let order = if page.is_backwards() { Order::Asc } else { Order::Desc };
            let query = list::with_last_message(list::page(query, page), order);
            let rows = self.raw().query_all(&query).await?;
            let found = rows.iter().map(Found::restore).collect::<Result<_, _>>()?;
            let Page { items, has_previous, has_next } = Page::of_rows(found, page);

            let ids: Vec<_> = items.iter().map(|found: &Found| found.conversation.id).collect();
            let mut participants = participants::of(self.raw(), viewer, &ids, Some(LISTED_PARTICIPANTS)).await?;
            // Where the viewer was removed in between there are none. The conversation is shown all the same: the page is
            // what the first statement saw, and its ends are where the next pages begin.
            let items = items.into_iter().map(|found| {
                let participants = participants.remove(&found.conversation.id).unwrap_or_default();
                view(found, participants)
            });
            let items = items.collect();
            Ok(Page { items, has_previous, has_next })
        })
        .await
    }
}

fn view(found: Found, participants: Vec<ParticipantView>) -> ConversationView {
    ConversationView {
        unread_count: found.viewer.unread_count(&found.conversation),
        conversation: found.conversation,
        participants,
        last_message: found.last_message,
    }
}
