//! The statement that reads who has read a message, on behalf of a participant.

use confab_application::ports::{PageRequest, Position};
use confab_domain::{ConversationId, MessageId, UserId};
use sea_orm::JoinType;
use sea_orm::sea_query::{Expr, ExprTrait as _, Order};

use super::history::{is_shown, is_visible};
use crate::entities::message::{self, Column};
use crate::entities::{participant, user};
use crate::reading::Reading;
use crate::select::{is, same};

/// A page of them, in the order in which it is read; none where the viewer does not take part.
pub(super) fn select(
    viewer: UserId,
    conversation_id: ConversationId,
    id: MessageId,
    page: &PageRequest<UserId>,
) -> Reading {
    use participant::Column as Place;
    let theirs = same(("p", Place::ConversationId), ("m", Column::ConversationId));
    let seq = || Expr::col(("m", Column::Seq));
    let mut reading = Reading::new().of::<user::Card>("u");
    let query = reading.query();
    query
        .from_as(message::Entity, "m")
        .join_as(JoinType::InnerJoin, participant::Entity, "p", theirs)
        .join_as(JoinType::InnerJoin, user::Entity, "u", same(("u", user::Column::Id), ("p", Place::UserId)))
        .and_where(is(("m", Column::Id), id.as_uuid()))
        .and_where(is(("m", Column::ConversationId), conversation_id.as_uuid()))
        .and_where(is_visible(viewer, conversation_id, None))
        .and_where(is_shown(viewer))
        .and_where(Expr::col(("p", Place::LastReadSeq)).gte(seq()))
        .and_where(Expr::col(("p", Place::JoinedSeq)).lt(seq()))
        .and_where(same(("p", Place::UserId), ("m", Column::SenderId)).not());
    let descending = page.is_backwards();
    if let Some(Position::After(key) | Position::Before(key)) = page.position {
        let user = Expr::col(("p", Place::UserId));
        query.and_where(if descending { user.lt(key.as_uuid()) } else { user.gt(key.as_uuid()) });
    }
    let order = if descending { Order::Desc } else { Order::Asc };
    query.order_by(("p", Place::UserId), order).limit(page.rows() as u64);
    reading
}
