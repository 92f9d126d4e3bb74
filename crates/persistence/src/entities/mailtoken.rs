//! The table of tokens that were mailed.

use confab_domain::MailToken;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mailtokens")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) hash: Vec<u8>,
    pub(crate) purpose: String,
    pub(crate) user_id: Uuid,
    pub(crate) email_key: String,
    pub(crate) expires_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(belongs_to = "super::user::Entity", from = "Column::UserId", to = "super::user::Column::Id")]
    User,
}

impl ActiveModelBehavior for ActiveModel {}

/// The row of a new token.
pub(crate) fn new_row(token: &MailToken) -> ActiveModel {
    ActiveModel {
        hash: Set(token.hash.as_bytes().to_vec()),
        purpose: Set(token.purpose.as_str().to_owned()),
        user_id: Set(token.user_id.as_uuid()),
        email_key: Set(token.email.key().to_owned()),
        expires_at: Set(token.expires_at.as_micros()),
    }
}
