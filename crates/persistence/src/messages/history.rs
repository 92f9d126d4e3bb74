//! The statement that reads messages on behalf of a participant.

use std::sync::LazyLock;

use confab_application::ports::{Limit, MessageFilter, Order as ListOrder, PageRequest, Position};
use confab_domain::{ConversationId, MessageId, Seq, Timestamp, UserId};
use sea_orm::sea_query::{Expr, ExprTrait as _, Order, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbBackend, IdenStatic as _, Statement};

use crate::entities::message::{self, Column};
use crate::entities::{hidden_message, participant};
use crate::error::Failure;
use crate::kept::{Kept, Own, Shape};
use crate::messages::view;
use crate::reading::{Built, Known, Reading};
use crate::select::{is, same};

/// The messages of a conversation that the viewer may see, perhaps only those after a seq; none where the viewer does not
/// take part.
pub(crate) fn visible_after(viewer: UserId, conversation_id: ConversationId, after: Option<Expr>) -> Reading {
    visible_among(is(("m", Column::ConversationId), conversation_id.as_uuid()), viewer, conversation_id, after)
}

fn visible_among(among: Expr, viewer: UserId, conversation_id: ConversationId, after: Option<Expr>) -> Reading {
    let here = (Column::ConversationId.as_str(), Known::Is(conversation_id.as_uuid()));
    let mut reading = Reading::new().of_known::<message::Model>("m", &[here]);
    reading.query().from_as(message::Entity, "m").and_where(among).and_where(is_visible(
        viewer,
        conversation_id,
        after,
    ));
    reading
}

