//! One's own log-ins.

use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use confab_application::{App, accounts};

use crate::dto::{Links, SessionPage, SessionResponse, SessionsQuery};
use crate::extract::{Caller, From, NoParameters, Query, session_id};
use crate::middleware::bearer;
use crate::problem::Problem;
use crate::problem::documented::SessionNotFound;

/// List your sessions
///
/// Each log-in that has neither ended nor expired, the newest first.
#[utoipa::path(
    operation_id = "list_sessions",
    tag = "users",
    security(("bearer" = [])),
    params(SessionsQuery),
    responses((status = OK, description = "A page of sessions.", body = SessionPage,
        headers(("Link" = String, description = "The neighbouring pages (RFC 8288)."))))
)]
#[get("/users/me/sessions", wrap = "bearer()")]
pub(crate) async fn list(
    caller: Caller,
    app: web::Data<App>,
    query: Query<SessionsQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let page = accounts::list_sessions(&app, &caller.0, &query.0.parse()?).await?;
    let links = Links::of(&page, |session| session.id);
    let current = caller.0.session_id;
    let items = page.items.into_iter().map(|session| SessionResponse::new(session, current)).collect();
    let page = SessionPage { items, next_cursor: links.next.clone(), previous_cursor: links.previous.clone() };
    Ok(links.respond(&request).json(page))
}

/// End one of your sessions
///
/// Its tokens are no good from the next request on; on other nodes, within a second.
#[utoipa::path(
    operation_id = "end_session",
    tag = "users",
    security(("bearer" = [])),
    params(("session_id" = Uuid, Path, description = "The session.")),
    responses((status = NO_CONTENT, description = "It has ended."), SessionNotFound)
)]
#[delete("/users/me/sessions/{session_id}", wrap = "bearer()")]
pub(crate) async fn end(
    caller: Caller,
    app: web::Data<App>,
    origin: From,
    path: web::Path<String>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    accounts::end_session(&app, &caller.0, session_id(&path)?, &origin.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// End all your other sessions
///
/// All but the one that this request belongs to.
#[utoipa::path(
    operation_id = "end_other_sessions",
    tag = "users",
    security(("bearer" = [])),
    responses((status = NO_CONTENT, description = "There is no other session."))
)]
#[delete("/users/me/sessions", wrap = "bearer()")]
pub(crate) async fn end_others(
    caller: Caller,
    app: web::Data<App>,
    origin: From,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    accounts::end_other_sessions(&app, &caller.0, &origin.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Log out
///
/// Ends the session that this request belongs to.
#[utoipa::path(
    operation_id = "log_out",
    tag = "auth",
    security(("bearer" = [])),
    responses((status = NO_CONTENT, description = "The session has ended."), SessionNotFound)
)]
#[post("/logout", wrap = "bearer()")]
pub(crate) async fn log_out(
    caller: Caller,
    app: web::Data<App>,
    origin: From,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    accounts::log_out(&app, &caller.0, &origin.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
