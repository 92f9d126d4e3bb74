//! What can be changed of a conversation.

use actix_web::http::header::LOCATION;
use actix_web::{HttpResponse, delete, patch, post, put, web};
use confab_application::conversations::{self, ConversationPatch};
use confab_application::views::ConversationView;
use confab_application::{App, Precondition};

use super::BASE;
use crate::dto::{
    ChangeConversationRequest, ConversationResponse, InspectRequest, InspectionResponse, PreferencesRequest,
    PreferencesResponse, ReasonQuery, ReplaceConversationRequest,
};
use crate::extract::{Body, Caller, From as Sender, IfMatch, NoParameters, Query, conversation_id, tagged};
use crate::middleware::bearer;
use crate::problem::Problem;
use crate::problem::documented::{ConversationNotFound, NotAGroup, NotTheOwner, PreconditionFailed};

/// Change a group
///
/// A merge patch (RFC 7396), of its title, its settings and its metadata: what is absent stays. By its owner, or by an admin
/// with a reason. With `If-Match`, only if nobody has edited it since.
#[utoipa::path(
    operation_id = "change_conversation",
    tag = "conversations",
    security(("bearer" = [])),
    params(
        ("conversation_id" = Uuid, Path, description = "The group."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the group as you know it."),
        ReasonQuery,
    ),
    request_body(content(
        (ChangeConversationRequest = "application/json"),
        (ChangeConversationRequest = "application/merge-patch+json"),
    )),
    responses(
        (status = OK, description = "The group as it is now.", body = ConversationResponse,
            headers(("ETag" = String, description = "Names what can be edited of it, for `If-Match`."))),
        (status = NO_CONTENT, description = "An admin has changed it who does not take part."),
        NotTheOwner, ConversationNotFound, NotAGroup, PreconditionFailed,
    )
)]
#[patch("/conversations/{conversation_id}", wrap = "bearer()")]
pub(crate) async fn change(
    caller: Caller,
    app: web::Data<App>,
    path: web::Path<String>,
    expected: IfMatch,
    sender: Sender,
    query: Query<ReasonQuery>,
    body: Body<ChangeConversationRequest>,
) -> Result<HttpResponse, Problem> {
    edit(&caller, &app, &path, body.0.into(), &expected.0, query.0, sender).await
}

/// Replace what can be edited of a group
///
/// All of it: title, settings and metadata. By its owner, or by an admin with a reason. With `If-Match`, only if nobody has
/// edited it since.
#[utoipa::path(
    operation_id = "replace_conversation",
    tag = "conversations",
    security(("bearer" = [])),
    params(
        ("conversation_id" = Uuid, Path, description = "The group."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the group as you know it."),
        ReasonQuery,
    ),
    request_body = ReplaceConversationRequest,
    responses(
        (status = OK, description = "The group as it is now.", body = ConversationResponse,
            headers(("ETag" = String, description = "Names what can be edited of it, for `If-Match`."))),
        (status = NO_CONTENT, description = "An admin has changed it who does not take part."),
        NotTheOwner, ConversationNotFound, NotAGroup, PreconditionFailed,
    )
)]
#[put("/conversations/{conversation_id}", wrap = "bearer()")]
pub(crate) async fn replace(
    caller: Caller,
    app: web::Data<App>,
    path: web::Path<String>,
    expected: IfMatch,
    sender: Sender,
    query: Query<ReasonQuery>,
    body: Body<ReplaceConversationRequest>,
) -> Result<HttpResponse, Problem> {
    edit(&caller, &app, &path, body.0.into(), &expected.0, query.0, sender).await
}

async fn edit(
    caller: &Caller,
    app: &App,
    id: &str,
    patch: ConversationPatch,
    expected: &Precondition,
    query: ReasonQuery,
    sender: Sender,
) -> Result<HttpResponse, Problem> {
    let id = conversation_id(id)?;
    let grounds = query.grounds(sender.0);
    let view = conversations::change(app, &caller.0, id, patch, expected, &grounds);
    let view = view.await.map_err(Problem::beside_a_reason)?;
    Ok(respond(view, caller, app))
}

