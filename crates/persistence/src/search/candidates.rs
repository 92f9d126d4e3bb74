//! The statement that looks candidates up in the index: for each conversation in which the viewer takes part, by its mark, for
//! which `@` stands here, so that what others say in theirs is not even looked at; and of each its newest, so that a common word is
//! not gone through from end to end.

use confab_application::ports::{MessageSearch, PageRequest, Position, SentKey};
use confab_domain::{Timestamp, UserId};
use sea_orm::sea_query::{Asterisk, Condition, Expr, ExprTrait as _, Func, Order, Query, SelectStatement};
use sea_orm::{DbBackend, JoinType};

use crate::conversations::listings::{self, HOUR};
use crate::entities::conversation;
use crate::entities::message::{self, Column};
use crate::entities::participant;
use crate::messages::history::{first_sent_from, is_shown, later};
use crate::reading::Reading;
use crate::select::{is, same, unindexed};

/// How many messages of a conversation bear one mark on PostgreSQL, as in the index.
const MARKED: i64 = 1024;

/// In how many conversations a page of common words is looked for first.
const ACTIVE: u64 = 64;

/// What the place of a candidate consists of. Within a conversation they are in the order of their seqs.
const PLACE: [Column; 3] = [Column::SentAt, Column::ConversationId, Column::Seq];

/// What is looked for.
pub(super) struct Candidates<'a> {
    pub(super) viewer: UserId,
    pub(super) search: &'a MessageSearch,
    pub(super) page: &'a PageRequest<SentKey>,
    pub(super) backend: DbBackend,
}

