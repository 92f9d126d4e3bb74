//! The table of reports.

use confab_domain::{
    ConversationId, Inconsistent, MessageId, Remark, Report, ReportId, ReportReason, ReportState, UserId,
};
use sea_orm::ActiveValue::{NotSet, Set, Unchanged};
use sea_orm::entity::prelude::*;

use super::row::Row;
use crate::error::Failure;
use crate::reading::{Kind, Record, Values};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reports")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) conversation_id: Uuid,
    pub(crate) message_id: Uuid,
    pub(crate) sender_id: Uuid,
    pub(crate) reporter_id: Uuid,
    pub(crate) reason: String,
    pub(crate) comment: Option<String>,
    pub(crate) reported_at: i64,
    pub(crate) state: String,
    pub(crate) note: Option<String>,
    pub(crate) handled_by: Option<Uuid>,
    pub(crate) handled_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Record for Model {
    type Column = Column;

    const COLUMNS: &'static [(Column, Kind)] = &[
        (Column::Id, Kind::Id),
        (Column::ConversationId, Kind::Id),
        (Column::MessageId, Kind::Id),
        (Column::SenderId, Kind::Id),
        (Column::ReporterId, Kind::Id),
        (Column::Reason, Kind::Text),
        (Column::Comment, Kind::Text),
        (Column::ReportedAt, Kind::Integer),
        (Column::State, Kind::Text),
        (Column::Note, Kind::Text),
        (Column::HandledBy, Kind::Id),
        (Column::HandledAt, Kind::Integer),
    ];

    fn read(values: &mut Values<'_>) -> Result<Self, DbErr> {
        Ok(Self {
            id: values.id()?,
            conversation_id: values.id()?,
            message_id: values.id()?,
            sender_id: values.id()?,
            reporter_id: values.id()?,
            reason: values.text()?,
            comment: values.optional_text()?,
            reported_at: values.integer()?,
            state: values.text()?,
            note: values.optional_text()?,
            handled_by: values.optional_id()?,
            handled_at: values.optional_integer()?,
        })
    }
}

impl Model {
    /// The report.
    pub(crate) fn restore(self) -> Result<Report, Failure> {
        let row = Row::new("reports", self.id);
        let handled = match (self.handled_by, self.handled_at) {
            (Some(admin), Some(at)) => Some((UserId::from(admin), row.time("handled_at", at)?)),
            (None, None) => None,
            _ => return Err(row.corrupt(Inconsistent { field: "handled_at", reason: "goes with handled_by" })),
        };
        Ok(Report {
            id: ReportId::from(self.id),
            conversation_id: ConversationId::from(self.conversation_id),
            message_id: MessageId::from(self.message_id),
            sender_id: UserId::from(self.sender_id),
            reporter_id: UserId::from(self.reporter_id),
            reason: row.value("reason", ReportReason::parse(&self.reason))?,
            comment: row.value("comment", self.comment.map(Remark::restore).transpose())?,
            reported_at: row.time("reported_at", self.reported_at)?,
            state: row.value("state", ReportState::parse(&self.state))?,
            note: row.value("note", self.note.map(Remark::restore).transpose())?,
            handled,
        })
    }
}

/// The row of a new report.
pub(crate) fn new_row(report: &Report) -> ActiveModel {
    ActiveModel {
        id: Set(report.id.as_uuid()),
        conversation_id: Set(report.conversation_id.as_uuid()),
        message_id: Set(report.message_id.as_uuid()),
        sender_id: Set(report.sender_id.as_uuid()),
        reporter_id: Set(report.reporter_id.as_uuid()),
        reason: Set(report.reason.as_str().to_owned()),
        comment: Set(text(report.comment.as_ref())),
        reported_at: Set(report.reported_at.as_micros()),
        ..changed_row(report)
    }
}

/// The row of a report, with what admins may have changed.
pub(crate) fn changed_row(report: &Report) -> ActiveModel {
    ActiveModel {
        id: Unchanged(report.id.as_uuid()),
        conversation_id: NotSet,
        message_id: NotSet,
        sender_id: NotSet,
        reporter_id: NotSet,
        reason: NotSet,
        comment: NotSet,
        reported_at: NotSet,
        state: Set(report.state.as_str().to_owned()),
        note: Set(text(report.note.as_ref())),
        handled_by: Set(report.handled.map(|(admin, _)| admin.as_uuid())),
        handled_at: Set(report.handled.map(|(_, at)| at.as_micros())),
    }
}

fn text(remark: Option<&Remark>) -> Option<String> {
    remark.map(|remark| remark.as_str().to_owned())
}
