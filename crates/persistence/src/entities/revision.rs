//! The table of what messages said before they were edited.

use confab_domain::{JsonObject, MessageBody, MessageId, Revision};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

use super::row::Row;
use crate::error::Failure;
use crate::reading::{Kind, Record, Values};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "message_revisions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) message_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) version: i64,
    pub(crate) written_at: i64,
    pub(crate) body: String,
    pub(crate) payload: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Record for Model {
    type Column = Column;

    const COLUMNS: &'static [(Column, Kind)] = &[
        (Column::MessageId, Kind::Id),
        (Column::Version, Kind::Integer),
        (Column::WrittenAt, Kind::Integer),
        (Column::Body, Kind::Text),
        (Column::Payload, Kind::Text),
    ];

    fn read(values: &mut Values<'_>) -> Result<Self, DbErr> {
        Ok(Self {
            message_id: values.id()?,
            version: values.integer()?,
            written_at: values.integer()?,
            body: values.text()?,
            payload: values.optional_text()?,
        })
    }
}

impl Model {
    /// The revision.
    pub(crate) fn restore(self) -> Result<Revision, Failure> {
        let row = Row::of_version("message_revisions", self.message_id, self.version);
        Ok(Revision {
            message_id: MessageId::from(self.message_id),
            version: row.version("version", self.version)?,
            written_at: row.time("written_at", self.written_at)?,
            body: row.value("body", MessageBody::restore(self.body))?,
            payload: row.value("payload", self.payload.map(JsonObject::restore).transpose())?,
        })
    }
}

/// The row of a new revision.
pub(crate) fn new_row(revision: &Revision) -> ActiveModel {
    ActiveModel {
        message_id: Set(revision.message_id.as_uuid()),
        version: Set(revision.version.as_i64()),
        written_at: Set(revision.written_at.as_micros()),
        body: Set(revision.body.as_str().to_owned()),
        payload: Set(revision.payload.as_ref().map(|payload| payload.as_str().to_owned())),
    }
}
