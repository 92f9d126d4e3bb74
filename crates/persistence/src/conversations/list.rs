//! The statement that reads conversations on behalf of a participant, each with its newest message.

use std::sync::LazyLock;

use confab_application::ports::{ActivityKey, ConversationFilter, Muted, PageRequest, Position};
use confab_application::views::UserCard;
use confab_domain::{Conversation, ConversationKind, JsonObject, Message, Participant, Title, UserId};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, Order, Query, SelectStatement};
use sea_orm::{DbBackend, IdenStatic as _, JoinType};

use super::{listings, participants, unread};
use crate::entities::conversation::{self, Column};
use crate::entities::user::{self, Card};
use crate::entities::{hidden_message, message, metadata, participant};
use crate::error::Failure;
use crate::kept::{Kept, Own, Shape};
use crate::messages::view;
use crate::reading::{Built, Known, Reading, Record, Values};
use crate::select::{contains, is, same};

/// A conversation, the viewer's place in it, its newest message, and the users to whom these refer.
pub(super) struct Found {
    pub(super) conversation: Conversation,
    pub(super) viewer: Participant,
    pub(super) last_message: Option<Message>,
    /// How many messages of others the viewer has not read, as far as they are counted.
    pub(super) unread: u64,
    /// Who sent the newest message.
    sender: Option<UserCard>,
    /// The other one of a direct conversation.
    peer: Option<UserCard>,
    pub(super) metadata: Option<JsonObject>,
}

impl Found {
    /// What is in this row.
    pub(super) fn restore(row: &mut Values<'_>) -> Result<Self, Failure> {
        Ok(Self {
            conversation: row.record::<conversation::Model>()?.restore()?,
            viewer: row.record::<participant::Model>()?.restore()?,
            last_message: last_message(row)?,
            unread: row.integer()?.unsigned_abs(),
            sender: card(row)?,
            peer: card(row)?,
            metadata: None,
        })
    }

    /// The same, with the metadata.
    pub(super) fn restore_with_metadata(row: &mut Values<'_>) -> Result<Self, Failure> {
        let found = Self::restore(row)?;
        let metadata = row.optional_record::<metadata::Model>()?.map(metadata::Model::restore).transpose()?;
        Ok(Self { metadata, ..found })
    }

    /// The users to whom it refers.
    pub(super) fn users(&self) -> impl Iterator<Item = UserId> {
        self.last_message.iter().flat_map(view::users).chain(self.peer())
    }

    /// Who of them came along.
    pub(super) fn cards(&self) -> impl Iterator<Item = &UserCard> {
        self.sender.iter().chain(&self.peer)
    }

    /// The other one of a direct conversation.
    pub(super) fn peer(&self) -> Option<UserId> {
        self.conversation.pair.map(|pair| pair.other(self.viewer.user_id))
    }
}

fn card(row: &mut Values<'_>) -> Result<Option<UserCard>, Failure> {
    row.optional_record::<Card>()?.map(Card::restore).transpose()
}

fn last_message(row: &mut Values<'_>) -> Result<Option<Message>, Failure> {
    let message = row.optional_record::<message::Model>()?.map(message::Model::restore).transpose()?;
    let is_hidden = row.optional_record::<view::Hidden>()?.is_some();
    Ok(message.map(|message| if is_hidden { message.hidden() } else { message }))
}

/// The viewer's conversations.
pub(super) fn visible(viewer: UserId) -> SelectStatement {
    of_viewer(&mut visible_columns(), viewer).take()
}

fn visible_columns() -> SelectStatement {
    let mut query = Query::select();
    query.columns(conversation::Model::COLUMNS.iter().map(|(column, _)| ("c", *column)));
    query.columns(participant::Model::COLUMNS.iter().map(|(column, _)| ("me", *column)));
    query
}

