//! Reads messages for an admin who takes no part in their conversation, as long as it is told there that they do.

use async_trait::async_trait;
use confab_application::ports::{
    InspectedHistory, Inspection, Limit, MessageFilter, Order as ListOrder, Page, PageRequest, StoreError,
};
use confab_application::views::MessageView;
use confab_domain::{MessageId, Seq};
use sea_orm::sea_query::{Expr, ExprTrait as _, JoinType, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbBackend, IdenStatic as _};

use super::history::{self, Wanted};
use super::view;
use crate::accounts::cards::Cards;
use crate::connection::Connection;
use crate::entities::conversation;
use crate::entities::message::{self, Column};
use crate::error::Failure;
use crate::reading::Reading;
use crate::select::{is, same};

#[async_trait]
impl<C: ConnectionTrait + Send> InspectedHistory for Connection<C> {
    async fn history(
        &self,
        inspection: &Inspection,
        filter: &MessageFilter,
        page: &PageRequest<Seq>,
    ) -> Result<Option<Page<MessageView>>, StoreError> {
        self.run(async {
            let wanted = Wanted::page(inspection.conversation_id(), filter, page, self.raw().get_database_backend());
            let found = read(self.raw(), inspection, wanted).await?;
            // Only to tell a page without messages from none.
            if found.is_empty() && !is_told(self.raw(), inspection).await? {
                return Ok(None);
            }
            Ok(Some(Page::of_rows(found, page)))
        })
        .await
    }

    async fn find(&self, inspection: &Inspection, id: MessageId) -> Result<Option<MessageView>, StoreError> {
        self.run(async { Ok(read(self.raw(), inspection, Wanted::one(id)).await?.pop()) }).await
    }

    async fn around(
        &self,
        inspection: &Inspection,
        filter: &MessageFilter,
        seq: Seq,
        limit: Limit,
    ) -> Result<Option<Page<MessageView>>, StoreError> {
        self.run(async {
            let (id, backend) = (inspection.conversation_id(), self.raw().get_database_backend());
            let [before, after] = [false, true].map(|after| Wanted::side(id, filter, seq, limit, after, backend));
            let before = read(self.raw(), inspection, before).await?;
            let after = read(self.raw(), inspection, after).await?;
            if before.is_empty() && after.is_empty() && !is_told(self.raw(), inspection).await? {
                return Ok(None);
            }
            Ok(Some(Page::around(before, after, limit, filter.order == ListOrder::NewestFirst)))
        })
        .await
    }
}

/// The message that tells it, if the conversation is not deleted. It mentions nothing of the messages that are read, so that it is
/// looked for once.
fn told(inspection: &Inspection, backend: DbBackend) -> SelectStatement {
    let until = match backend {
        DbBackend::Postgres => "CAST(CAST(told.details AS json) #>> '{system,until}' AS bigint) > $1",
        _ => "told.details ->> '$.system.until' > ?",
    };
    Query::select()
        .expr(Expr::val(1))
        .from_as(message::Entity, "told")
        .join_as(
            JoinType::InnerJoin,
            conversation::Entity,
            "c",
            same(("c", conversation::Column::Id), ("told", Column::ConversationId)),
        )
        .and_where(is(("told", Column::ConversationId), inspection.conversation_id().as_uuid()))
        .and_where(is(("told", Column::SenderId), inspection.inspector().as_uuid()))
        .and_where(Expr::cust_with_values(until, [inspection.now().as_micros()]))
        .and_where(Expr::col(("c", conversation::Column::DeletedAt)).is_null())
        .take()
}

async fn is_told(connection: &impl ConnectionTrait, inspection: &Inspection) -> Result<bool, Failure> {
    let found = connection.query_one(told(inspection, connection.get_database_backend()).limit(1)).await?;
    Ok(found.is_some())
}

/// Those of the conversation's messages that are wanted.
async fn read(
    connection: &impl ConnectionTrait,
    inspection: &Inspection,
    mut wanted: Wanted,
) -> Result<Vec<MessageView>, Failure> {
    let mut reading = Reading::new().of::<message::Model>("m");
    let after = wanted.after.take().map(|after| Expr::col(("m", Column::Seq)).gt(after));
    reading
        .query()
        .from_as(message::Entity, "m")
        .and_where(is(("m", Column::ConversationId), inspection.conversation_id().as_uuid()))
        .and_where_option(after)
        .and_where(Expr::exists(told(inspection, connection.get_database_backend())))
        .and_where(history::is_shown(inspection.inspector()));
    wanted.of(reading.query());
    let senders = [("m", Column::SenderId.as_str())];
    let (found, mut cards) = Cards::along_with(reading, connection, view::message, &senders).await?;
    cards.complete(connection, found.iter().flat_map(view::users)).await?;
    found.into_iter().map(|message| view::References::default().view(message, &cards)).collect()
}
