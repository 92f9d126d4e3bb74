//! Whether the server lives, and whether it can serve.

use std::time::Duration;

use actix_web::{HttpResponse, get, web};
use confab_application::App;
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::documented::Unavailable;
use crate::problem::{Code, Problem};

/// How long storage may take to answer: less than whoever asks for readiness waits.
const PATIENCE: Duration = Duration::from_secs(2);

/// The server is well.
#[derive(Serialize, ToSchema)]
struct HealthResponse {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

/// Is the process alive?
///
/// Answers without asking anything else. For a supervisor that restarts.
#[utoipa::path(operation_id = "healthz", tag = "health", responses((status = OK, description = "It is.", body = HealthResponse)))]
#[get("/healthz")]
pub(crate) async fn healthz() -> HttpResponse {
    HttpResponse::Ok().json(HealthResponse { status: "ok" })
}

/// Can it serve?
///
/// Asks the storage, and waits for it no longer than two seconds. For a load balancer that routes.
#[utoipa::path(
    operation_id = "readyz",
    tag = "health",
    responses(
        (status = OK, description = "It can.", body = HealthResponse),
        Unavailable,
    )
)]
#[get("/readyz")]
pub(crate) async fn readyz(app: web::Data<App>) -> Result<HttpResponse, Problem> {
    let Ok(checked) = tokio::time::timeout(PATIENCE, app.store.check()).await else {
        return Err(Problem::new(Code::Unavailable, "storage does not answer").with_retry_after(1));
    };
    checked?;
    Ok(HttpResponse::Ok().json(HealthResponse { status: "ok" }))
}
