//! The table of log-ins.

use confab_domain::{Inconsistent, RefreshToken, RefreshTokenHash, Session, SessionId, UserId};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

use super::row::Row;
use crate::error::Failure;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) created_at: i64,
    pub(crate) refresh_token_hash: Vec<u8>,
    pub(crate) refresh_token_expires_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(belongs_to = "super::user::Entity", from = "Column::UserId", to = "super::user::Column::Id")]
    User,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The session.
    pub(crate) fn restore(self) -> Result<Session, Failure> {
        let row = Row::new("sessions", self.id);
        let hash: [u8; 32] = self
            .refresh_token_hash
            .try_into()
            .map_err(|_| row.corrupt(Inconsistent { field: "refresh_token_hash", reason: "a SHA-256 has 32 bytes" }))?;
        Ok(Session {
            id: SessionId::from(self.id),
            user_id: UserId::from(self.user_id),
            created_at: row.time("created_at", self.created_at)?,
            refresh_token: RefreshToken {
                hash: RefreshTokenHash::new(hash),
                expires_at: row.time("refresh_token_expires_at", self.refresh_token_expires_at)?,
            },
        })
    }
}

/// The row of a new session.
pub(crate) fn new_row(session: &Session) -> ActiveModel {
    ActiveModel {
        id: Set(session.id.as_uuid()),
        user_id: Set(session.user_id.as_uuid()),
        created_at: Set(session.created_at.as_micros()),
        refresh_token_hash: Set(session.refresh_token.hash.as_bytes().to_vec()),
        refresh_token_expires_at: Set(session.refresh_token.expires_at.as_micros()),
    }
}