/// The viewer's places, and the conversations in which they are.
pub(super) fn of_viewer(query: &mut SelectStatement, viewer: UserId) -> &mut SelectStatement {
    query
        .from_as(participant::Entity, "me")
        .join_as(
            JoinType::InnerJoin,
            conversation::Entity,
            "c",
            same(("c", Column::Id), ("me", participant::Column::ConversationId)),
        )
        .and_where(is(("me", participant::Column::UserId), viewer.as_uuid()))
}

/// Those of the viewer's conversations that a filter wants, for what is of all of them.
pub(super) fn wanted(viewer: UserId, filter: &ConversationFilter, backend: DbBackend) -> SelectStatement {
    let mut query = if filter.unread == Some(true) && !filter.is_of_marked() {
        let mut query = visible_columns();
        listings::behind(&mut query, viewer, backend);
        query
    } else {
        visible(viewer)
    };
    filtered(viewer, query.take(), filter, backend)
}

/// Those of them that a filter wants.
pub(super) fn filtered(
    viewer: UserId,
    mut query: SelectStatement,
    filter: &ConversationFilter,
    backend: DbBackend,
) -> SelectStatement {
    if let Some(other) = filter.participant_id {
        query.and_where(participants::takes_part(other, "c"));
    }
    let direct_low = || Expr::col(("c", Column::DirectLow));
    match filter.kind {
        Some(ConversationKind::Direct) => query.and_where(direct_low().is_not_null()),
        Some(ConversationKind::Group) => query.and_where(direct_low().is_null()),
        None => &mut query,
    };
    if let Some(text) = &filter.title_contains {
        query.and_where(contains(("c", Column::TitleKey), &Title::search_key(text), backend));
    }
    let mine = |column: participant::Column| Expr::col(("me", column));
    if let Some(unread) = filter.unread {
        query.and_where(if unread { unread::any_for_me(viewer) } else { unread::any_for_me(viewer).not() });
    }
    // Not compared with a value, so that what is marked is found by its own index.
    let marked = |column, wanted| if wanted { mine(column) } else { mine(column).not() };
    query.and_where_option(filter.archived.map(|archived| marked(participant::Column::Archived, archived)));
    query.and_where_option(filter.pinned.map(|pinned| marked(participant::Column::Pinned, pinned)));
    query.and_where_option(filter.muted.map(|Muted { wanted, at }| {
        let is_muted = mine(participant::Column::MutedUntil).gt(at.as_micros());
        if wanted { is_muted } else { mine(participant::Column::MutedUntil).is_null().or(is_muted.not()) }
    }));
    if let Some(since) = filter.updated_since {
        let since = |column| Expr::col(("c", column)).gte(since.as_micros());
        query.and_where(since(Column::LastActivityAt).or(since(Column::ChangedAt)));
    }
    query
}

/// A page of those of the viewer's conversations that a filter wants, in the order in which it is read.
fn page_of(
    viewer: UserId,
    filter: &ConversationFilter,
    page: &PageRequest<ActivityKey>,
    backend: DbBackend,
) -> SelectStatement {
    let query = if filter.is_of_marked() {
        visible(viewer)
    } else {
        let mut query = visible_columns();
        listings::within_page(&mut query, viewer, filter, page, backend);
        query
    };
    self::page(filtered(viewer, query, filter, backend), page)
}

/// A page of the viewer's conversations, each as [`with_last_message`] has it. The first page of all is the one that is read most.
pub(super) fn listed(
    viewer: UserId,
    filter: &ConversationFilter,
    page: &PageRequest<ActivityKey>,
    backend: DbBackend,
) -> Built {
    static FIRST: LazyLock<Kept> = LazyLock::new(Kept::default);
    let order = if page.is_backwards() { Order::Asc } else { Order::Desc };
    let build = |viewer| with_last_message(viewer, page_of(viewer, filter, page, backend), order).build(backend);
    if page.position.is_some() || !filter.is_of_all() {
        return build(viewer);
    }
    let own = Own { viewer, ..Own::default() };
    FIRST.statement(Shape::new(backend, page.rows(), false), &own, |own| build(own.viewer))
}

