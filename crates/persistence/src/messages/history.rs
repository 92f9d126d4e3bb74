//! The statement that reads messages on behalf of a participant.

use confab_application::ports::{Limit, MessageFilter, Order as ListOrder, PageRequest, Position};
use confab_domain::{ConversationId, Seq, UserId};
use sea_orm::sea_query::{Expr, ExprTrait as _, Order, Query, SelectStatement};

use crate::entities::message::{self, Column};
use crate::entities::{hidden_message, participant};
use crate::reading::Reading;
use crate::select::{is, same};

/// The messages of a conversation that the viewer may see; none where the viewer does not take part.
pub(crate) fn visible(viewer: UserId, conversation_id: ConversationId) -> Reading {
    let mut reading = Reading::new().of::<message::Model>("m");
    reading
        .query()
        .from_as(message::Entity, "m")
        .and_where(is(("m", Column::ConversationId), conversation_id.as_uuid()))
        .and_where(is_visible(viewer, conversation_id));
    reading
}

/// Whether the viewer takes part, and since before the message or with the history before. What is asked of the place
/// mentions nothing of the message, so that it is asked once and not for each.
pub(super) fn is_visible(viewer: UserId, conversation_id: ConversationId) -> Expr {
    let seen_from = Query::select()
        .column(("me", participant::Column::VisibleSeq))
        .from_as(participant::Entity, "me")
        .and_where(is(("me", participant::Column::ConversationId), conversation_id.as_uuid()))
        .and_where(is(("me", participant::Column::UserId), viewer.as_uuid()))
        .take();
    Expr::col(("m", Column::Seq)).gt(Expr::SubQuery(None, Box::new(seen_from.into())))
}

/// Whether the viewer has not deleted the message of `m` for themselves.
pub(crate) fn is_shown(viewer: UserId) -> Expr {
    is_shown_of("m", viewer)
}

/// Whether the viewer has not deleted the message in a row for themselves.
pub(crate) fn is_shown_of(messages: &'static str, viewer: UserId) -> Expr {
    let hidden = || {
        Query::select()
            .expr(Expr::val(1))
            .from_as(hidden_message::Entity, "hidden")
            .and_where(is(("hidden", hidden_message::Column::UserId), viewer.as_uuid()))
            .take()
    };
    let this = same(("hidden", hidden_message::Column::MessageId), (messages, Column::Id));
    // Most have deleted none: that is asked once, and not for each message.
    Expr::exists(hidden()).not().or(Expr::exists(hidden().and_where(this).take()).not())
}

/// Those of them that a filter admits.
pub(super) fn filtered(query: &mut SelectStatement, filter: &MessageFilter) {
    let seq = || Expr::col(("m", Column::Seq));
    let sent_at = || Expr::col(("m", Column::SentAt));
    query
        .and_where_option(filter.after_seq.map(|after| seq().gt(after.as_i64())))
        .and_where_option(filter.before_seq.map(|before| seq().lt(before.as_i64())))
        .and_where_option(filter.sender_id.map(|sender| is(("m", Column::SenderId), sender.as_uuid())))
        .and_where_option(filter.sent_from.map(|from| sent_at().gte(from.as_micros())))
        .and_where_option(filter.sent_before.map(|before| sent_at().lt(before.as_micros())));
}

/// Those of them that a filter and a page want, in the order in which the page is read.
pub(super) fn page(query: &mut SelectStatement, filter: &MessageFilter, page: &PageRequest<Seq>) {
    filtered(query, filter);
    let seq = || Expr::col(("m", Column::Seq));
    let descending = (filter.order == ListOrder::NewestFirst) != page.is_backwards();
    if let Some(Position::After(key) | Position::Before(key)) = page.position {
        let key = key.as_i64();
        query.and_where(if descending { seq().lt(key) } else { seq().gt(key) });
    }
    let order = if descending { Order::Desc } else { Order::Asc };
    query.order_by(("m", Column::Seq), order).limit(page.rows() as u64);
}

/// Those of them that a filter admits on one side of a place, the nearest first, and one more than a page has: the message at
/// the place itself is on the side of those before it.
pub(super) fn side(query: &mut SelectStatement, filter: &MessageFilter, seq: Seq, limit: Limit, after: bool) {
    filtered(query, filter);
    let column = || Expr::col(("m", Column::Seq));
    let (side, order) = match after {
        true => (column().gt(seq.as_i64()), Order::Asc),
        false => (column().lte(seq.as_i64()), Order::Desc),
    };
    query.and_where(side).order_by(("m", Column::Seq), order).limit(limit.get() as u64 + 1);
}
