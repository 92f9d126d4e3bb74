//! The statement that reads the participants of conversations on behalf of one of them.

use std::collections::HashMap;

use confab_application::views::ParticipantView;
use confab_domain::{ConversationId, UserId};
use sea_orm::sea_query::{Asterisk, Condition, Expr, ExprTrait as _, Order, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Iterable, JoinType, QueryResult};

use crate::entities::participant::{self, Column};
use crate::entities::{conversation, user};
use crate::error::Failure;
use crate::select::{columns, is, same};

const PARTICIPANT: &str = "participant_";
const USER: &str = "user_";

/// The first `limit` participants of each of these conversations, by user id; of those in which the viewer takes part.
pub(super) async fn of(
    connection: &impl ConnectionTrait,
    viewer: UserId,
    conversations: &[ConversationId],
    limit: Option<usize>,
) -> Result<HashMap<ConversationId, Vec<ParticipantView>>, Failure> {
    let mut found: HashMap<ConversationId, Vec<ParticipantView>> = HashMap::new();
    if conversations.is_empty() {
        return Ok(found);
    }
    let query = select(viewer, conversations, limit, connection.get_database_backend());
    for row in connection.query_all(&query).await? {
        let (conversation_id, view) = view(&row)?;
        found.entry(conversation_id).or_default().push(view);
    }
    Ok(found)
}

/// Whether a user takes part in the conversation of a row of `conversations`.
pub(super) fn takes_part(user: UserId, conversations: &'static str) -> Expr {
    let place = Query::select()
        .expr(Expr::val(1))
        .from_as(participant::Entity, "other")
        .and_where(same(("other", Column::ConversationId), (conversations, conversation::Column::Id)))
        .and_where(is(("other", Column::UserId), user.as_uuid()))
        .take();
    Expr::exists(place)
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

fn select(
    viewer: UserId,
    conversations: &[ConversationId],
    limit: Option<usize>,
    backend: DbBackend,
) -> SelectStatement {
    let ids = conversations.iter().map(|id| id.as_uuid());
    let theirs = same(("p", Column::ConversationId), ("me", Column::ConversationId));
    let mut query = Query::select();
    columns(&mut query, "p", PARTICIPANT, Column::iter());
    columns(&mut query, "u", USER, user::Card::COLUMNS);
    query.from_as(participant::Entity, "me");
    match (limit, backend) {
        (None, _) => query.join_as(JoinType::InnerJoin, participant::Entity, "p", theirs),
        (Some(limit), DbBackend::Postgres) => {
            query.join_lateral(JoinType::InnerJoin, first(limit).column(("f", Asterisk)).take(), "p", theirs)
        }
        // SQLite has no LATERAL: it looks where the first ones end, and walks up to there. CROSS tells it to go in this
        // order, which it does not find by itself.
        (Some(limit), _) => {
            let last = Query::select()
                .expr(Expr::col(("first", Column::UserId)).max())
                .from_subquery(first(limit).column(("f", Column::UserId)).take(), "first")
                .take();
            let is_first = Expr::col(("p", Column::UserId)).lte(Expr::SubQuery(None, Box::new(last.into())));
            query
                .join_as(JoinType::CrossJoin, participant::Entity, "p", Condition::all())
                .and_where(theirs)
                .and_where(is_first)
        }
    };
    query
        .join_as(JoinType::InnerJoin, user::Entity, "u", same(("u", user::Column::Id), ("p", Column::UserId)))
        .and_where(is(("me", Column::UserId), viewer.as_uuid()))
        .and_where(Expr::col(("me", Column::ConversationId)).is_in(ids))
        .order_by(("p", Column::ConversationId), Order::Asc)
        .order_by(("p", Column::UserId), Order::Asc)
        .take()
}

/// The first places of the conversation of `me`, in the order of the primary key: no more of it is walked.
fn first(limit: usize) -> SelectStatement {
    Query::select()
        .from_as(participant::Entity, "f")
        .and_where(same(("f", Column::ConversationId), ("me", Column::ConversationId)))
        .order_by(("f", Column::UserId), Order::Asc)
        .limit(limit as u64)
        .take()
}