/// One page of them, in the order in which it is read.
fn page(mut query: SelectStatement, page: &PageRequest<ActivityKey>) -> SelectStatement {
    let descending = !page.is_backwards();
    if let Some(Position::After(key) | Position::Before(key)) = page.position {
        let place = Expr::tuple([Expr::col(("c", Column::LastActivityAt)), Expr::col(("c", Column::Id))]);
        let key = Expr::tuple([Expr::val(key.last_activity_at.as_micros()), Expr::val(key.id.as_uuid())]);
        query.and_where(if descending { place.lt(key) } else { place.gt(key) });
    }
    let order = if descending { Order::Desc } else { Order::Asc };
    query
        .order_by(("c", Column::LastActivityAt), order.clone())
        .order_by(("c", Column::Id), order)
        .limit(page.rows() as u64)
        .take()
}

/// The same conversations, each with its newest message, the number of unread ones, and the users to whom these refer. All that is joined
/// to the finished page, so that it is looked up for what is shown and not for every conversation of the viewer.
pub(super) fn with_last_message(viewer: UserId, conversations: SelectStatement, order: Order) -> Reading {
    let of = |column: Column| ("page", column);
    let is_last = Condition::all()
        .add(same(("m", message::Column::ConversationId), of(Column::Id)))
        .add(same(("m", message::Column::Seq), of(Column::LastSeq)))
        .add(Expr::col(("m", message::Column::Seq)).gt(Expr::col(("page", participant::Column::VisibleSeq))));
    let is_low = Expr::col(of(Column::DirectLow)).eq(viewer.as_uuid());
    let other = Expr::case(is_low, Expr::col(of(Column::DirectHigh))).finally(Expr::col(of(Column::DirectLow)));
    let here = Known::Same("page", Column::Id.as_str());
    let place = [
        (participant::Column::ConversationId.as_str(), here),
        (participant::Column::UserId.as_str(), Known::Is(viewer.as_uuid())),
    ];
    let sender = Known::Same("m", message::Column::SenderId.as_str());
    let mut reading = Reading::new()
        .of::<conversation::Model>("page")
        .of_known::<participant::Model>("page", &place)
        .of_known::<message::Model>("m", &[(message::Column::ConversationId.as_str(), here)])
        .of::<view::Hidden>("hidden")
        .integer(unread::count_of_page(viewer))
        .of_known::<Card>("sender", &[(user::Column::Id.as_str(), sender)])
        .of::<Card>("peer");
    reading
        .query()
        .from_subquery(conversations, "page")
        .join_as(JoinType::LeftJoin, message::Entity, "m", is_last)
        .join_as(JoinType::LeftJoin, hidden_message::Entity, "hidden", view::is_hidden(viewer))
        .join_as(
            JoinType::LeftJoin,
            user::Entity,
            "sender",
            same(("sender", user::Column::Id), ("m", message::Column::SenderId)),
        )
        .join_as(JoinType::LeftJoin, user::Entity, "peer", Expr::col(("peer", user::Column::Id)).eq(other))
        .order_by(of(Column::LastActivityAt), order.clone())
        .order_by(of(Column::Id), order);
    reading
}

/// A conversation with its newest message and its metadata.
pub(super) fn with_metadata(viewer: UserId, conversation: SelectStatement) -> Reading {
    let mut reading = with_last_message(viewer, conversation, Order::Desc).of::<metadata::Model>("d");
    let of_it = same(("d", metadata::Column::ConversationId), ("page", Column::Id));
    reading.query().join_as(JoinType::LeftJoin, metadata::Entity, "d", of_it);
    reading
}

/// How many conversations there are, up to so many.
pub(super) fn count(mut conversations: SelectStatement, most: u64) -> SelectStatement {
    let some = conversations.clear_selects().expr(Expr::val(1)).limit(most).take();
    Query::select().expr(Expr::cust("count(*)")).from_subquery(some, "some").take()
}
