//! The statement that looks candidates up in the index: for each conversation in which the viewer takes part, by its mark, for
//! which `@` stands here, so that what others say in theirs is not even looked at.

use confab_application::ports::{MessageSearch, PageRequest, Position, SentKey};
use confab_domain::UserId;
use sea_orm::sea_query::{Asterisk, Condition, Expr, ExprTrait as _, Order, Query, SelectStatement};
use sea_orm::{DbBackend, JoinType};

use crate::entities::message::{self, Column};
use crate::entities::participant;
use crate::messages::history::is_shown;
use crate::reading::Reading;
use crate::select::{is, same};

/// A page of them, in the order in which it is read.
pub(super) fn select(
    viewer: UserId,
    search: &MessageSearch,
    page: &PageRequest<SentKey>,
    backend: DbBackend,
) -> Reading {
    let mut reading = Reading::new().of::<message::Model>("m");
    let query = reading.query();
    query.from_as(participant::Entity, "me");
    match backend {
        DbBackend::Postgres => in_postgres(query, viewer, search, page),
        _ => in_sqlite(query, viewer, search, page),
    }
    query.and_where(is(("me", participant::Column::UserId), viewer.as_uuid())).and_where_option(
        search.conversation_id.map(|id| is(("me", participant::Column::ConversationId), id.as_uuid())),
    );
    ordered(query, page);
    reading
}

/// The newest of each conversation, and of these the newest. That a message is of the conversation is asked outside: beside
/// the index's own condition PostgreSQL might rather walk the conversation from end to end.
fn in_postgres(query: &mut SelectStatement, viewer: UserId, search: &MessageSearch, page: &PageRequest<SentKey>) {
    let prefixes: Vec<String> = search.terms.index_prefixes().iter().map(|token| format!("'@={token}':*")).collect();
    let is_indexed = Expr::cust_with_values(
        "array_to_tsvector(string_to_array(m.search_tokens, ' ')) @@ \
         CAST(replace($1, '@', right(CAST(me.conversation_id AS text), 8)) AS tsquery)",
        [prefixes.join(" & ")],
    );
    let mut newest = Query::select();
    newest.column(("m", Asterisk)).from_as(message::Entity, "m").and_where(is_indexed);
    filter(&mut newest, viewer, search, page);
    ordered(&mut newest, page);
    query
        .join_lateral(JoinType::InnerJoin, newest, "m", Condition::all())
        .and_where(same(("m", Column::ConversationId), ("me", participant::Column::ConversationId)));
}

/// CROSS JOIN: SQLite then goes in this order, whatever it guesses of the tables' sizes.
fn in_sqlite(query: &mut SelectStatement, viewer: UserId, search: &MessageSearch, page: &PageRequest<SentKey>) {
    let prefixes: Vec<String> = search.terms.index_prefixes().iter().map(|token| format!(r#""@={token}" *"#)).collect();
    let is_indexed = Expr::cust_with_values(
        "f.message_search MATCH replace(?, '@', lower(substr(hex(me.conversation_id), -8)))",
        [prefixes.join(" AND ")],
    );
    query
        .join_as(JoinType::CrossJoin, "message_search", "f", Condition::all())
        .join_as(JoinType::CrossJoin, "message_numbers", "n", Condition::all())
        .join_as(JoinType::CrossJoin, message::Entity, "m", Condition::all())
        .and_where(Expr::cust("n.number = f.rowid AND m.id = n.message_id"))
        .and_where(is_indexed)
        .and_where(same(("m", Column::ConversationId), ("me", participant::Column::ConversationId)));
    filter(query, viewer, search, page);
}

fn filter(query: &mut SelectStatement, viewer: UserId, search: &MessageSearch, page: &PageRequest<SentKey>) {
    let sent_at = || Expr::col(("m", Column::SentAt));
    query
        .and_where(Expr::col(("m", Column::Seq)).gt(Expr::col(("me", participant::Column::VisibleSeq))))
        .and_where(is_shown(viewer))
        .and_where_option(search.sender_id.map(|sender| is(("m", Column::SenderId), sender.as_uuid())))
        .and_where_option(search.sent_from.map(|from| sent_at().gte(from.as_micros())))
        .and_where_option(search.sent_before.map(|before| sent_at().lt(before.as_micros())));
    if let Some(Position::After(key) | Position::Before(key)) = page.position {
        let place = Expr::tuple([sent_at(), Expr::col(("m", Column::Id))]);
        let key = Expr::tuple([Expr::val(key.sent_at.as_micros()), Expr::val(key.id.as_uuid())]);
        query.and_where(if page.is_backwards() { place.gt(key) } else { place.lt(key) });
    }
}

fn ordered(query: &mut SelectStatement, page: &PageRequest<SentKey>) {
    let order = if page.is_backwards() { Order::Asc } else { Order::Desc };
    query.order_by(("m", Column::SentAt), order.clone()).order_by(("m", Column::Id), order).limit(page.rows() as u64);
}
