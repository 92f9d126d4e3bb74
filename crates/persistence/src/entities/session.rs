//! The table of log-ins.

use std::net::IpAddr;

use confab_domain::{
    DeviceName, Inconsistent, RefreshToken, RefreshTokenHash, Session, SessionId, SessionUse, UserAgent, UserId,
};
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
    pub(crate) last_used_at: i64,
    pub(crate) device: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) refresh_token_hash: Vec<u8>,
    pub(crate) refresh_token_expires_at: i64,
    pub(crate) previous_token_hash: Option<Vec<u8>>,
    /// Null until the first refresh of a session that is older than families.
    pub(crate) token_family_hash: Option<Vec<u8>>,
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
        let hash = |field: &'static str, bytes: Vec<u8>| match <[u8; 32]>::try_from(bytes) {
            Ok(bytes) => Ok(RefreshTokenHash::new(bytes)),
            Err(_) => Err(row.corrupt(Inconsistent { field, reason: "a SHA-256 has 32 bytes" })),
        };
        let newest = hash("refresh_token_hash", self.refresh_token_hash)?;
        let family = self.token_family_hash.map(|bytes| hash("token_family_hash", bytes)).transpose()?;
        let address: Option<IpAddr> = match self.address.map(|address| address.parse()).transpose() {
            Ok(address) => address,
            Err(_) => return Err(row.corrupt(Inconsistent { field: "address", reason: "is no IP address" })),
        };
        Ok(Session {
            id: SessionId::from(self.id),
            user_id: UserId::from(self.user_id),
            device: row.value("device", self.device.map(DeviceName::restore).transpose())?,
            created_at: row.time("created_at", self.created_at)?,
            last_use: SessionUse {
                at: row.time("last_used_at", self.last_used_at)?,
                address,
                user_agent: row.value("user_agent", self.user_agent.map(UserAgent::restore).transpose())?,
            },
            refresh_token: RefreshToken {
                hash: newest,
                family: family.unwrap_or(newest),
                expires_at: row.time("refresh_token_expires_at", self.refresh_token_expires_at)?,
            },
            previous_token: self.previous_token_hash.map(|bytes| hash("previous_token_hash", bytes)).transpose()?,
        })
    }
}

/// The row of a new session.
pub(crate) fn new_row(session: &Session) -> ActiveModel {
    let SessionUse { at, address, user_agent } = &session.last_use;
    ActiveModel {
        id: Set(session.id.as_uuid()),
        user_id: Set(session.user_id.as_uuid()),
        created_at: Set(session.created_at.as_micros()),
        last_used_at: Set(at.as_micros()),
        device: Set(session.device.as_ref().map(|device| device.as_str().to_owned())),
        address: Set(address.map(|address| address.to_string())),
        user_agent: Set(user_agent.as_ref().map(|agent| agent.as_str().to_owned())),
        refresh_token_hash: Set(session.refresh_token.hash.as_bytes().to_vec()),
        refresh_token_expires_at: Set(session.refresh_token.expires_at.as_micros()),
        previous_token_hash: Set(session.previous_token.map(|hash| hash.as_bytes().to_vec())),
        token_family_hash: Set(Some(session.refresh_token.family.as_bytes().to_vec())),
    }
}
