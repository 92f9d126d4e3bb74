//! Reads messages on behalf of those who have left their conversation.

use std::collections::HashMap;

use async_trait::async_trait;
use confab_application::ports::{
    FormerHistory, Limit, MessageFilter, Order as ListOrder, Page, PageRequest, StoreError,
};
use confab_application::views::MessageView;
use confab_domain::{ConversationId, FormerParticipant, Message, MessageId, Revision, Seq, UserId, Version};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait as _, JoinType, Query, SelectStatement};

use super::{changes, history, view};
use crate::connection::Connection;
use crate::entities::{conversation, former_participant, message, revision};
use crate::error::Failure;
use crate::reading::Reading;
use crate::select::{is, is_among, same};

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
            let Some(place) = place(self.raw(), viewer, conversation_id).await? else { return Ok(None) };
            let wanted = |query: &mut SelectStatement| history::page(query, filter, page);
            Ok(Some(Page::of_rows(read(self.raw(), &place, wanted).await?, page)))
        })
        .await
    }

    async fn find(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        id: MessageId,
    ) -> Result<Option<MessageView>, StoreError> {
        self.run(async {
            let Some(place) = place(self.raw(), viewer, conversation_id).await? else { return Ok(None) };
            find(self.raw(), &place, id).await
        })
        .await
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
            let Some(place) = place(self.raw(), viewer, conversation_id).await? else { return Ok(None) };
            let before = |query: &mut SelectStatement| history::side(query, filter, seq, limit, false);
            let after = |query: &mut SelectStatement| history::side(query, filter, seq, limit, true);
            let (before, after) = (read(self.raw(), &place, before).await?, read(self.raw(), &place, after).await?);
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
            let Some(place) = place(self.raw(), viewer, conversation_id).await? else { return Ok(None) };
            let Some(shown) = find(self.raw(), &place, id).await? else { return Ok(None) };
            let before = Some(shown.message.content_version());
            changes::revisions_of(self.raw(), id, before, page).await.map(Some)
        })
        .await
    }
}

/// The place that the viewer had in a conversation that is not deleted.
async fn place(
    connection: &impl ConnectionTrait,
    viewer: UserId,
    conversation_id: ConversationId,
) -> Result<Option<FormerParticipant>, Failure> {
    let mut reading = Reading::new().of::<former_participant::Model>("f");
    of_place(reading.query(), viewer, conversation_id);
    Ok(reading.fetch(connection, |row| row.record::<former_participant::Model>()?.restore()).await?.pop())
}

fn of_place(query: &mut SelectStatement, viewer: UserId, conversation_id: ConversationId) {
    let home = same(("c", conversation::Column::Id), ("f", former_participant::Column::ConversationId));
    query
        .from_as(former_participant::Entity, "f")
        .join_as(JoinType::InnerJoin, conversation::Entity, "c", home)
        .and_where(is(("f", former_participant::Column::ConversationId), conversation_id.as_uuid()))
        .and_where(is(("f", former_participant::Column::UserId), viewer.as_uuid()))
        .and_where(Expr::col(("c", conversation::Column::DeletedAt)).is_null());
}

/// Those of the messages that whoever left could see that are wanted, as they were then. The place is asked for again in the
/// statement that reads them: it may be gone by then.
async fn read(
    connection: &impl ConnectionTrait,
    place: &FormerParticipant,
    wanted: impl FnOnce(&mut SelectStatement),
) -> Result<Vec<MessageView>, Failure> {
    let of_the_place = |column| {
        let mut bound = Query::select();
        bound.column(("f", column));
        of_place(&mut bound, place.user_id, place.conversation_id);
        Expr::SubQuery(None, Box::new(bound.into()))
    };
    let seq = || Expr::col(("m", message::Column::Seq));
    let mut reading = Reading::new().of::<message::Model>("m");
    reading
        .query()
        .from_as(message::Entity, "m")
        .and_where(is(("m", message::Column::ConversationId), place.conversation_id.as_uuid()))
        .and_where(seq().gt(of_the_place(former_participant::Column::VisibleSeq)))
        .and_where(seq().lte(of_the_place(former_participant::Column::LeftSeq)))
        .and_where(history::is_shown(place.user_id));
    wanted(reading.query());
    let (found, mut cards) = view::fetch(reading, connection).await?;
    let found = as_of(connection, found, place.left_version).await?;
    cards.complete(connection, found.iter().flat_map(view::users)).await?;
    found.into_iter().map(|message| view::References::default().view(message, &cards)).collect()
}

async fn find(
    connection: &impl ConnectionTrait,
    place: &FormerParticipant,
    id: MessageId,
) -> Result<Option<MessageView>, Failure> {
    let this = is(("m", message::Column::Id), id.as_uuid());
    let wanted = |query: &mut SelectStatement| {
        query.and_where(this);
    };
    Ok(read(connection, place, wanted).await?.pop())
}

/// The messages as they were at a version: one statement more where any of them was edited since.
async fn as_of(
    connection: &impl ConnectionTrait,
    messages: Vec<Message>,
    version: Version,
) -> Result<Vec<Message>, Failure> {
    let edited = messages.iter().filter(|message| message.text().is_some() && message.content_version() > version);
    let edited: Vec<_> = edited.map(|message| message.id.as_uuid()).collect();
    let mut then: HashMap<MessageId, Revision> = HashMap::new();
    if !edited.is_empty() {
        let up_to = |revisions| Expr::col((revisions, revision::Column::Version)).lte(version.as_i64());
        let newer = Query::select()
            .expr(Expr::val(1))
            .from_as(revision::Entity, "n")
            .and_where(same(("n", revision::Column::MessageId), ("r", revision::Column::MessageId)))
            .and_where(Expr::col(("n", revision::Column::Version)).gt(Expr::col(("r", revision::Column::Version))))
            .and_where(up_to("n"))
            .take();
        let mut reading = Reading::new().of::<revision::Model>("r");
        reading
            .query()
            .from_as(revision::Entity, "r")
            .and_where(is_among(("r", revision::Column::MessageId), edited, connection.get_database_backend()))
            .and_where(up_to("r"))
            .and_where(Expr::exists(newer).not());
        let revisions = reading.fetch(connection, |row| row.record::<revision::Model>()?.restore()).await?;
        then.extend(revisions.into_iter().map(|revision| (revision.message_id, revision)));
    }
    let as_of = |message: Message| {
        message.as_of(version, then.get(&message.id)).map_err(|reason| Failure::Corrupt {
            table: "message_revisions",
            id: message.id.to_string(),
            reason,
        })
    };
    messages.into_iter().map(as_of).collect()
}
