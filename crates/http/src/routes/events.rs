//! What has happened in a conversation.

use actix_web::{HttpResponse, get, web};
use confab_application::{App, conversations};

use crate::dto::{EventPage, EventsQuery};
use crate::extract::{Caller, Query, conversation_id};
use crate::middleware::bearer;
use crate::problem::Problem;
use crate::problem::documented::ConversationNotFound;

/// Read what has changed in a conversation
///
/// Every durable change after a version, messages among them, in order and without a gap: applied to the conversation as
/// it was at that version, they make it what it is now. Messages are shown as they are now. Read and delivery cursors are
/// no events. Ask again with the version of the last event until it is the conversation's. A version that the
/// conversation does not have is a 422: then read the conversation anew.
#[utoipa::path(
    operation_id = "list_events",
    tag = "conversations",
    security(("bearer" = [])),
    params(("conversation_id" = Uuid, Path, description = "The conversation."), EventsQuery),
    responses(
        (status = OK, description = "The first of the changes.", body = EventPage),
        ConversationNotFound,
    )
)]
#[get("/conversations/{conversation_id}/events", wrap = "bearer()")]
pub(crate) async fn list(
    caller: Caller,
    app: web::Data<App>,
    path: web::Path<String>,
    query: Query<EventsQuery>,
) -> Result<HttpResponse, Problem> {
    let id = conversation_id(&path)?;
    let (after, limit) = query.0.parse()?;
    let changes = conversations::changes(&app, &caller.0, id, after, limit).await.map_err(Problem::of_parameters)?;
    Ok(HttpResponse::Ok().json(EventPage::from(changes)))
}