/// Whether the viewer takes part, and since before the message or with the history before. What is asked of the place
/// mentions nothing of the message, so that it is asked once and not for each. The seq after which messages are wanted is
/// part of it: of two lower bounds SQLite begins its walk at either.
pub(super) fn is_visible(viewer: UserId, conversation_id: ConversationId, after: Option<Expr>) -> Expr {
    let seen_from = Query::select()
        .expr(later(Expr::col(("me", participant::Column::VisibleSeq)), after))
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

/// The seq of a conversation's first message that was sent at a time or later; one more than the last where there is none.
/// No message was sent before the one of the seq before it: they are halved until one is left, instead of walked.
pub(crate) fn first_sent_from(conversation_id: &Expr, from: Timestamp, backend: DbBackend) -> Expr {
    let halving = "(WITH RECURSIVE place(low, high) AS (\
       SELECT CAST(0 AS bigint), whole.last_seq + 1 FROM conversations AS whole WHERE whole.id = @ \
       UNION ALL \
       SELECT CASE WHEN h.sent_at < @ THEN (low + high) / 2 ELSE low END, \
       CASE WHEN h.sent_at < @ THEN high ELSE (low + high) / 2 END \
       FROM place LEFT JOIN messages AS h ON h.conversation_id = @ AND h.seq = (low + high) / 2 WHERE high - low > 1\
     ) SELECT high FROM place WHERE high - low = 1)";
    let mut sql = String::with_capacity(halving.len());
    for (number, part) in halving.split('@').enumerate() {
        match (number, backend) {
            (0, _) => {}
            (number, DbBackend::Postgres) => sql.push_str(&format!("${number}")),
            _ => sql.push('?'),
        }
        sql.push_str(part);
    }
    let from = Expr::val(from.as_micros());
    Expr::cust_with_exprs(sql, [conversation_id.clone(), from.clone(), from, conversation_id.clone()])
}

/// The later of two seqs, where there are two.
pub(crate) fn later(one: Expr, other: Option<Expr>) -> Expr {
    match other {
        None => one,
        Some(other) => Expr::case(one.clone().gt(other.clone()), one).finally(other).into(),
    }
}

/// Which of the messages of `m`, which are of one conversation, are wanted.
pub(super) struct Wanted {
    /// Those after this seq.
    pub(super) after: Option<Expr>,
    /// By whom they are looked up; otherwise they are walked.
    of_sender: Option<UserId>,
    conditions: Vec<Expr>,
    order: Order,
    limit: u64,
}

impl Wanted {
    /// One of them.
    pub(super) fn one(id: MessageId) -> Self {
        let conditions = vec![is(("m", Column::Id), id.as_uuid())];
        Self { after: None, of_sender: None, conditions, order: Order::Asc, limit: 1 }
    }

    /// Those that a filter and a page want, in the order in which the page is read.
    pub(super) fn page(
        conversation_id: ConversationId,
        filter: &MessageFilter,
        page: &PageRequest<Seq>,
        backend: DbBackend,
    ) -> Self {
        let descending = (filter.order == ListOrder::NewestFirst) != page.is_backwards();
        let key = match page.position {
            Some(Position::After(key) | Position::Before(key)) => Some(key),
            None => None,
        };
        let after = key.filter(|_| !descending);
        let mut wanted = Self::filtered(conversation_id, filter, after, page.rows(), backend);
        if descending {
            wanted.order = Order::Desc;
            wanted.conditions.extend(key.map(|key| seq().lt(key.as_i64())));
        }
        wanted
    }

    /// Those that a filter admits on one side of a place, the nearest first, and one more than a page has: the message at
    /// the place itself is on the side of those before it.
    pub(super) fn side(
        conversation_id: ConversationId,
        filter: &MessageFilter,
        place: Seq,
        limit: Limit,
        after: bool,
        backend: DbBackend,
    ) -> Self {
        let mut wanted = Self::filtered(conversation_id, filter, after.then_some(place), limit.get() + 1, backend);
        if !after {
            wanted.order = Order::Desc;
            wanted.conditions.push(seq().lte(place.as_i64()));
        }
        wanted
    }

    /// The oldest that a filter admits after a seq.
    fn filtered(
        conversation_id: ConversationId,
        filter: &MessageFilter,
        after: Option<Seq>,
        rows: usize,
        backend: DbBackend,
    ) -> Self {
        let first = |from: Timestamp| first_sent_from(&Expr::val(conversation_id.as_uuid()), from, backend);
        let after = filter.after_seq.max(after).map(|after| Expr::val(after.as_i64()));
        let after = match filter.sent_from.map(|from| first(from).sub(1)) {
            Some(from) => Some(later(from, after)),
            None => after,
        };
        let conditions = [
            filter.before_seq.map(|before| seq().lt(before.as_i64())),
            filter.sent_before.map(|before| seq().lt(first(before))),
            filter.sender_id.map(|sender| is(("m", Column::SenderId), sender.as_uuid())),
        ];
        Self {
            after,
            of_sender: None,
            conditions: conditions.into_iter().flatten().collect(),
            order: Order::Asc,
            limit: rows as u64,
        }
    }

    /// The same, looked up by what this sender has said.
    pub(super) fn of_sender(self, sender: Option<UserId>) -> Self {
        Self { of_sender: sender, ..self }
    }

    /// Has the statement read these; where they begin is left to the caller.
    pub(super) fn of(self, query: &mut SelectStatement) {
        for condition in self.conditions {
            query.and_where(condition);
        }
        query.order_by(("m", Column::Seq), self.order).limit(self.limit);
    }
}

fn seq() -> Expr {
    Expr::col(("m", Column::Seq))
}

/// So many messages of one sender in a conversation are found and sorted sooner than the conversation is walked.
const FEW: i64 = 1024;

/// On SQLite, which does not guess how much somebody has said: the sender whom the filter wants, where it is little. PostgreSQL keeps
/// statistics.
pub(super) async fn rare_sender(
    connection: &impl ConnectionTrait,
    viewer: UserId,
    conversation_id: ConversationId,
    filter: &MessageFilter,
) -> Result<Option<UserId>, Failure> {
    let backend = connection.get_database_backend();
    let Some(sender) = filter.sender_id.filter(|_| backend == DbBackend::Sqlite) else { return Ok(None) };
    // As the viewer, so that it takes a stranger no longer where there is something.
    let count = "SELECT count(*) FROM (SELECT 1 FROM participants AS me \
        CROSS JOIN messages AS m ON m.conversation_id = me.conversation_id \
        WHERE me.conversation_id = ? AND me.user_id = ? AND m.sender_id = ? LIMIT ?)";
    let values = [conversation_id.as_uuid().into(), viewer.as_uuid().into(), sender.as_uuid().into(), FEW.into()];
    let row = connection.query_one_raw(Statement::from_sql_and_values(backend, count, values)).await?;
    let count: i64 = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
    Ok((count < FEW).then_some(sender))
}

/// A page of a history, with the cards of those who have sent it as [`view::along`] has them. What has been said last is what is read most,
/// and what was said before a message.
pub(super) fn page(
    viewer: UserId,
    conversation_id: ConversationId,
    filter: &MessageFilter,
    page: &PageRequest<Seq>,
    rare_sender: Option<UserId>,
    backend: DbBackend,
) -> Built {
    static NEWEST: LazyLock<Kept> = LazyLock::new(Kept::default);
    let Some(before) = newest_before(filter, page) else {
        let wanted = Wanted::page(conversation_id, filter, page, backend).of_sender(rare_sender);
        return view::along(self::wanted(viewer, conversation_id, wanted)).build(backend);
    };
    let own = Own { viewer, conversation: conversation_id, seq: before.unwrap_or(Seq::MAX) };
    NEWEST.statement(Shape::new(backend, page.rows(), before.is_some()), &own, |own| {
        let page = PageRequest { limit: page.limit, position: before.map(|_| Position::After(own.seq)) };
        let wanted = Wanted::page(own.conversation, &MessageFilter::default(), &page, backend);
        view::along(self::wanted(own.viewer, own.conversation, wanted)).build(backend)
    })
}

/// The seq before which the newest messages are wanted, if no more than that is asked for.
fn newest_before(filter: &MessageFilter, page: &PageRequest<Seq>) -> Option<Option<Seq>> {
    let MessageFilter {
        order: ListOrder::NewestFirst,
        after_seq: None,
        before_seq,
        sender_id: None,
        sent_from: None,
        sent_before: None,
    } = *filter
    else {
        return None;
    };
    match (page.position, before_seq) {
        (None, before) => Some(before),
        (Some(Position::After(key)), None) => Some(Some(key)),
        (Some(_), _) => None,
    }
}

/// Those of the messages that the viewer may see that are wanted.
pub(super) fn wanted(viewer: UserId, conversation_id: ConversationId, mut wanted: Wanted) -> Reading {
    let among = match wanted.of_sender {
        None => is(("m", Column::ConversationId), conversation_id.as_uuid()),
        Some(sender) => {
            let theirs = Query::select()
                .column(("theirs", Column::Id))
                .from_as(message::Entity, "theirs")
                .and_where(is(("theirs", Column::ConversationId), conversation_id.as_uuid()))
                .and_where(is(("theirs", Column::SenderId), sender.as_uuid()))
                .take();
            Expr::col(("m", Column::Id)).in_subquery(theirs)
        }
    };
    let mut reading = visible_among(among, viewer, conversation_id, wanted.after.take());
    wanted.of(reading.query().and_where(is_shown(viewer)));
    reading
}
