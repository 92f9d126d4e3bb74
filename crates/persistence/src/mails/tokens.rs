//! When a token is good.

use confab_domain::{MailTokenHash, Timestamp, TokenPurpose};
use sea_orm::sea_query::{Expr, ExprTrait as _, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition};

use crate::entities::mailtoken::{Column, Entity};
use crate::entities::user;
use crate::select::same;

/// A token that is for this, and has not expired.
pub(super) fn is_good(hash: &MailTokenHash, purpose: TokenPurpose, now: Timestamp) -> Condition {
    Condition::all()
        .add(Column::Hash.eq(hash.as_bytes().to_vec()))
        .add(Column::Purpose.eq(purpose.as_str()))
        .add(Column::ExpiresAt.gt(now.as_micros()))
}

/// Whether the user has still the address that the token went to.
pub(super) fn is_of_the_user_s_address() -> Expr {
    Expr::col((Entity, Column::EmailKey)).equals((user::Entity, user::Column::EmailKey))
}

/// The token's user, where that is so.
pub(super) fn owner() -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from(user::Entity)
        .and_where(same(("users", user::Column::Id), ("mailtokens", Column::UserId)))
        .and_where(is_of_the_user_s_address())
        .take()
}
