//! Who may do what.

use actix_web::{HttpResponse, get, web};
use confab_application::App;

use crate::dto::PermissionsResponse;
use crate::extract::{Caller, NoParameters, Query};
use crate::middleware::bearer;
use crate::problem::Problem;

/// Read who may do what
///
/// The table by which every request is judged, with the settings of this server: each operation for each role and each
/// relation to the conversation.
#[utoipa::path(
    operation_id = "read_permissions",
    tag = "permissions",
    security(("bearer" = [])),
    responses((status = OK, description = "The table.", body = PermissionsResponse))
)]
#[get("/permissions", wrap = "bearer()")]
pub(crate) async fn read(_: Caller, app: web::Data<App>, _: Query<NoParameters>) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(PermissionsResponse::from(app.settings.policy)))
}
