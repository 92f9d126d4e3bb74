//! Registration and tokens.

use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, post, web};
use confab_application::accounts::Registered;
use confab_application::{App, accounts};

use super::BASE;
use crate::dto::{LogInRequest, ProfileResponse, RefreshRequest, RegisterRequest, TokenResponse};
use crate::extract::{Body, From, NoParameters, Query};
use crate::middleware::Limits;
use crate::problem::Problem;
use crate::problem::documented::{EmailNotVerified, EmailTaken, InvalidRefreshToken, WrongCredentials};

/// Make an account
///
/// It is a guest's. Operators make hosts and admins: `confab user create --role host`. A mail goes to the address, with a
/// token to verify it with.
///
/// Where the server is set to conceal registrations, the answer is always a 202: whoever has the address already is told
/// so by mail only.
#[utoipa::path(
    operation_id = "register",
    tag = "auth",
    request_body = RegisterRequest,
    responses(
        (status = CREATED, description = "The account.", body = ProfileResponse,
            headers(("Location" = String, description = "Where to read it, logged in."))),
        (status = ACCEPTED, description = "Where registrations are concealed: the address is written to."),
        EmailTaken,
    )
)]
#[post("/register")]
pub(crate) async fn register(
    app: web::Data<App>,
    body: Body<RegisterRequest>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    Ok(match accounts::register(&app, body.0.into()).await? {
        Registered::Made(user) => {
            let location = (LOCATION, format!("{BASE}/users/me"));
            HttpResponse::Created().insert_header(location).json(ProfileResponse::from(user.as_ref()))
        }
        Registered::WillBeWritten => HttpResponse::Accepted().finish(),
    })
}

/// Log in
///
/// Begins a session. Whatever is wrong, the answer is the same. Log-ins have limits of their own: of each address, of each
/// account, and of those that fail.
#[utoipa::path(
    operation_id = "log_in",
    tag = "auth",
    request_body = LogInRequest,
    responses(
        (status = OK, description = "A pair of tokens.", body = TokenResponse),
        WrongCredentials,
        EmailNotVerified,
    )
)]
#[post("/token")]
pub(crate) async fn log_in(
    request: HttpRequest,
    app: web::Data<App>,
    limits: web::Data<Limits>,
    origin: From,
    body: Body<LogInRequest>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let attempt = limits.attempt(&request, &body.0.email)?;
    let outcome = accounts::log_in(&app, body.0.into(), &origin.0).await;
    attempt.settle(&outcome);
    Ok(HttpResponse::Ok().json(TokenResponse::from(outcome?)))
}

/// Refresh the tokens
///
/// Exchanges a refresh token for the next pair. The token stays good until the next one is used, so that you can ask again
/// where the answer was lost: then only the newest pair is good. Refresh one at a time. A token that was replaced before
/// that is taken for stolen: its session ends.
#[utoipa::path(
    operation_id = "refresh_token",
    tag = "auth",
    request_body = RefreshRequest,
    responses(
        (status = OK, description = "The next pair of tokens.", body = TokenResponse),
        InvalidRefreshToken,
    )
)]
#[post("/token/refresh")]
pub(crate) async fn refresh(
    app: web::Data<App>,
    origin: From,
    body: Body<RefreshRequest>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let pair = accounts::refresh(&app, &body.0.refresh_token, &origin.0).await?;
    Ok(HttpResponse::Ok().json(TokenResponse::from(pair)))
}
