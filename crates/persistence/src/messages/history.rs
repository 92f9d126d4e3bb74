//! The statement that reads messages on behalf of a participant.

use confab_application::ports::{MessageFilter, Order as ListOrder, PageRequest, Position};
use confab_domain::{ConversationId, Seq, UserId};
use sea_orm::JoinType;
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, Order, Query, SelectStatement};

use super::view;
use crate::entities::message::{self, Column};
use crate::entities::{participant, user};
use crate::select::{is, same};

/// The messages of a conversation with their senders; none where the viewer does not take part.
pub(super) fn visible(viewer: UserId, conversation_id: ConversationId) -> SelectStatement {
    let viewer_takes_part = Condition::all()
        .add(same(("me", participant::Column::ConversationId), ("m", Column::ConversationId)))
        .add(is(("me", participant::Column::UserId), viewer.as_uuid()));
    let mut query = Query::select();
    view::select(&mut query, "m", "s");
    query
        .from_as(message::Entity, "m")
        .join_as(JoinType::InnerJoin, participant::Entity, "me", viewer_takes_part)
        .join_as(JoinType::InnerJoin, user::Entity, "s", same(("s", user::Column::Id), ("m", Column::SenderId)))
        .and_where(is(("m", Column::ConversationId), conversation_id.as_uuid()))
        .take()
}

/// Those of them that a filter and a page want, in the order in which the page is read.
pub(super) fn page(mut query: SelectStatement, filter: &MessageFilter, page: &PageRequest<Seq>) -> SelectStatement {
    let seq = || Expr::col(("m", Column::Seq));
    let sent_at = || Expr::col(("m", Column::SentAt));
    query
        .and_where_option(filter.after_seq.map(|after| seq().gt(after.as_i64())))
        .and_where_option(filter.before_seq.map(|before| seq().lt(before.as_i64())))
        .and_where_option(filter.sender_id.map(|sender| is(("m", Column::SenderId), sender.as_uuid())))
        .and_where_option(filter.sent_from.map(|from| sent_at().gte(from.as_micros())))
        .and_where_option(filter.sent_before.map(|before| sent_at().lt(before.as_micros())));

    let descending = (filter.order == ListOrder::NewestFirst) != page.is_backwards();
    if let Some(Position::After(key) | Position::Before(key)) = page.position {
        let key = key.as_i64();
        query.and_where(if descending { seq().lt(key) } else { seq().gt(key) });
    }
    let order = if descending { Order::Desc } else { Order::Asc };
    query.order_by(("m", Column::Seq), order).limit(page.rows() as u64).take()
}
