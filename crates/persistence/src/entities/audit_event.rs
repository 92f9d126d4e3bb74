//! The table of the audit.

use std::net::IpAddr;

use confab_domain::{AuditEntry, AuditEntryId, AuditKind, Facts, Inconsistent, Origin, SessionId, UserAgent, UserId};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

use super::row::Row;
use crate::error::Failure;
use crate::reading::{Kind, Record, Values};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_events")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) at: i64,
    pub(crate) kind: String,
    pub(crate) actor_id: Option<Uuid>,
    pub(crate) subject_id: Option<Uuid>,
    pub(crate) session_id: Option<Uuid>,
    pub(crate) address: Option<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Record for Model {
    type Column = Column;

    const COLUMNS: &'static [(Column, Kind)] = &[
        (Column::Id, Kind::Id),
        (Column::At, Kind::Integer),
        (Column::Kind, Kind::Text),
        (Column::ActorId, Kind::Id),
        (Column::SubjectId, Kind::Id),
        (Column::SessionId, Kind::Id),
        (Column::Address, Kind::Text),
        (Column::UserAgent, Kind::Text),
        (Column::RequestId, Kind::Text),
        (Column::Before, Kind::Text),
        (Column::After, Kind::Text),
    ];

    fn read(values: &mut Values<'_>) -> Result<Self, DbErr> {
        Ok(Self {
            id: values.id()?,
            at: values.integer()?,
            kind: values.text()?,
            actor_id: values.optional_id()?,
            subject_id: values.optional_id()?,
            session_id: values.optional_id()?,
            address: values.optional_text()?,
            user_agent: values.optional_text()?,
            request_id: values.optional_text()?,
            before: values.optional_text()?,
            after: values.optional_text()?,
        })
    }
}

impl Model {
    /// The entry.
    pub(crate) fn restore(self) -> Result<AuditEntry, Failure> {
        let row = Row::new("audit_events", self.id);
        let address: Option<IpAddr> = match self.address.map(|address| address.parse()).transpose() {
            Ok(address) => address,
            Err(_) => return Err(row.corrupt(Inconsistent { field: "address", reason: "is no IP address" })),
        };
        Ok(AuditEntry {
            id: AuditEntryId::from(self.id),
            at: row.time("at", self.at)?,
            kind: row.value("kind", AuditKind::parse(&self.kind))?,
            actor_id: self.actor_id.map(UserId::from),
            subject_id: self.subject_id.map(UserId::from),
            session_id: self.session_id.map(SessionId::from),
            origin: Origin {
                address,
                user_agent: row.value("user_agent", self.user_agent.map(UserAgent::restore).transpose())?,
                request_id: self.request_id,
            },
            before: row.value("before", self.before.map(Facts::restore).transpose())?,
            after: row.value("after", self.after.map(Facts::restore).transpose())?,
        })
    }
}

/// The row of a new entry.
pub(crate) fn new_row(entry: &AuditEntry) -> ActiveModel {
    let json = |facts: &Option<Facts>| Set(facts.as_ref().map(|facts| facts.as_json().to_owned()));
    ActiveModel {
        id: Set(entry.id.as_uuid()),
        at: Set(entry.at.as_micros()),
        kind: Set(entry.kind.as_str().to_owned()),
        actor_id: Set(entry.actor_id.map(UserId::as_uuid)),
        subject_id: Set(entry.subject_id.map(UserId::as_uuid)),
        session_id: Set(entry.session_id.map(SessionId::as_uuid)),
        address: Set(entry.origin.address.map(|address| address.to_string())),
        user_agent: Set(entry.origin.user_agent.as_ref().map(|agent| agent.as_str().to_owned())),
        request_id: Set(entry.origin.request_id.clone()),
        before: json(&entry.before),
        after: json(&entry.after),
    }
}
