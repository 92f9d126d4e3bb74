//! Counts what participants have not read, and marks all of it read.

use confab_domain::{Participant, Timestamp, UnreadCount, UserId};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbBackend, JoinType, Statement};

use super::listings;
use crate::entities::{conversation, message, participant};
use crate::error::Failure;
use crate::messages::history::is_shown_of;
use crate::select::{is, same};

/// How many messages of others lie after the cursor in each row of `page`, which has the columns of participants and of conversations.
pub(super) fn count_of_page(viewer: UserId) -> Expr {
    let unread = one_for_each().from_as(message::Entity, "n").cond_where(is_unread_by("page", viewer)).take();
    // Where all is read, which is usual, nothing is looked for.
    let last_seq = Expr::col(("page", conversation::Column::LastSeq));
    let is_behind = Expr::col(("page", participant::Column::LastReadSeq)).lt(last_seq);
    Expr::case(is_behind, Expr::SubQuery(None, Box::new(count(unread).into()))).finally(0).into()
}

/// Whether there are any for the viewer, whose place is a row of `me`.
pub(super) fn any_for_me(viewer: UserId) -> Expr {
    Expr::exists(one_for_each().from_as(message::Entity, "n").cond_where(is_unread_by("me", viewer)).take())
}

/// How many lie after this participant's cursor, wherever the row says that it is.
pub(super) async fn count_of(connection: &impl ConnectionTrait, reader: &Participant) -> Result<u64, Failure> {
    let last_read_seq = reader.last_read_seq.as_i64();
    let seq = || Expr::col(("n", message::Column::Seq));
    let unread = one_for_each()
        .from_as(message::Entity, "n")
        .and_where(is(("n", message::Column::ConversationId), reader.conversation_id.as_uuid()))
        .and_where(seq().gt(last_read_seq))
        .and_where(seq().lte(last_read_seq.saturating_add(WINDOW)))
        .and_where(Expr::col(("n", message::Column::SenderId)).ne(reader.user_id.as_uuid()))
        .and_where(Expr::col(("n", message::Column::DeletedAt)).is_null())
        .and_where(is_shown_of("n", reader.user_id))
        .take();
    fetch(connection, count(unread)).await
}

/// How many the user has in all conversations that are not muted now.
pub(super) async fn count_all(connection: &impl ConnectionTrait, user: UserId, now: Timestamp) -> Result<u64, Failure> {
    let muted_until = || Expr::col(("me", participant::Column::MutedUntil));
    let mut unread = one_for_each();
    listings::behind(&mut unread, user, connection.get_database_backend());
    let unread = unread
        .join_as(JoinType::InnerJoin, message::Entity, "n", is_unread_by("me", user))
        .and_where(muted_until().is_null().or(muted_until().lte(now.as_micros())))
        .take();
    fetch(connection, count(unread)).await
}

/// Moves the user's cursors to the end of every conversation; in how many they were not there. Those that move are locked
/// in the order of their keys, as a batch of messages does it.
pub(super) async fn mark_all(connection: &impl ConnectionTrait, user: UserId) -> Result<u64, Failure> {
    let sql = match connection.get_database_backend() {
        DbBackend::Postgres => {
            "WITH moving AS (\
               SELECT me.conversation_id, c.last_seq FROM listings AS l \
               JOIN participants AS me ON me.conversation_id = l.conversation_id AND me.user_id = $1 \
               JOIN conversations AS c ON c.id = me.conversation_id \
               WHERE l.user_id = $1 AND NOT l.caught_up AND me.last_read_seq < c.last_seq \
               ORDER BY me.conversation_id FOR NO KEY UPDATE OF me\
             ) \
             UPDATE participants AS p SET last_read_seq = greatest(p.last_read_seq, moving.last_seq), \
             last_delivered_seq = greatest(p.last_delivered_seq, moving.last_seq) \
             FROM moving WHERE p.conversation_id = moving.conversation_id AND p.user_id = $1"
        }
        _ => {
            "UPDATE participants SET last_read_seq = c.last_seq, \
             last_delivered_seq = max(last_delivered_seq, c.last_seq) \
             FROM listings AS l CROSS JOIN conversations AS c WHERE l.user_id = $1 AND NOT l.caught_up \
             AND c.id = l.conversation_id AND participants.conversation_id = c.id \
             AND participants.user_id = $1 AND participants.last_read_seq < c.last_seq"
        }
    };
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, [user.as_uuid().into()]);
    Ok(connection.execute_raw(statement).await?.rows_affected())
}

const WINDOW: i64 = UnreadCount::WINDOW.cast_signed();

/// Whether a message is one of others, and deleted neither for all nor for the viewer, after the viewer's cursor. Seqs have no gap: so many seqs are so many
/// messages to look at.
fn is_unread_by(places: &'static str, viewer: UserId) -> Condition {
    let seq = || Expr::col(("n", message::Column::Seq));
    let cursor = || Expr::col((places, participant::Column::LastReadSeq));
    Condition::all()
        .add(same(("n", message::Column::ConversationId), (places, participant::Column::ConversationId)))
        .add(seq().gt(cursor()))
        .add(seq().lte(cursor().add(WINDOW)))
        .add(same(("n", message::Column::SenderId), (places, participant::Column::UserId)).not())
        .add(Expr::col(("n", message::Column::DeletedAt)).is_null())
        .add(is_shown_of("n", viewer))
}

fn one_for_each() -> SelectStatement {
    Query::select().expr_as(Expr::val(1), "one").take()
}

/// How many rows there are, up to as many as count.
fn count(mut unread: SelectStatement) -> SelectStatement {
    let counted = unread.limit(UnreadCount::MOST).take();
    Query::select().expr(Expr::cust("count(*)")).from_subquery(counted, "counted").take()
}

async fn fetch(connection: &impl ConnectionTrait, count: SelectStatement) -> Result<u64, Failure> {
    let counted: i64 = match connection.query_one(&count).await? {
        Some(row) => row.try_get_by_index(0)?,
        None => 0,
    };
    Ok(counted.unsigned_abs())
}
