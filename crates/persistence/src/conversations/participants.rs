//! The statement that reads the participants of conversations on behalf of one of them.

use confab_application::ports::{PageRequest, Position};
use confab_domain::{Conversation, ConversationId, Membership, Participant, Sender, Timestamp, UserId};
use sea_orm::sea_query::{Asterisk, Condition, Expr, ExprTrait as _, InsertStatement, Order, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbBackend, JoinType};

use crate::entities::participant::{self, Column};
use crate::entities::{conversation, former_participant, user};
use crate::error::Failure;
use crate::reading::{Reading, Values};
use crate::select::{is, is_among, same};

/// The first `limit` participants of each of these conversations, by user id; of those in which the viewer takes part.
pub(super) async fn of(
    connection: &impl ConnectionTrait,
    viewer: UserId,
    conversations: &[ConversationId],
    limit: Option<usize>,
) -> Result<Vec<Participant>, Failure> {
    if conversations.is_empty() || limit == Some(0) {
        return Ok(Vec::new());
    }
    let reading = select(viewer, conversations, limit, connection.get_database_backend());
    reading.fetch(connection, |row| row.record::<participant::Model>()?.restore()).await
}

/// A page of the participants of a conversation, in the order in which it is read; none where the viewer does not take part.
pub(super) fn page(
    viewer: UserId,
    id: ConversationId,
    membership: Option<Membership>,
    page: &PageRequest<UserId>,
) -> Reading {
    let theirs = same(("p", Column::ConversationId), ("me", Column::ConversationId));
    let mut reading = Reading::new().of::<participant::Model>("p");
    let query = reading.query();
    query
        .from_as(participant::Entity, "me")
        .join_as(JoinType::InnerJoin, participant::Entity, "p", theirs)
        .and_where(is(("me", Column::ConversationId), id.as_uuid()))
        .and_where(is(("me", Column::UserId), viewer.as_uuid()))
        .and_where_option(membership.map(|one| Expr::col(("p", Column::Membership)).eq(one.as_str())));
    let descending = page.is_backwards();
    if let Some(Position::After(key) | Position::Before(key)) = page.position {
        let user = Expr::col(("p", Column::UserId));
        query.and_where(if descending { user.lt(key.as_uuid()) } else { user.gt(key.as_uuid()) });
    }
    let order = if descending { Order::Desc } else { Order::Asc };
    query.order_by(("p", Column::UserId), order).limit(page.rows() as u64);
    reading
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

/// Everyone in a conversation, by user id, with their accounts' standing.
pub(super) async fn with_standing(
    connection: &impl ConnectionTrait,
    id: ConversationId,
) -> Result<Vec<Sender>, Failure> {
    let mut reading = Reading::new().of::<participant::Model>("p").of::<user::Standing>("u");
    let account = same(("u", user::Column::Id), ("p", Column::UserId));
    reading
        .query()
        .from_as(participant::Entity, "p")
        .join_as(JoinType::InnerJoin, user::Entity, "u", account)
        .and_where(is(("p", Column::ConversationId), id.as_uuid()))
        .order_by(("p", Column::UserId), Order::Asc);
    let sender = |row: &mut Values<'_>| {
        let participant = row.record::<participant::Model>()?.restore()?;
        let (role, active) = row.record::<user::Standing>()?.restore(participant.user_id)?;
        Ok(Sender { participant, role, active })
    };
    reading.fetch(connection, sender).await
}

/// Makes former participants of everyone in a conversation, beside what they are.
pub(super) fn into_former(conversation: &Conversation, now: Timestamp) -> InsertStatement {
    use former_participant::Column as Former;
    let everyone = Query::select()
        .column(Column::ConversationId)
        .column(Column::UserId)
        .column(Column::JoinedAt)
        .column(Column::VisibleSeq)
        .column(Column::VisibleVersion)
        .expr(Expr::val(now.as_micros()))
        .expr(Expr::val(conversation.last_seq.as_i64()))
        .expr(Expr::val(conversation.version.as_i64()))
        .from(participant::Entity)
        .and_where(Expr::col(Column::ConversationId).eq(conversation.id.as_uuid()))
        .take();
    let mut insert = Query::insert();
    insert.into_table(former_participant::Entity).columns([
        Former::ConversationId,
        Former::UserId,
        Former::JoinedAt,
        Former::VisibleSeq,
        Former::VisibleVersion,
        Former::LeftAt,
        Former::LeftSeq,
        Former::LeftVersion,
    ]);
    // As many columns as values: it cannot fail.
    let _ = insert.select_from(everyone);
    insert
}

fn select(viewer: UserId, conversations: &[ConversationId], limit: Option<usize>, backend: DbBackend) -> Reading {
    let ids = conversations.iter().map(|id| id.as_uuid());
    let theirs = same(("p", Column::ConversationId), ("me", Column::ConversationId));
    let mut reading = Reading::new().of::<participant::Model>("p");
    let query = reading.query();
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
        .and_where(is(("me", Column::UserId), viewer.as_uuid()))
        .and_where(is_among(("me", Column::ConversationId), ids, backend))
        .order_by(("p", Column::ConversationId), Order::Asc)
        .order_by(("p", Column::UserId), Order::Asc);
    reading
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