/// The conversation as it is now; nothing for an admin who does not take part.
pub(super) fn respond(view: Option<ConversationView>, caller: &Caller, app: &App) -> HttpResponse {
    let Some(view) = view else { return HttpResponse::NoContent().finish() };
    let tag = conversations::tag(&view.conversation);
    HttpResponse::Ok().insert_header(tagged(&tag)).json(ConversationResponse::new(view, &caller.eyes(app)))
}

/// Delete a conversation for everyone
///
/// By admins, with a reason. It is there for nobody any more; two whose direct conversation it was may start another.
#[utoipa::path(
    operation_id = "delete_conversation",
    tag = "conversations",
    security(("bearer" = [])),
    params(("conversation_id" = Uuid, Path, description = "The conversation."), ReasonQuery),
    responses(
        (status = NO_CONTENT, description = "It is gone."),
        NotTheOwner, ConversationNotFound,
    )
)]
#[delete("/conversations/{conversation_id}", wrap = "bearer()")]
pub(crate) async fn delete(
    caller: Caller,
    app: web::Data<App>,
    path: web::Path<String>,
    sender: Sender,
    query: Query<ReasonQuery>,
) -> Result<HttpResponse, Problem> {
    let grounds = query.0.grounds(sender.0);
    conversations::delete(&app, &caller.0, conversation_id(&path)?, &grounds).await.map_err(Problem::of_parameters)?;
    Ok(HttpResponse::NoContent().finish())
}

/// Read a conversation from outside
///
/// By admins, with a reason. Until the time that is answered, `list_messages` and `get_message` show you the messages of the conversation
/// without your being in it, though not what a message answers nor the reactions to it. It is in the audit; and those who are in the
/// conversation see a system message (`inspected`) that says who reads along and until when, but not why. Ask again to go on.
#[utoipa::path(
    operation_id = "inspect_conversation",
    tag = "conversations",
    security(("bearer" = [])),
    params(("conversation_id" = Uuid, Path, description = "The conversation."), ReasonQuery),
    request_body = InspectRequest,
    responses(
        (status = CREATED, description = "You may read it until then.", body = InspectionResponse,
            headers(("Location" = String, description = "The conversation's messages."))),
        NotTheOwner, ConversationNotFound,
    )
)]
#[post("/conversations/{conversation_id}/inspections", wrap = "bearer()")]
pub(crate) async fn inspect(
    caller: Caller,
    app: web::Data<App>,
    path: web::Path<String>,
    sender: Sender,
    query: Query<ReasonQuery>,
    body: Body<InspectRequest>,
) -> Result<HttpResponse, Problem> {
    let (id, grounds) = (conversation_id(&path)?, query.0.grounds(sender.0));
    let until = conversations::inspect(&app, &caller.0, id, body.0.minutes, &grounds);
    let until = until.await.map_err(Problem::beside_a_reason)?;
    let location = format!("{BASE}/conversations/{id}/messages");
    Ok(HttpResponse::Created().insert_header((LOCATION, location)).json(InspectionResponse::new(id, until)))
}

/// Mute, archive or pin a conversation for yourself
///
/// A merge patch (RFC 7396): what is absent stays. Nobody else sees it, and it is no event.
#[utoipa::path(
    operation_id = "set_conversation_preferences",
    tag = "conversations",
    security(("bearer" = [])),
    params(("conversation_id" = Uuid, Path, description = "The conversation.")),
    request_body(content(
        (PreferencesRequest = "application/json"),
        (PreferencesRequest = "application/merge-patch+json"),
    )),
    responses(
        (status = OK, description = "What you have set now.", body = PreferencesResponse),
        ConversationNotFound,
    )
)]
#[patch("/conversations/{conversation_id}/preferences", wrap = "bearer()")]
pub(crate) async fn set_preferences(
    caller: Caller,
    app: web::Data<App>,
    path: web::Path<String>,
    body: Body<PreferencesRequest>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let id = conversation_id(&path)?;
    let preferences = conversations::set_preferences(&app, &caller.0, id, body.0.into()).await?;
    Ok(HttpResponse::Ok().json(PreferencesResponse::from(preferences)))
}
