//! Users.

use actix_web::http::header::{CONTENT_DISPOSITION, ContentType};
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, web};
use confab_application::{App, users};

use crate::dto::{
    AccountPage, AccountResponse, AuditEntryResponse, AuditPage, AuditQuery, ChangeProfileRequest,
    ChangeStandingRequest, DataExport, DeleteAccountRequest, FindUsersQuery, FoundUsers, Links, ListUsersQuery,
    ProfileResponse, StandingResponse, UserResponse,
};
use crate::export;
use crate::extract::{Body, Caller, From, IfMatch, NoParameters, Query, tagged, user_id};
use crate::middleware::{Limits, bearer};
use crate::problem::Problem;
use crate::problem::documented::{LastAdmin, PreconditionFailed, RoleTooLow, UserNotFound};

/// Read your own account
///
/// With the e-mail address and the telephone number, which nobody else sees.
#[utoipa::path(
    operation_id = "read_profile",
    tag = "users",
    security(("bearer" = [])),
    responses((status = OK, description = "Your account.", body = ProfileResponse,
        headers(("ETag" = String, description = "Names its state, for `If-Match`."))))
)]
#[get("/users/me", wrap = "bearer()")]
pub(crate) async fn read_profile(
    caller: Caller,
    app: web::Data<App>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let user = users::read_profile(&app, &caller.0).await?;
    Ok(HttpResponse::Ok().insert_header(tagged(&users::tag(&user))).json(ProfileResponse::from(&user)))
}

/// Change your own name and telephone number
///
/// A merge patch (RFC 7396): what is absent stays. With `If-Match`, only if it was not changed since.
#[utoipa::path(
    operation_id = "change_profile",
    tag = "users",
    security(("bearer" = [])),
    params(("If-Match" = Option<String>, Header, description = "The `ETag` of your account as you know it.")),
    request_body(content(
        (ChangeProfileRequest = "application/json"),
        (ChangeProfileRequest = "application/merge-patch+json"),
    )),
    responses(
        (status = OK, description = "Your account as it is now.", body = ProfileResponse,
            headers(("ETag" = String, description = "Names its state, for `If-Match`."))),
        PreconditionFailed,
    )
)]
#[patch("/users/me", wrap = "bearer()")]
pub(crate) async fn change_profile(
    caller: Caller,
    app: web::Data<App>,
    expected: IfMatch,
    body: Body<ChangeProfileRequest>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let user = users::change_profile(&app, &caller.0, body.0.into(), &expected.0).await?;
    Ok(HttpResponse::Ok().insert_header(tagged(&users::tag(&user))).json(ProfileResponse::from(&user)))
}

/// Take a copy of all that is kept of you
///
/// Your account, sessions and what happened to them, the conversations that you are in and those that you have left, your own
/// messages with what they said before, your reactions and preferences. It is written as you read it, and as things are when
/// their turn comes; where the JSON or the answer does not end, the copy is not whole, and you have to ask again.
#[utoipa::path(
    operation_id = "export_data",
    tag = "users",
    security(("bearer" = [])),
    responses((status = OK, description = "The copy.", body = DataExport,
        headers(("Content-Disposition" = String, description = "A name for the file."))))
)]
#[get("/users/me/export", wrap = "bearer()")]
pub(crate) async fn export_data(
    caller: Caller,
    app: web::Data<App>,
    origin: From,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let viewer = caller.0;
    let export = users::begin_export(&app, &viewer, &origin.0).await?;
    let copy = export::write(export, viewer.user.id, viewer.session_id, app.clock.now());
    let name = (CONTENT_DISPOSITION, "attachment; filename=\"confab-export.json\"");
    Ok(HttpResponse::Ok().insert_header(ContentType::json()).insert_header(name).streaming(copy))
}

/// Delete your account
///
/// Takes the password; a wrong one counts as a failed log-in. At once and for good: your name, your addresses, your sessions
/// and devices are gone, and the e-mail address is free to register with. Others still read what you have said, as said by a
/// deleted user. You leave your groups, and hand on those that you own to whoever has been there the longest; direct
/// conversations are closed. Of some hundreds of conversations the last ones take a few seconds more. To ask again when the
/// answer was lost is a 401: it is done.
#[utoipa::path(
    operation_id = "delete_account",
    tag = "users",
    security(("bearer" = [])),
    request_body = DeleteAccountRequest,
    responses((status = NO_CONTENT, description = "It is deleted."), LastAdmin)
)]
#[delete("/users/me", wrap = "bearer()")]
pub(crate) async fn delete_account(
    request: HttpRequest,
    caller: Caller,
    app: web::Data<App>,
    limits: web::Data<Limits>,
    origin: From,
    body: Body<DeleteAccountRequest>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let attempt = limits.attempt(&request, caller.0.user.email.as_str())?;
    let outcome = users::delete_account(&app, &caller.0, body.0.current_password, &origin.0).await;
    attempt.settle(&outcome);
    outcome?;
    Ok(HttpResponse::NoContent().finish())
}

