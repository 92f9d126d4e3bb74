//! Passwords that are changed or forgotten, and e-mail addresses that are verified.

use actix_web::{HttpRequest, HttpResponse, post, put, web};
use confab_application::{App, accounts, mail};

use crate::dto::{AddressRequest, ChangePasswordRequest, MailTokenRequest, ResetPasswordRequest};
use crate::extract::{Body, Caller, From, NoParameters, Query};
use crate::middleware::{Limits, bearer};
use crate::problem::Problem;

/// Change your own password
///
/// Takes the current one, and ends all your other sessions. A wrong one counts as a failed log-in.
#[utoipa::path(
    operation_id = "change_password",
    tag = "users",
    security(("bearer" = [])),
    request_body = ChangePasswordRequest,
    responses((status = NO_CONTENT, description = "It is changed."))
)]
#[put("/users/me/password", wrap = "bearer()")]
pub(crate) async fn change(
    request: HttpRequest,
    caller: Caller,
    origin: From,
    app: web::Data<App>,
    limits: web::Data<Limits>,
    body: Body<ChangePasswordRequest>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let ChangePasswordRequest { current_password, new_password } = body.0;
    let attempt = limits.attempt(&request, caller.0.user.email.as_str())?;
    let outcome = accounts::change_password(&app, &caller.0, current_password, new_password, &origin.0).await;
    attempt.settle(&outcome);
    outcome?;
    Ok(HttpResponse::NoContent().finish())
}

/// Ask for a mail to set a new password with
///
/// The answer is the same whether or not somebody has the address. An address gets at most one such mail a minute.
#[utoipa::path(
    operation_id = "forgot_password",
    tag = "auth",
    request_body = AddressRequest,
    responses((status = ACCEPTED, description = "If an account has this address, it is written to."))
)]
#[post("/password/forgot")]
pub(crate) async fn forgot(
    app: web::Data<App>,
    body: Body<AddressRequest>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    mail::request_password_reset(&app, &body.0.email).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Set a new password by a token that was mailed
///
/// Ends all sessions of the account, and verifies its address. The token is good once; a password that is refused leaves it
/// good.
#[utoipa::path(
    operation_id = "reset_password",
    tag = "auth",
    request_body = ResetPasswordRequest,
    responses((status = NO_CONTENT, description = "It is set. Log in with it."))
)]
#[post("/password/reset")]
pub(crate) async fn reset(
    origin: From,
    app: web::Data<App>,
    body: Body<ResetPasswordRequest>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    mail::reset_password(&app, &body.0.token, body.0.new_password, &origin.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Verify an e-mail address by a token that was mailed
///
/// A token is good once, and until it expires. One that is used, old or made up gets the same refusal.
#[utoipa::path(
    operation_id = "verify_email",
    tag = "auth",
    request_body = MailTokenRequest,
    responses((status = NO_CONTENT, description = "It is verified."))
)]
#[post("/email/verify")]
pub(crate) async fn verify_email(
    app: web::Data<App>,
    body: Body<MailTokenRequest>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    mail::verify_email(&app, &body.0.token).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Ask for another mail to verify an e-mail address with
///
/// The answer is the same whether or not somebody has the address. An address gets at most one such mail a minute.
#[utoipa::path(
    operation_id = "request_email_verification",
    tag = "auth",
    request_body = AddressRequest,
    responses((status = ACCEPTED, description = "If an account has this address and has not verified it, it is written to."))
)]
#[post("/email/verification")]
pub(crate) async fn request_verification(
    app: web::Data<App>,
    body: Body<AddressRequest>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    mail::request_verification(&app, &body.0.email).await?;
    Ok(HttpResponse::Accepted().finish())
}
