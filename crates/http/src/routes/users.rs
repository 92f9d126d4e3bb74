//! Users.

use actix_web::{HttpResponse, get, patch, web};
use confab_application::{App, users};

use crate::dto::{ChangeProfileRequest, ProfileResponse};
use crate::extract::{Body, Caller, NoParameters, Query};
use crate::middleware::bearer;
use crate::problem::Problem;

/// Read your own account
///
/// With the e-mail address and the telephone number, which nobody else sees.
#[utoipa::path(
    operation_id = "read_profile",
    tag = "users",
    security(("bearer" = [])),
    responses((status = OK, description = "Your account.", body = ProfileResponse))
)]
#[get("/users/me", wrap = "bearer()")]
pub(crate) async fn read_profile(
    caller: Caller,
    app: web::Data<App>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let user = users::read_profile(&app, &caller.0).await?;
    Ok(HttpResponse::Ok().json(ProfileResponse::from(&user)))
}

/// Change your own name and telephone number
///
/// A merge patch (RFC 7396): what is absent stays.
#[utoipa::path(
    operation_id = "change_profile",
    tag = "users",
    security(("bearer" = [])),
    request_body(content(
        (ChangeProfileRequest = "application/json"),
        (ChangeProfileRequest = "application/merge-patch+json"),
    )),
    responses((status = OK, description = "Your account as it is now.", body = ProfileResponse))
)]
#[patch("/users/me", wrap = "bearer()")]
pub(crate) async fn change_profile(
    caller: Caller,
    app: web::Data<App>,
    body: Body<ChangeProfileRequest>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let user = users::change_profile(&app, &caller.0, body.0.into()).await?;
    Ok(HttpResponse::Ok().json(ProfileResponse::from(&user)))
}
