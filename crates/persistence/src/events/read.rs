//! Reads what has happened in a conversation on behalf of one of its participants.
//!
//! The events come with the conversation's version, which bounds what is read of its messages: whatever has a version up to
//! that one was committed before, and is seen by every later statement.

use async_trait::async_trait;
use confab_application::ports::{EventReader, Limit, StoreError};
use confab_application::views::{Changes, Entry};
use confab_domain::{ConversationId, Event, Inconsistent, Message, MessageId, UserId, Version};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, Func, Order, Query};
use sea_orm::{ConnectionTrait, DbErr, JoinType};

use crate::accounts::cards::Cards;
use crate::connection::Connection;
use crate::entities::{conversation, event, hidden_message, message, participant};
use crate::error::Failure;
use crate::messages::view::{self, References};
use crate::messages::{history, read::takes_part};
use crate::reading::{Kind, Reading, Record, Values};
use crate::select::{is, same};

#[async_trait]
impl<C: ConnectionTrait + Send> EventReader for Connection<C> {
    async fn after(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        after: Version,
        limit: Limit,
    ) -> Result<Option<Changes>, StoreError> {
        self.run(async {
            let found = events(viewer, conversation_id, after, limit).fetch(self.raw(), Found::restore).await?;
            let Some(Found { version, floor, .. }) = found.first() else { return Ok(None) };
            let (version, after) = (*version, after.max(*floor));
            let events: Vec<Event> = found.into_iter().filter_map(|found| found.event).collect();
            let reading = messages(viewer, conversation_id, after, version, limit);
            let messages: Vec<Message> = reading.fetch(self.raw(), view::message_as_seen).await?;

            let mut entries = entries(self.raw(), viewer, events, messages).await?;
            entries.sort_by_key(Entry::version);
            entries.truncate(limit.get());
            let due = Ord::min(version.get().saturating_sub(after.get()), limit.get() as u64);
            let last = entries.last().map_or(after, Entry::version);
            if entries.len() as u64 != due || last.get() != after.get() + due {
                // The viewer was removed in between, or something was never written.
                if !takes_part(self.raw(), viewer, conversation_id).await? {
                    return Ok(None);
                }
                let reason = Inconsistent { field: "version", reason: "changes are missing before it" };
                let id = format!("{conversation_id}/{}", last.get());
                return Err(Failure::Corrupt { table: "events", id, reason });
            }
            Ok(Some(Changes { after, version, entries }))
        })
        .await
    }
}

/// The conversation's version, from where on the viewer may see it, and perhaps an event.
struct Found {
    version: Version,
    floor: Version,
    event: Option<Event>,
}

impl Found {
    fn restore(row: &mut Values<'_>) -> Result<Self, Failure> {
        let number = |number: i64| Version::parse(number).map_err(|error| DbErr::Type(error.to_string()));
        let Head(version) = row.record()?;
        let Floor(floor) = row.record()?;
        let event = row.optional_record::<event::Model>()?.map(event::Model::restore).transpose()?;
        Ok(Self { version: number(version)?, floor: number(floor)?, event })
    }
}

struct Head(i64);

impl Record for Head {
    type Column = conversation::Column;

    const COLUMNS: &'static [(Self::Column, Kind)] = &[(conversation::Column::Version, Kind::Integer)];

    fn read(values: &mut Values<'_>) -> Result<Self, DbErr> {
        values.integer().map(Self)
    }
}

struct Floor(i64);

impl Record for Floor {
    type Column = participant::Column;

    const COLUMNS: &'static [(Self::Column, Kind)] = &[(participant::Column::VisibleVersion, Kind::Integer)];

    fn read(values: &mut Values<'_>) -> Result<Self, DbErr> {
        values.integer().map(Self)
    }
}

/// The viewer's conversation with its first events after a version; by itself where there are none.
fn events(viewer: UserId, id: ConversationId, after: Version, limit: Limit) -> Reading {
    use event::Column;
    let mut reading = Reading::new().of::<Head>("c").of::<Floor>("me").of::<event::Model>("e");
    let is_later = Condition::all()
        .add(same(("e", Column::ConversationId), ("c", conversation::Column::Id)))
        .add(Expr::col(("e", Column::Version)).gt(after.as_i64()))
        .add(Expr::col(("e", Column::Version)).gt(Expr::col(("me", participant::Column::VisibleVersion))));
    let home = same(("c", conversation::Column::Id), ("me", participant::Column::ConversationId));
    reading
        .query()
        .from_as(participant::Entity, "me")
        .join_as(JoinType::InnerJoin, conversation::Entity, "c", home)
        .join_as(JoinType::LeftJoin, event::Entity, "e", is_later)
        .and_where(is(("me", participant::Column::ConversationId), id.as_uuid()))
        .and_where(is(("me", participant::Column::UserId), viewer.as_uuid()))
        .order_by(("e", Column::Version), Order::Asc)
        .limit(limit.get() as u64);
    reading
}

/// The first messages after a version, up to another. They are found by their seq: each version since the event before is
/// a message's.
fn messages(viewer: UserId, id: ConversationId, after: Version, until: Version, limit: Limit) -> Reading {
    use event::Column;
    let last_seq = Query::select()
        .expr(Expr::col(("e", Column::Seq)).add(after.as_i64()).sub(Expr::col(("e", Column::Version))))
        .from_as(event::Entity, "e")
        .and_where(is(("e", Column::ConversationId), id.as_uuid()))
        .and_where(Expr::col(("e", Column::Version)).lte(after.as_i64()))
        .order_by(("e", Column::Version), Order::Desc)
        .limit(1)
        .take();
    let last_seq = Func::coalesce([Expr::SubQuery(None, Box::new(last_seq.into())), Expr::val(after.as_i64())]);
    let mut reading = history::visible_after(viewer, id, Some(last_seq.into())).of::<view::Hidden>("hidden");
    reading
        .query()
        .join_as(JoinType::LeftJoin, hidden_message::Entity, "hidden", view::is_hidden(viewer))
        .and_where(Expr::col(("m", message::Column::Version)).lte(until.as_i64()))
        .order_by(("m", message::Column::Seq), Order::Asc)
        .limit(limit.get() as u64);
    reading
}

async fn entries(
    connection: &impl ConnectionTrait,
    viewer: UserId,
    events: Vec<Event>,
    messages: Vec<Message>,
) -> Result<Vec<Entry>, Failure> {
    let ids: Vec<MessageId> = events.iter().filter_map(|event| event.change.message_id()).collect();
    let changed = view::of_ids(connection, viewer, &ids).await?;
    let references = References::read(connection, viewer, messages.iter().chain(changed.values())).await?;
    let newcomers = events.iter().flat_map(|event| event.change.newcomers()).copied();
    let users = messages.iter().chain(changed.values()).flat_map(view::users).chain(references.users());
    let cards = Cards::read(connection, newcomers.chain(users)).await?;
    let posted = messages.into_iter().map(|message| references.view(message, &cards).map(Entry::Message));
    let mut entries: Vec<Entry> = posted.collect::<Result<_, _>>()?;
    for event in events {
        let users = event.change.newcomers().iter().map(|id| cards.of(*id)).collect::<Result<_, _>>()?;
        let message = event.change.message_id().and_then(|id| changed.get(&id)).cloned();
        let message = message.map(|message| references.view(message, &cards).map(Box::new)).transpose()?;
        entries.push(Entry::Event { event, users, message });
    }
    Ok(entries)
}
