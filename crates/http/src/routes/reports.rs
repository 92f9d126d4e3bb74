//! Reports of messages.

use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, get, patch, post, web};
use confab_application::{App, messages, reports};

use super::BASE;
use crate::dto::{
    ChangeReportRequest, Links, ListReportsQuery, OwnReportResponse, ReportMessageRequest, ReportPage, ReportResponse,
};
use crate::extract::{
    Body, Caller, From, IfMatch, NoParameters, Query, conversation_id, message_id, report_id, tagged,
};
use crate::middleware::bearer;
use crate::problem::Problem;
use crate::problem::documented::{MessageNotFound, OwnMessage, PreconditionFailed, ReportNotFound, RoleTooLow};

/// Report a message
///
/// Tells the admins of this server that somebody else's message is wrong, and nobody else. A message is reported once by each
/// who sees it: to report it again answers with the first report as it is.
#[utoipa::path(
    operation_id = "report_message",
    tag = "messages",
    security(("bearer" = [])),
    params(
        ("conversation_id" = Uuid, Path, description = "The conversation."),
        ("message_id" = Uuid, Path, description = "The message."),
    ),
    request_body = ReportMessageRequest,
    responses(
        (status = CREATED, description = "The report.", body = OwnReportResponse,
            headers(("Location" = String, description = "Where admins read it."))),
        (status = OK, description = "Your report of this message from before.", body = OwnReportResponse),
        MessageNotFound, OwnMessage,
    )
)]
#[post("/conversations/{conversation_id}/messages/{message_id}/report", wrap = "bearer()")]
pub(crate) async fn report_message(
    caller: Caller,
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    body: Body<ReportMessageRequest>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let (conversation, message) = (conversation_id(&path.0)?, message_id(&path.1)?);
    let reported = messages::report(&app, &caller.0, conversation, message, body.0.into()).await?;
    let mut response = if reported.is_new { HttpResponse::Created() } else { HttpResponse::Ok() };
    let location = format!("{BASE}/reports/{}", reported.report.id);
    Ok(response.insert_header((LOCATION, location)).json(OwnReportResponse::from(reported.report)))
}

/// List the reports of messages
///
/// The newest first. For admins. What a message says is not part of its report; delete one, with a reason, by its ids.
#[utoipa::path(
    operation_id = "list_reports",
    tag = "reports",
    security(("bearer" = [])),
    params(ListReportsQuery),
    responses(
        (status = OK, description = "A page of reports.", body = ReportPage,
            headers(("Link" = String, description = "The neighbouring pages (RFC 8288)."))),
        RoleTooLow,
    )
)]
#[get("/reports", wrap = "bearer()")]
pub(crate) async fn list(
    caller: Caller,
    app: web::Data<App>,
    query: Query<ListReportsQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (filter, page) = query.0.parse()?;
    let page = reports::list(&app, &caller.0, filter, &page).await?;
    let links = Links::of(&page, |report| report.id);
    let mut response = links.respond(&request);
    let items = page.items.into_iter().map(Into::into).collect();
    Ok(response.json(ReportPage { items, next_cursor: links.next, previous_cursor: links.previous }))
}

/// Read a report
///
/// For admins.
#[utoipa::path(
    operation_id = "read_report",
    tag = "reports",
    security(("bearer" = [])),
    params(("report_id" = Uuid, Path, description = "The report.")),
    responses(
        (status = OK, description = "The report.", body = ReportResponse,
            headers(("ETag" = String, description = "Names its state, for `If-Match`."))),
        RoleTooLow,
        ReportNotFound,
    )
)]
#[get("/reports/{report_id}", wrap = "bearer()")]
pub(crate) async fn read(
    caller: Caller,
    app: web::Data<App>,
    path: web::Path<String>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let report = reports::get(&app, &caller.0, report_id(&path)?).await?;
    Ok(HttpResponse::Ok().insert_header(tagged(&reports::tag(&report))).json(ReportResponse::from(report)))
}

/// Deal with a report
///
/// A merge patch (RFC 7396): what is absent stays. With `If-Match`, only if no other admin has changed it since. Whoever changes
/// something is told with the report, and is in the audit. For admins.
#[utoipa::path(
    operation_id = "change_report",
    tag = "reports",
    security(("bearer" = [])),
    params(
        ("report_id" = Uuid, Path, description = "The report."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the report as you know it."),
    ),
    request_body(content(
        (ChangeReportRequest = "application/json"),
        (ChangeReportRequest = "application/merge-patch+json"),
    )),
    responses(
        (status = OK, description = "The report as it is now.", body = ReportResponse,
            headers(("ETag" = String, description = "Names its state, for `If-Match`."))),
        RoleTooLow,
        ReportNotFound,
        PreconditionFailed,
    )
)]
#[patch("/reports/{report_id}", wrap = "bearer()")]
pub(crate) async fn change(
    caller: Caller,
    app: web::Data<App>,
    origin: From,
    path: web::Path<String>,
    expected: IfMatch,
    body: Body<ChangeReportRequest>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let id = report_id(&path)?;
    let report = reports::change(&app, &caller.0, id, body.0.into(), &expected.0, &origin.0).await?;
    Ok(HttpResponse::Ok().insert_header(tagged(&reports::tag(&report))).json(ReportResponse::from(report)))
}
