//! The statement that reads the participants of conversations on behalf of one of them.

use std::collections::HashMap;

use confab_application::views::ParticipantView;
use confab_domain::{ConversationId, UserId};
use sea_orm::sea_query::{Asterisk, Expr, ExprTrait as _, Func, Order, Query, SelectStatement, WindowStatement};
use sea_orm::{ConnectionTrait, FromQueryResult, Iterable, JoinType, QueryResult};

use crate::entities::participant::{self, Column};
use crate::entities::user;
use crate::error::Failure;
use crate::select::{columns, is, same};

const PARTICIPANT: &str = "participant_";
const USER: &str = "user_";
const PLACE: &str = "place";
const COUNT: &str = "count";

/// The first participants of a conversation, and how many it has.
#[derive(Default)]
pub(super) struct Participants {
    pub(super) shown: Vec<ParticipantView>,
    pub(super) count: u64,
}

/// The first `limit` participants of each of these conversations, by user id; of those in which the viewer takes part.
pub(super) async fn of(
    connection: &impl ConnectionTrait,
    viewer: UserId,
    conversations: &[ConversationId],
    limit: Option<usize>,
) -> Result<HashMap<ConversationId, Participants>, Failure> {
    let mut found: HashMap<ConversationId, Participants> = HashMap::new();
    if conversations.is_empty() {
        return Ok(found);
    }
    for row in connection.query_all(&select(viewer, conversations, limit)).await? {
        let (conversation_id, view) = view(&row)?;
        let participants = found.entry(conversation_id).or_default();
        participants.shown.push(view);
        participants.count = row.try_get::<i64>("", COUNT)?.unsigned_abs();
    }
    Ok(found)
}

fn view(row: &QueryResult) -> Result<(ConversationId, ParticipantView), Failure> {
    let participant = participant::Model::from_query_result(row, PARTICIPANT)?.restore()?;
    let view = ParticipantView {
        user: user::Card::from_query_result(row, USER)?.restore()?,
        membership: participant.membership,
        joined_at: participant.joined_at,
        last_read_seq: participant.last_read_seq,
    };
    Ok((participant.conversation_id, view))
}

fn select(viewer: UserId, conversations: &[ConversationId], limit: Option<usize>) -> SelectStatement {
    let ids = conversations.iter().map(|id| id.as_uuid());
    let in_order =
        WindowStatement::partition_by(("p", Column::ConversationId)).order_by(("p", Column::UserId), Order::Asc).take();
    let all = WindowStatement::partition_by(("p", Column::ConversationId));
    let ranked = Query::select()
        .column(("p", Asterisk))
        .expr_window_as(Func::cust("ROW_NUMBER"), in_order, PLACE)
        .expr_window_as(Func::count(Expr::col(Asterisk)), all, COUNT)
        .from_as(participant::Entity, "me")
        .join_as(
            JoinType::InnerJoin,
            participant::Entity,
            "p",
            same(("p", Column::ConversationId), ("me", Column::ConversationId)),
        )
        .and_where(is(("me", Column::UserId), viewer.as_uuid()))
        .and_where(Expr::col(("me", Column::ConversationId)).is_in(ids))
        .take();

    let mut query = Query::select();
    columns(&mut query, "p", PARTICIPANT, Column::iter());
    columns(&mut query, "u", USER, user::Card::COLUMNS);
    query
        .column(("p", COUNT))
        .from_subquery(ranked, "p")
        .join_as(JoinType::InnerJoin, user::Entity, "u", same(("u", user::Column::Id), ("p", Column::UserId)))
        .and_where_option(limit.map(|limit| Expr::col(("p", PLACE)).lte(limit as u64)))
        .order_by(("p", Column::ConversationId), Order::Asc)
        .order_by(("p", Column::UserId), Order::Asc)
        .take()
}