/// Read what happened to your account
///
/// Log-ins and those that failed, ends of sessions, changes of the password and of the role: the newest first. Of failed
/// log-ins, ten a minute are told; the next log-in tells how many there were.
#[utoipa::path(
    operation_id = "list_own_audit",
    tag = "users",
    security(("bearer" = [])),
    params(AuditQuery),
    responses((status = OK, description = "A page of the audit.", body = AuditPage,
        headers(("Link" = String, description = "The neighbouring pages (RFC 8288)."))))
)]
#[get("/users/me/audit", wrap = "bearer()")]
pub(crate) async fn list_audit(
    caller: Caller,
    app: web::Data<App>,
    query: Query<AuditQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let page = users::list_audit(&app, &caller.0, &query.0.parse()?).await?;
    let links = Links::of(&page, |entry| entry.id);
    let viewer = caller.0.user.id;
    let items = page.items.into_iter().map(|entry| AuditEntryResponse::new(entry, viewer)).collect();
    let page = AuditPage { items, next_cursor: links.next.clone(), previous_cursor: links.previous.clone() };
    Ok(links.respond(&request).json(page))
}

/// List accounts
///
/// By their ids, the newest first unless asked otherwise; deleted ones are not among them. For admins.
#[utoipa::path(
    operation_id = "list_users",
    tag = "users",
    security(("bearer" = [])),
    params(ListUsersQuery),
    responses(
        (status = OK, description = "A page of accounts.", body = AccountPage,
            headers(("Link" = String, description = "The neighbouring pages (RFC 8288)."))),
        RoleTooLow,
    )
)]
#[get("/users", wrap = "bearer()")]
pub(crate) async fn list(
    caller: Caller,
    app: web::Data<App>,
    query: Query<ListUsersQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (filter, page) = query.0.parse()?;
    let page = users::list(&app, &caller.0, &filter, &page).await?;
    let links = Links::of(&page, |user| user.id);
    let mut response = links.respond(&request);
    let items = page.items.iter().map(AccountResponse::from).collect();
    Ok(response.json(AccountPage { items, next_cursor: links.next, previous_cursor: links.previous }))
}

/// Read a user's card
///
/// Your own, that of whoever takes part in a conversation with you, and for admins anyone's. Everybody else is not there. Where
/// one of you has blocked the other, only a group counts.
#[utoipa::path(
    operation_id = "read_user",
    tag = "users",
    security(("bearer" = [])),
    params(("user_id" = Uuid, Path, description = "The user.")),
    responses((status = OK, description = "The user, as others see them.", body = UserResponse), UserNotFound)
)]
#[get("/users/{user_id}", wrap = "bearer()")]
pub(crate) async fn read_user(
    caller: Caller,
    app: web::Data<App>,
    path: web::Path<String>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let card = users::read_card(&app, &caller.0, user_id(&path)?).await?;
    Ok(HttpResponse::Ok().json(UserResponse::from(card)))
}

/// Find a user by an e-mail address or a telephone number
///
/// For hosts. By the whole address or number, and only those who let themselves be found by it: see `discoverable_by_email` and
/// `discoverable_by_phone` of their account. Whoever does not, is not there; nor is whoever has blocked you, or is blocked by you,
/// unless you share a group.
#[utoipa::path(
    operation_id = "find_users",
    tag = "users",
    security(("bearer" = [])),
    params(FindUsersQuery),
    responses((status = OK, description = "Who was found, if anybody.", body = FoundUsers), RoleTooLow)
)]
#[get("/users/lookup", wrap = "bearer()")]
pub(crate) async fn find_users(
    caller: Caller,
    app: web::Data<App>,
    query: Query<FindUsersQuery>,
) -> Result<HttpResponse, Problem> {
    let found = users::find(&app, &caller.0, &query.0.contact).await.map_err(Problem::of_parameters)?;
    Ok(HttpResponse::Ok().json(FoundUsers::from(found)))
}

/// Change somebody's standing
///
/// Their role, and whether their account may be used: a suspended one has no sessions, and cannot log in. For admins; nobody
/// changes their own, and the last admin stays one.
#[utoipa::path(
    operation_id = "change_standing",
    tag = "users",
    security(("bearer" = [])),
    params(("user_id" = Uuid, Path, description = "The user.")),
    request_body(content(
        (ChangeStandingRequest = "application/json"),
        (ChangeStandingRequest = "application/merge-patch+json"),
    )),
    responses(
        (status = OK, description = "The account's standing as it is now.", body = StandingResponse),
        RoleTooLow,
        UserNotFound,
        LastAdmin,
    )
)]
#[patch("/users/{user_id}/standing", wrap = "bearer()")]
pub(crate) async fn change_standing(
    caller: Caller,
    app: web::Data<App>,
    origin: From,
    path: web::Path<String>,
    body: Body<ChangeStandingRequest>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let user = users::change_standing(&app, &caller.0, user_id(&path)?, body.0.parse()?, &origin.0).await?;
    Ok(HttpResponse::Ok().json(StandingResponse::from(&user)))
}

/// End somebody's sessions
///
/// All of them, at once: whoever has the account logs in again. For admins.
#[utoipa::path(
    operation_id = "end_user_sessions",
    tag = "users",
    security(("bearer" = [])),
    params(("user_id" = Uuid, Path, description = "The user.")),
    responses((status = NO_CONTENT, description = "There are none any more."), RoleTooLow, UserNotFound)
)]
#[delete("/users/{user_id}/sessions", wrap = "bearer()")]
pub(crate) async fn end_sessions(
    caller: Caller,
    app: web::Data<App>,
    origin: From,
    path: web::Path<String>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    users::end_sessions(&app, &caller.0, user_id(&path)?, &origin.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