impl Candidates<'_> {
    /// A page of them, in the order in which it is read.
    pub(super) fn select(&self) -> Reading {
        let mut reading = Reading::new().of::<message::Model>("m");
        let query = reading.query();
        match self.search.conversation_id {
            Some(id) => {
                query
                    .from_as(participant::Entity, "me")
                    .join_as(JoinType::CrossJoin, conversation::Entity, "c", Condition::all())
                    .and_where(same(("c", conversation::Column::Id), ("me", participant::Column::ConversationId)))
                    .and_where(is(("me", participant::Column::ConversationId), id.as_uuid()))
                    .and_where(is(("me", participant::Column::UserId), self.viewer.as_uuid()));
            }
            None => {
                listings::joined(query.from_as("listings", "l"), "l", self.viewer);
                query
                    .and_where(Expr::col(("l", "user_id")).eq(self.viewer.as_uuid()))
                    .and_where_option(self.first_hour().map(|hour| Expr::col(("l", "hour")).gte(hour)));
            }
        }
        self.newest_of_each(query);
        self.ordered_by_time(query);
        reading
    }

    /// The hour before which there is none of the page: that of its last one, had it to be filled by those conversations alone
    /// in which something happened last before its beginning. Where they do not fill it, all are looked through; where it is read
    /// backwards as well.
    fn first_hour(&self) -> Option<Expr> {
        if self.page.is_backwards() {
            return None;
        }
        let active = Query::select()
            .columns(["conversation_id", "hour"])
            .from("listings")
            .and_where(Expr::col("user_id").eq(self.viewer.as_uuid()))
            .and_where_option(self.before().map(|time| Expr::col("hour").lte(time.as_micros() / HOUR)))
            .order_by("hour", Order::Desc)
            .limit(ACTIVE)
            .take();
        let mut page = Query::select().column(("m", Column::SentAt)).from_subquery(active, "active").take();
        listings::joined(&mut page, "active", self.viewer);
        self.newest_of_each(&mut page);
        self.ordered_by_time(&mut page);
        let hour = Func::min(Expr::col(("first", Column::SentAt))).div(HOUR);
        let is_full = Expr::cust("count(*)").eq(self.page.rows() as i64);
        let hour = Query::select().expr(hour).from_subquery(page, "first").and_having(is_full).take();
        Some(Func::coalesce([Expr::SubQuery(None, Box::new(hour.into())), Expr::val(i64::MIN)]).into())
    }

    /// Joins to each conversation that was there in time as many of its candidates as a page has.
    fn newest_of_each(&self, query: &mut SelectStatement) {
        let created_at = Expr::col(("c", conversation::Column::CreatedAt));
        query.and_where_option(self.before().map(|before| created_at.lt(before.as_micros())));
        match self.backend {
            DbBackend::Postgres => self.in_postgres(query),
            _ => self.in_sqlite(query),
        }
    }

    /// By one mark after the other, until there are enough.
    fn in_postgres(&self, query: &mut SelectStatement) {
        let terms = self.search.terms.index_prefixes();
        let prefixes: Vec<String> = terms.iter().map(|token| format!("'@={token}':*")).collect();
        let is_indexed = Expr::cust_with_values(
            "array_to_tsvector(string_to_array(\
             right(CAST(m.conversation_id AS text), 8) || to_hex(m.seq / 1024) || '=' || replace(nullif(m.search_tokens, ''), \
             ' ', ' ' || right(CAST(m.conversation_id AS text), 8) || to_hex(m.seq / 1024) || '='), ' ')) \
             @@ CAST(replace($1, '@', right(CAST(me.conversation_id AS text), 8) || to_hex(mark.number)) AS tsquery)",
            [prefixes.join(" & ")],
        );
        let is_here = same(("m", Column::ConversationId), ("me", participant::Column::ConversationId));
        let mut of_mark = Query::select();
        of_mark.column(("m", Asterisk)).from_as(message::Entity, "m").and_where(is_indexed);
        of_mark.and_where(unindexed(is_here, self.backend));
        self.filter(&mut of_mark);
        of_mark.order_by(("m", Column::Seq), self.order()).limit(self.page.rows() as u64);

        let last = self.last_seq().unwrap_or(Expr::col(("c", conversation::Column::LastSeq)));
        let (first, last) = (self.first_seq().div(MARKED), last.div(MARKED));
        let series =
            if self.page.is_backwards() { [first, last, Expr::val(1_i64)] } else { [last, first, Expr::val(-1_i64)] };
        let marks = Query::select()
            .column(("number", "number"))
            .from_function(Func::cust("generate_series").args(series), "number")
            .order_by(("number", "number"), self.order())
            .take();
        let newest = Query::select()
            .column(("m", Asterisk))
            .from_subquery(marks, "mark")
            .join_lateral(JoinType::InnerJoin, of_mark, "m", Condition::all())
            .order_by(("mark", "number"), self.order())
            .order_by(("m", Column::Seq), self.order())
            .limit(self.page.rows() as u64)
            .take();
        query.join_lateral(JoinType::InnerJoin, newest, "m", Condition::all());
    }

    /// In the order of their numbers, until there are enough. CROSS JOIN: SQLite then goes in this order, whatever it guesses of
    /// the tables' sizes.
    fn in_sqlite(&self, query: &mut SelectStatement) {
        let terms = self.search.terms.index_prefixes();
        let prefixes: Vec<String> = terms.iter().map(|token| format!(r#""@={token}" *"#)).collect();
        let is_indexed = Expr::cust_with_values(
            "f.message_search MATCH replace(?, '@', lower(substr(hex(me.conversation_id), -8)))",
            [prefixes.join(" AND ")],
        );
        let mut newest = Query::select();
        newest
            .column(("n", "message_id"))
            .from_as("message_search", "f")
            .join_as(JoinType::CrossJoin, "message_numbers", "n", Condition::all())
            .join_as(JoinType::CrossJoin, message::Entity, "m", Condition::all())
            .and_where(Expr::cust("n.number = f.rowid AND m.id = n.message_id"))
            .and_where(is_indexed)
            .and_where(same(("m", Column::ConversationId), ("me", participant::Column::ConversationId)))
            .and_where(Expr::cust_with_exprs("f.rowid >= ?", [number(self.first_seq(), true)]))
            .and_where_option(self.last_seq().map(|seq| Expr::cust_with_exprs("f.rowid <= ?", [number(seq, false)])));
        self.filter(&mut newest);
        newest.order_by_expr(Expr::cust("f.rowid"), self.order()).limit(self.page.rows() as u64);
        query
            .join_as(JoinType::CrossJoin, message::Entity, "m", Condition::all())
            .and_where(Expr::col(("m", Column::Id)).in_subquery(newest));
    }

    fn filter(&self, query: &mut SelectStatement) {
        let sent_at = || Expr::col(("m", Column::SentAt));
        let sender = self.search.sender_id.map(|sender| is(("m", Column::SenderId), sender.as_uuid()));
        query
            .and_where(Expr::col(("m", Column::Seq)).gt(Expr::col(("me", participant::Column::VisibleSeq))))
            .and_where(is_shown(self.viewer))
            .and_where_option(sender.map(|sender| unindexed(sender, self.backend)))
            .and_where_option(self.search.sent_from.map(|from| sent_at().gte(from.as_micros())))
            .and_where_option(self.search.sent_before.map(|before| sent_at().lt(before.as_micros())));
        if let Some(key) = self.key() {
            let (conversation, seq) = (Expr::val(key.conversation_id.as_uuid()), Expr::val(key.seq.as_i64()));
            let place = Expr::tuple(PLACE.map(|column| Expr::col(("m", column))));
            let key = Expr::tuple([Expr::val(key.sent_at.as_micros()), conversation, seq]);
            query.and_where(if self.page.is_backwards() { place.gt(key) } else { place.lt(key) });
        }
    }

    fn ordered_by_time(&self, query: &mut SelectStatement) {
        for column in PLACE {
            query.order_by(("m", column), self.order());
        }
        query.limit(self.page.rows() as u64);
    }

    fn order(&self) -> Order {
        if self.page.is_backwards() { Order::Asc } else { Order::Desc }
    }

    fn key(&self) -> Option<SentKey> {
        self.page.position.map(|(Position::After(key) | Position::Before(key))| key)
    }

    /// The seq of the first message of a conversation that may be wanted.
    fn first_seq(&self) -> Expr {
        let key = self.key().filter(|_| self.page.is_backwards()).map(|key| key.sent_at);
        let from = self.search.sent_from.max(key).map(|from| self.place_of(from, Expr::val(1_i64)));
        later(Expr::col(("me", participant::Column::VisibleSeq)).add(1), from)
    }

    /// That of the last one, unless it is the conversation's last.
    fn last_seq(&self) -> Option<Expr> {
        let last = Expr::col(("c", conversation::Column::LastSeq));
        Some(self.place_of(self.before()?, last.add(1)).sub(1))
    }

    /// The time before which all of the page were sent.
    fn before(&self) -> Option<Timestamp> {
        let key = self.key().filter(|_| !self.page.is_backwards());
        let after_key = key.and_then(|key| Timestamp::from_micros(key.sent_at.as_micros() + 1));
        self.search.sent_before.into_iter().chain(after_key).min()
    }

    /// The seq of the first message since a time; something else where a conversation has few.
    fn place_of(&self, time: Timestamp, otherwise: Expr) -> Expr {
        let place = first_sent_from(&Expr::col(("c", conversation::Column::Id)), time, self.backend);
        Expr::case(has_many(), place).finally(otherwise).into()
    }
}

fn has_many() -> Expr {
    Expr::col(("c", conversation::Column::LastSeq)).gte(MARKED)
}

/// On SQLite, the number of the message of a seq, or of the next one; no bound where a conversation has few.
fn number(seq: Expr, is_first: bool) -> Expr {
    let (order, none, unbounded) = if is_first { (Order::Asc, i64::MAX, 0) } else { (Order::Desc, 0, i64::MAX) };
    let place = Expr::col(("at", Column::Seq));
    let number = Query::select()
        .column(("numbered", "number"))
        .from_as(message::Entity, "at")
        .join_as(JoinType::CrossJoin, "message_numbers", "numbered", Condition::all())
        .and_where(Expr::cust("numbered.message_id = at.id"))
        .and_where(same(("at", Column::ConversationId), ("c", conversation::Column::Id)))
        .and_where(if is_first { place.gte(seq) } else { place.lte(seq) })
        .order_by(("at", Column::Seq), order)
        .limit(1)
        .take();
    let number = Func::coalesce([Expr::SubQuery(None, Box::new(number.into())), Expr::val(none)]);
    Expr::case(has_many(), number).finally(unbounded).into()
}
