//! How often one may do what.

use actix_web::{HttpRequest, HttpResponse, get, web};

use crate::dto::LimitsResponse;
use crate::extract::{Caller, NoParameters, Query};
use crate::middleware::{Limits, bearer};
use crate::problem::Problem;

/// See what is left of your limits
///
/// Each limit, and how much of it is left to you just now. `RateLimit-Policy` and `RateLimit` say the same in each answer,
/// of those limits that the request was counted towards. Asking counts as reading.
#[utoipa::path(
    operation_id = "list_limits",
    tag = "users",
    security(("bearer" = [])),
    responses((status = OK, description = "Every limit; none where the operator has turned them off.", body = LimitsResponse))
)]
#[get("/limits", wrap = "bearer()")]
pub(crate) async fn list(
    caller: Caller,
    request: HttpRequest,
    limits: web::Data<Limits>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let left = limits.left(&request, &caller.0)?;
    Ok(HttpResponse::Ok().json(LimitsResponse::from(left)))
}
