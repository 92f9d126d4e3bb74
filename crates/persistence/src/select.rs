//! Parts of statements.

use sea_orm::sea_query::{Expr, ExprTrait as _, Func, IntoColumnRef};
use sea_orm::{DbBackend, IdenStatic, prelude::Uuid};

/// Whether two columns, each with its table, are the same.
pub(crate) fn same<A: IdenStatic, B: IdenStatic>(one: (&'static str, A), other: (&'static str, B)) -> Expr {
    Expr::col(one).equals(other)
}

/// Whether a column is this id.
pub(crate) fn is<C: IdenStatic>(column: (&'static str, C), id: Uuid) -> Expr {
    Expr::col(column).eq(id)
}

/// Whether a column is one of these ids. What is kept prepared for it is one statement on PostgreSQL, which gets them as one
/// array, and few on SQLite: the last id is repeated up to the next power of two.
pub(crate) fn is_among<C: IdenStatic>(
    column: (&'static str, C),
    ids: impl IntoIterator<Item = Uuid>,
    backend: DbBackend,
) -> Expr {
    if backend == DbBackend::Postgres {
        // As a table: an array is compared as a whole with each row that an index does not find.
        let one_of_them = "$1 IN (SELECT unnest(CAST($2 AS uuid[])))";
        return Expr::cust_with_exprs(one_of_them, [Expr::col(column), Expr::val(array(ids))]);
    }
    let mut ids: Vec<Uuid> = ids.into_iter().collect();
    if let Some(last) = ids.last().copied() {
        ids.resize(ids.len().next_power_of_two(), last);
    }
    Expr::col(column).is_in(ids)
}

/// These ids as PostgreSQL reads an array.
pub(crate) fn array(ids: impl IntoIterator<Item = Uuid>) -> String {
    let ids: Vec<String> = ids.into_iter().map(|id| id.to_string()).collect();
    format!("{{{}}}", ids.join(","))
}

/// The same condition, which leads to no index, where a database might rather go through all that it has.
pub(crate) fn unindexed(condition: Expr, backend: DbBackend) -> Expr {
    let is_true = if backend == DbBackend::Postgres { "($1) IS TRUE" } else { "(?) IS TRUE" };
    Expr::cust_with_exprs(is_true, [condition])
}

/// Whether a column has this text in it, in which no character is special, as `%` is to LIKE.
pub(crate) fn contains(column: impl IntoColumnRef, text: &str, backend: DbBackend) -> Expr {
    // No column has this character in it, and PostgreSQL takes no text that has.
    if text.contains('\0') {
        return Expr::val(1).eq(0);
    }
    let position = match backend {
        DbBackend::Postgres => "strpos",
        _ => "instr",
    };
    Func::cust(position).arg(Expr::col(column)).arg(text).gt(0)
}
