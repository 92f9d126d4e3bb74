//! Statements that are built once. To build one takes a good part of the time that a page takes.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use confab_domain::{ConversationId, Seq, UserId};
use sea_orm::prelude::Uuid;
use sea_orm::{DbBackend, Value};

use crate::reading::Built;

/// What uses of a statement have of their own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Own {
    /// Who reads.
    pub(crate) viewer: UserId,
    /// What is read, if it is one.
    pub(crate) conversation: ConversationId,
    /// Where in it.
    pub(crate) seq: Seq,
}

impl Default for Own {
    fn default() -> Self {
        Self { viewer: Uuid::nil().into(), conversation: Uuid::nil().into(), seq: Seq::MAX }
    }
}

impl Own {
    /// What stands in their place in a statement that is kept, and nowhere else in it.
    fn places() -> Self {
        Self {
            viewer: Uuid::from_u128(u128::MAX).into(),
            conversation: Uuid::from_u128(u128::MAX - 1).into(),
            seq: Seq::MAX,
        }
    }

    fn fill(&self, value: &mut Value) {
        match value {
            Value::Uuid(Some(id)) => self.fill_id(id),
            Value::BigInt(Some(number)) if *number == Seq::MAX.as_i64() => *number = self.seq.as_i64(),
            _ => {}
        }
    }

    fn fill_id(&self, id: &mut Uuid) {
        let Self { viewer, conversation, .. } = Self::places();
        if *id == viewer.as_uuid() {
            *id = self.viewer.as_uuid();
        } else if *id == conversation.as_uuid() {
            *id = self.conversation.as_uuid();
        }
    }
}

/// In what the statements of one place in the code differ beside that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Shape {
    /// For SQLite, or for PostgreSQL.
    for_sqlite: bool,
    /// How many rows are read.
    rows: usize,
    /// Whether they begin at a seq.
    at_seq: bool,
}

impl Shape {
    /// For a database.
    pub(crate) fn new(backend: DbBackend, rows: usize, at_seq: bool) -> Self {
        Self { for_sqlite: backend == DbBackend::Sqlite, rows, at_seq }
    }
}

/// The statements of one place in the code.
#[derive(Default)]
pub(crate) struct Kept(RwLock<HashMap<Shape, Arc<Built>>>);

impl Kept {
    /// The statement of this shape for this use. It is built when it is first wanted.
    pub(crate) fn statement(&self, shape: Shape, own: &Own, build: impl FnOnce(&Own) -> Built) -> Built {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&shape).cloned();
        let kept = kept.unwrap_or_else(|| {
            let built = Arc::new(build(&Own::places()));
            self.0.write().unwrap_or_else(PoisonError::into_inner).insert(shape, Arc::clone(&built));
            built
        });
        kept.with(|value| own.fill(value), |id| own.fill_id(id))
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::sea_query::{Expr, ExprTrait as _};

    use super::*;
    use crate::entities::message::{self, Column};
    use crate::reading::Reading;
    use crate::select::is;

    fn build(own: &Own) -> Built {
        let mut reading = Reading::new().of::<message::Model>("m");
        reading
            .query()
            .from_as(message::Entity, "m")
            .and_where(is(("m", Column::ConversationId), own.conversation.as_uuid()))
            .and_where(is(("m", Column::SenderId), own.viewer.as_uuid()))
            .and_where(Expr::col(("m", Column::Seq)).lt(own.seq.as_i64()))
            .and_where(Expr::col(("m", Column::Version)).lt(7_i64));
        reading.build(DbBackend::Sqlite)
    }

    #[test]
    fn a_statement_is_built_once_and_each_use_has_its_own() {
        let kept = Kept::default();
        let shape = Shape::new(DbBackend::Sqlite, 51, true);
        for number in 1..=3_u128 {
            let own = Own {
                viewer: Uuid::from_u128(number).into(),
                conversation: Uuid::from_u128(number + 10).into(),
                seq: Seq::parse(i64::try_from(number).unwrap()).unwrap(),
            };
            let statement = kept.statement(shape, &own, |places| {
                assert_eq!(number, 1, "built before");
                build(places)
            });
            assert_eq!(format!("{statement:?}"), format!("{:?}", build(&own)));
        }
        let mut others = 0;
        for shape in [Shape::new(DbBackend::Sqlite, 52, true), Shape::new(DbBackend::Postgres, 51, true)] {
            kept.statement(shape, &Own::default(), |places| {
                others += 1;
                build(places)
            });
        }
        assert_eq!(others, 2);
    }
}
