//! Reports of messages.

use confab_application::messages::NewReport;
use confab_application::ports::{PageRequest, ReportFilter};
use confab_application::reports::ReportPatch;
use confab_domain::{Remark, Report, ReportId, ReportReason, ReportState};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::present;
use crate::extract::{Faults, page_request};
use crate::problem::Problem;

/// What is wrong with a message: `spam` is what nobody has asked for, `harassment` is against a person, `abuse` is hateful, violent
/// or indecent, `illegal` is what the law forbids, and of `other` the comment tells.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReportReason)]
pub(crate) enum ReportReasonName {
    Spam,
    Harassment,
    Abuse,
    Illegal,
    Other,
}

impl From<ReportReason> for ReportReasonName {
    fn from(reason: ReportReason) -> Self {
        match reason {
            ReportReason::Spam => Self::Spam,
            ReportReason::Harassment => Self::Harassment,
            ReportReason::Abuse => Self::Abuse,
            ReportReason::Illegal => Self::Illegal,
            ReportReason::Other => Self::Other,
        }
    }
}

/// What has become of a report: `open` until an admin has dealt with it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReportState)]
pub(crate) enum ReportStateName {
    Open,
    Resolved,
    Dismissed,
}

impl From<ReportState> for ReportStateName {
    fn from(state: ReportState) -> Self {
        match state {
            ReportState::Open => Self::Open,
            ReportState::Resolved => Self::Resolved,
            ReportState::Dismissed => Self::Dismissed,
        }
    }
}

/// Why you report a message.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReportMessageRequest {
    /// What is wrong with it.
    #[schema(value_type = ReportReasonName, example = "spam")]
    reason: String,
    /// What else there is to say of it, to the admins alone.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 1_000, example = "The third of its kind today")]
    comment: Option<String>,
}

impl From<ReportMessageRequest> for NewReport {
    fn from(request: ReportMessageRequest) -> Self {
        Self { reason: request.reason, comment: request.comment }
    }
}

/// A report of yours, as you made it.
#[derive(Serialize, ToSchema)]
pub(crate) struct OwnReportResponse {
    /// Names the report.
    id: Uuid,
    /// The conversation of the message.
    conversation_id: Uuid,
    /// The message.
    message_id: Uuid,
    /// What is wrong with it.
    reason: ReportReasonName,
    /// What you said of it.
    #[schema(required = true, example = "The third of its kind today")]
    comment: Option<String>,
    /// When you reported it.
    #[schema(format = DateTime, example = "2026-01-31T09:30:00.000000Z")]
    reported_at: String,
}

impl From<Report> for OwnReportResponse {
    fn from(report: Report) -> Self {
        Self {
            id: report.id.as_uuid(),
            conversation_id: report.conversation_id.as_uuid(),
            message_id: report.message_id.as_uuid(),
            reason: report.reason.into(),
            comment: text(report.comment.as_ref()),
            reported_at: report.reported_at.to_string(),
        }
    }
}

/// Which reports to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListReportsQuery {
    /// A `next_cursor` or `previous_cursor` of this list. Keep the other parameters as they were.
    cursor: Option<String>,
    /// The most reports of a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// Only reports in this state.
    #[param(inline, value_type = Option<ReportStateName>)]
    state: Option<String>,
}

impl ListReportsQuery {
    /// What is asked for, or every parameter that is wrong.
    pub(crate) fn parse(&self) -> Result<(ReportFilter, PageRequest<ReportId>), Problem> {
        let mut faults = Faults::default();
        let filter = ReportFilter { state: faults.take("state", self.state.as_deref(), ReportState::parse) };
        let page = page_request(&mut faults, self.limit, self.cursor.as_deref());
        faults.check()?;
        Ok((filter, page))
    }
}

/// A report, as admins see it. It names the message, and has nothing of what that says.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReportResponse {
    /// Names the report.
    id: Uuid,
    /// What has become of it.
    state: ReportStateName,
    /// The conversation of the message.
    conversation_id: Uuid,
    /// The message.
    message_id: Uuid,
    /// Who sent it.
    sender_id: Uuid,
    /// Who reports it.
    reporter_id: Uuid,
    /// What is wrong with it.
    reason: ReportReasonName,
    /// What the reporter says of it; gone when they delete their account.
    #[schema(required = true, example = "The third of its kind today")]
    comment: Option<String>,
    /// When it was reported.
    #[schema(format = DateTime, example = "2026-01-31T09:30:00.000000Z")]
    reported_at: String,
    /// What admins note of it, for each other.
    #[schema(required = true, example = "Deleted; the sender was told")]
    note: Option<String>,
    /// The admin who has changed it last.
    #[schema(required = true)]
    handled_by: Option<Uuid>,
    /// When that was.
    #[schema(required = true, format = DateTime, example = "2026-01-31T09:30:00.000000Z")]
    handled_at: Option<String>,
}

impl From<Report> for ReportResponse {
    fn from(report: Report) -> Self {
        Self {
            id: report.id.as_uuid(),
            state: report.state.into(),
            conversation_id: report.conversation_id.as_uuid(),
            message_id: report.message_id.as_uuid(),
            sender_id: report.sender_id.as_uuid(),
            reporter_id: report.reporter_id.as_uuid(),
            reason: report.reason.into(),
            comment: text(report.comment.as_ref()),
            reported_at: report.reported_at.to_string(),
            note: text(report.note.as_ref()),
            handled_by: report.handled.map(|(admin, _)| admin.as_uuid()),
            handled_at: report.handled.map(|(_, at)| at.to_string()),
        }
    }
}

fn text(remark: Option<&Remark>) -> Option<String> {
    remark.map(|remark| remark.as_str().to_owned())
}

/// A page of reports.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReportPage {
    /// The reports, the newest first.
    pub(crate) items: Vec<ReportResponse>,
    /// Gets the next page; null on the last.
    #[schema(required = true)]
    pub(crate) next_cursor: Option<String>,
    /// Gets the page before; null on the first.
    #[schema(required = true)]
    pub(crate) previous_cursor: Option<String>,
}

/// What is to change of a report (RFC 7396): what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeReportRequest {
    /// What has become of it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = ReportStateName, required = false, example = "resolved")]
    state: Option<String>,
    /// A note for other admins, or `null` for none.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, required = false, min_length = 1, max_length = 1_000,
        example = "Deleted; the sender was told")]
    note: Option<Option<String>>,
}

impl From<ChangeReportRequest> for ReportPatch {
    fn from(request: ChangeReportRequest) -> Self {
        Self { state: request.state, note: request.note }
    }
}
