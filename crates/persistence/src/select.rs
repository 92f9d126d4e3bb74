//! Parts of the joined reads.

use sea_orm::sea_query::{Expr, ExprTrait as _, SelectStatement};
use sea_orm::{IdenStatic, prelude::Uuid};

/// Selects columns of a table under a prefix, where `FromQueryResult` looks for them.
pub(crate) fn columns<C: IdenStatic>(
    query: &mut SelectStatement,
    table: &'static str,
    prefix: &str,
    columns: impl IntoIterator<Item = C>,
) {
    for column in columns {
        query.expr_as(Expr::col((table, column)), format!("{prefix}{}", column.as_str()));
    }
}

/// Whether two columns, each with its table, are the same.
pub(crate) fn same<A: IdenStatic, B: IdenStatic>(one: (&'static str, A), other: (&'static str, B)) -> Expr {
    Expr::col(one).equals(other)
}

/// Whether a column is this id.
pub(crate) fn is<C: IdenStatic>(column: (&'static str, C), id: Uuid) -> Expr {
    Expr::col(column).eq(id)
}
