//! Finds a page of the viewer's conversations without those that lie before and behind it: by the hour of their last
//! activity, in whose order an index has them.

use confab_application::ports::{ActivityKey, ConversationFilter, PageRequest, Position};
use confab_domain::{ConversationKind, UserId};
use sea_orm::sea_query::{Asterisk, Condition, Expr, ExprTrait as _, Func, Order, Query, SelectStatement};
use sea_orm::{DbBackend, JoinType};

use super::list::filtered;
use crate::entities::conversation::{self, Column};
use crate::entities::participant;
use crate::select::{is, same, unindexed};

/// An hour, in microseconds; as the triggers have it that keep the listings.
pub(crate) const HOUR: i64 = 3_600_000_000;

/// The viewer's places and conversations of those hours in which the page lies.
///
/// A page goes on in the hour where the last one ended, and needs no more rows than it has from the hours behind that: the
/// last hour of so many rows is where it ends at the latest.
pub(super) fn within_page(
    query: &mut SelectStatement,
    viewer: UserId,
    filter: &ConversationFilter,
    page: &PageRequest<ActivityKey>,
    backend: DbBackend,
) {
    let backwards = page.is_backwards();
    let begin = match page.position {
        Some(Position::After(key) | Position::Before(key)) => Some(key.last_activity_at.as_micros() / HOUR),
        None => None,
    };
    let (order, last) = if backwards { (Order::Asc, "max") } else { (Order::Desc, "min") };

    let mut walk = Query::select();
    walk.column(("l", "hour")).from_as("listings", "l");
    let is_behind = (filter.unread == Some(true)).then(|| is_behind("l"));
    let of_kind = filter.kind.map(|kind| Expr::col(("l", "is_direct")).eq(kind == ConversationKind::Direct));
    // There is less that is not read than there is of a kind.
    let of_kind = of_kind.map(|of_kind| if is_behind.is_some() { unindexed(of_kind, backend) } else { of_kind });
    walk.and_where_option(of_kind.clone()).and_where_option(is_behind.clone());
    let rest = ConversationFilter { kind: None, ..filter.clone() };
    if !rest.is_of_all() {
        match backend {
            // What has an OFFSET is asked of each row; otherwise PostgreSQL might join and sort all of them.
            DbBackend::Postgres => {
                let mut query = Query::select().expr(Expr::val(1)).from_as(participant::Entity, "me").take();
                of_listing(
                    query.join_as(JoinType::CrossJoin, conversation::Entity, "c", Condition::all()),
                    "l",
                    viewer,
                );
                walk.and_where(Expr::exists(filtered(viewer, query, &rest, backend).offset(0).take()));
            }
            _ => {
                joined(&mut walk, "l", viewer);
                walk = filtered(viewer, walk, &rest, backend);
            }
        }
    }
    let hour = || Expr::col(("l", "hour"));
    walk.and_where(Expr::col(("l", "user_id")).eq(viewer.as_uuid()))
        .and_where_option(begin.map(|begin| if backwards { hour().gt(begin) } else { hour().lt(begin) }))
        .order_by(("l", "hour"), order)
        .limit(page.rows() as u64);
    let end =
        Query::select().expr(Func::cust(last).arg(Expr::col(("walk", "hour")))).from_subquery(walk, "walk").take();
    let mut end = Expr::SubQuery(None, Box::new(end.into()));
    if let Some(begin) = begin {
        end = Func::coalesce([end, Expr::val(begin)]).into();
    }

    joined(query.from_as("listings", "l"), "l", viewer);
    query
        .and_where(Expr::col(("l", "user_id")).eq(viewer.as_uuid()))
        .and_where_option(of_kind)
        .and_where_option(is_behind)
        .and_where(if backwards { hour().lte(end) } else { hour().gte(end) })
        .and_where_option(begin.map(|begin| if backwards { hour().gte(begin) } else { hour().lte(begin) }));
}

/// The viewer's places and the conversations in which there may be something unread.
pub(super) fn behind(query: &mut SelectStatement, viewer: UserId, backend: DbBackend) {
    query.from_as("listings", "l");
    match backend {
        // What has an OFFSET is looked up for each row; otherwise PostgreSQL might rather go through all of the viewer's places.
        DbBackend::Postgres => {
            let me = Query::select()
                .column(("me", Asterisk))
                .from_as(participant::Entity, "me")
                .and_where(Expr::col(("me", participant::Column::ConversationId)).equals(("l", "conversation_id")))
                .and_where(is(("me", participant::Column::UserId), viewer.as_uuid()))
                .offset(0)
                .take();
            let its = same(("c", Column::Id), ("me", participant::Column::ConversationId));
            query.join_lateral(JoinType::InnerJoin, me, "me", Condition::all()).join_as(
                JoinType::InnerJoin,
                conversation::Entity,
                "c",
                its,
            );
        }
        _ => joined(query, "l", viewer),
    }
    query.and_where(is_behind("l")).and_where(Expr::col(("l", "user_id")).eq(viewer.as_uuid()));
}

/// As the index has it that has no others.
fn is_behind(listings: &'static str) -> Expr {
    Expr::col((listings, "caught_up")).not()
}

/// Joins the viewer's places and the conversations to listings. CROSS JOIN: SQLite then goes in this order, whatever it guesses of the tables' sizes.
pub(crate) fn joined(query: &mut SelectStatement, listings: &'static str, viewer: UserId) {
    query.join_as(JoinType::CrossJoin, participant::Entity, "me", Condition::all()).join_as(
        JoinType::CrossJoin,
        conversation::Entity,
        "c",
        Condition::all(),
    );
    of_listing(query, listings, viewer);
}

/// That the place and the conversation are those of the listing.
fn of_listing(query: &mut SelectStatement, listings: &'static str, viewer: UserId) {
    query
        .and_where(Expr::col(("me", participant::Column::ConversationId)).equals((listings, "conversation_id")))
        .and_where(is(("me", participant::Column::UserId), viewer.as_uuid()))
        .and_where(same(("c", Column::Id), ("me", participant::Column::ConversationId)));
}
