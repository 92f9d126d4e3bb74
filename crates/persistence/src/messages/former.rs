//! Reads messages on behalf of those who have left their conversation.

use async_trait::async_trait;
use confab_application::ports::{
    FormerHistory, Limit, MessageFilter, Order as ListOrder, Page, PageRequest, StoreError,
};
use confab_application::views::MessageView;
use confab_domain::{ConversationId, Message, MessageId, Revision, Seq, UserId, Version};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, JoinType, Query, SelectStatement};
use sea_orm::{ConnectionTrait, IdenStatic as _};

use super::history::{self, Wanted};
use super::{changes, view};
use crate::accounts::cards::Cards;
use crate::connection::Connection;
use crate::entities::row::Row;
use crate::entities::{conversation, former_participant, message, revision};
use crate::error::Failure;
use crate::reading::{Reading, Values};
use crate::select::{is, same};

/// Who has left what.
#[derive(Clone, Copy)]
struct Left {
    viewer: UserId,
    conversation_id: ConversationId,
}

#[async_trait]
impl<C: ConnectionTrait + Send> FormerHistory for Connection<C> {
    async fn history(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        filter: &MessageFilter,
        page: &PageRequest<Seq>,
    ) -> Result<Option<Page<MessageView>>, StoreError> {
        self.run(async {
            let left = Left { viewer, conversation_id };
            let wanted = Wanted::page(conversation_id, filter, page, self.raw().get_database_backend());
            let found = left.read(self.raw(), wanted).await?;
            // Only to tell a history without messages from none.
            if found.is_empty() && !left.is_so(self.raw()).await? {
                return Ok(None);
            }
            Ok(Some(Page::of_rows(found, page)))
        })
        .await
    }

    async fn find(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        id: MessageId,
    ) -> Result<Option<MessageView>, StoreError> {
        self.run(Left { viewer, conversation_id }.find(self.raw(), id)).await
    }

    async fn around(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        filter: &MessageFilter,
        seq: Seq,
        limit: Limit,
    ) -> Result<Option<Page<MessageView>>, StoreError> {
        self.run(async {
            let left = Left { viewer, conversation_id };
            let backend = self.raw().get_database_backend();
            let [before, after] =
                [false, true].map(|after| Wanted::side(conversation_id, filter, seq, limit, after, backend));
            let (before, after) = (left.read(self.raw(), before).await?, left.read(self.raw(), after).await?);
            if before.is_empty() && after.is_empty() && !left.is_so(self.raw()).await? {
                return Ok(None);
            }
            Ok(Some(Page::around(before, after, limit, filter.order == ListOrder::NewestFirst)))
        })
        .await
    }

    async fn revisions(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        id: MessageId,
        page: &PageRequest<Version>,
    ) -> Result<Option<Page<Revision>>, StoreError> {
        self.run(async {
            let left = Left { viewer, conversation_id };
            let Some(shown) = left.find(self.raw(), id).await? else { return Ok(None) };
            let before = Some(shown.message.content_version());
            changes::revisions_of(self.raw(), id, before, page).await.map(Some)
        })
        .await
    }
}

impl Left {
    /// The place that the viewer had in the conversation, if that is not deleted.
    fn place(self) -> SelectStatement {
        let home = same(("c", conversation::Column::Id), ("f", former_participant::Column::ConversationId));
        Query::select()
            .from_as(former_participant::Entity, "f")
            .join_as(JoinType::InnerJoin, conversation::Entity, "c", home)
            .and_where(is(("f", former_participant::Column::ConversationId), self.conversation_id.as_uuid()))
            .and_where(is(("f", former_participant::Column::UserId), self.viewer.as_uuid()))
            .and_where(Expr::col(("c", conversation::Column::DeletedAt)).is_null())
            .take()
    }

    /// A column of it, asked for once and not for each message.
    fn bound(self, column: former_participant::Column) -> Expr {
        self.value(Expr::col(("f", column)))
    }

    fn value(self, value: Expr) -> Expr {
        Expr::SubQuery(None, Box::new(self.place().expr(value).take().into()))
    }

    /// Whether there is such a place.
    async fn is_so(self, connection: &impl ConnectionTrait) -> Result<bool, Failure> {
        let found = connection.query_one(self.place().expr(Expr::val(1))).await?;
        Ok(found.is_some())
    }

    /// Those of the messages that the viewer could see until then that are wanted, as they were then. What they said then is read
    /// along with them: in a statement of its own it could be erased by the time.
    async fn read(self, connection: &impl ConnectionTrait, mut wanted: Wanted) -> Result<Vec<MessageView>, Failure> {
        use former_participant::Column as Place;
        let until_then = Query::select()
            .expr(Expr::col(("n", revision::Column::Version)).max())
            .from_as(revision::Entity, "n")
            .and_where(same(("n", revision::Column::MessageId), ("m", message::Column::Id)))
            .and_where(Expr::col(("n", revision::Column::Version)).lte(self.bound(Place::LeftVersion)))
            .take();
        let newest = Condition::all()
            .add(same(("r", revision::Column::MessageId), ("m", message::Column::Id)))
            .add(Expr::col(("r", revision::Column::Version)).eq(Expr::SubQuery(None, Box::new(until_then.into()))));
        let seq = || Expr::col(("m", message::Column::Seq));
        let first = history::later(Expr::col(("f", Place::VisibleSeq)), wanted.after.take());
        let reading = Reading::new().of::<message::Model>("m").of::<revision::Model>("r");
        let mut reading = reading.integer(self.bound(Place::LeftVersion));
        reading
            .query()
            .from_as(message::Entity, "m")
            .join_as(JoinType::LeftJoin, revision::Entity, "r", newest)
            .and_where(is(("m", message::Column::ConversationId), self.conversation_id.as_uuid()))
            .and_where(seq().gt(self.value(first)))
            .and_where(seq().lte(self.bound(Place::LeftSeq)))
            .and_where(history::is_shown(self.viewer));
        wanted.of(reading.query());
        let senders = [("m", message::Column::SenderId.as_str())];
        let (found, mut cards) = Cards::along_with(reading, connection, as_of_then, &senders).await?;
        cards.complete(connection, found.iter().flat_map(view::users)).await?;
        found.into_iter().map(|message| view::References::default().view(message, &cards)).collect()
    }

    async fn find(self, connection: &impl ConnectionTrait, id: MessageId) -> Result<Option<MessageView>, Failure> {
        Ok(self.read(connection, Wanted::one(id)).await?.pop())
    }
}

/// A message, the newest revision that it had then, and the version of then.
fn as_of_then(row: &mut Values<'_>) -> Result<Message, Failure> {
    let message = view::message(row)?;
    let then = row.optional_record::<revision::Model>()?.map(revision::Model::restore).transpose()?;
    let id = message.id;
    let version = Row::new("former_participants", id.as_uuid()).version("left_version", row.integer()?)?;
    message.as_of(version, then.as_ref()).map_err(|reason| Failure::Corrupt {
        table: "message_revisions",
        id: id.to_string(),
        reason,
    })
}
