//! Parts of statements.

use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{IdenStatic, prelude::Uuid};

/// Whether two columns, each with its table, are the same.
pub(crate) fn same<A: IdenStatic, B: IdenStatic>(one: (&'static str, A), other: (&'static str, B)) -> Expr {
    Expr::col(one).equals(other)
}

/// Whether a column is this id.
pub(crate) fn is<C: IdenStatic>(column: (&'static str, C), id: Uuid) -> Expr {
    Expr::col(column).eq(id)
}

/// Whether a column is one of these ids. The last of them is repeated up to the next power of two, so that a connection
/// has few such statements to keep prepared, and not one for each number of ids.
pub(crate) fn is_among<C: IdenStatic>(column: (&'static str, C), ids: impl IntoIterator<Item = Uuid>) -> Expr {
    let mut ids: Vec<Uuid> = ids.into_iter().collect();
    if let Some(last) = ids.last().copied() {
        ids.resize(ids.len().next_power_of_two(), last);
    }
    Expr::col(column).is_in(ids)
}
