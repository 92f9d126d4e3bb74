//! Who takes part in a conversation.

use actix_web::{HttpRequest, HttpResponse, delete, get, post, put, web};
use confab_application::{App, participants};
use confab_domain::UserId;

use super::changes::respond;
use crate::dto::{
    AddParticipantsRequest, ConversationResponse, HandOnRequest, Links, ListParticipantsQuery, ParticipantPage,
    ReasonQuery,
};
use crate::extract::{Body, Caller, From as Sender, Query, conversation_id, user_id};
use crate::middleware::bearer;
use crate::problem::Problem;
use crate::problem::documented::{ConversationNotFound, NotAGroup, NotTheOwner};

/// List the participants of a conversation
///
/// By user id, with how far each has read; perhaps only its owner or its members.
#[utoipa::path(
    operation_id = "list_participants",
    tag = "conversations",
    security(("bearer" = [])),
    params(("conversation_id" = Uuid, Path, description = "The conversation."), ListParticipantsQuery),
    responses(
        (status = OK, description = "A page of participants.", body = ParticipantPage,
            headers(("Link" = String, description = "The neighbouring pages (RFC 8288)."))),
        ConversationNotFound,
    )
)]
#[get("/conversations/{conversation_id}/participants", wrap = "bearer()")]
pub(crate) async fn list(
    caller: Caller,
    app: web::Data<App>,
    path: web::Path<String>,
    query: Query<ListParticipantsQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (membership, page) = query.0.parse()?;
    let page = participants::list(&app, &caller.0, conversation_id(&path)?, membership, &page).await?;
    let links = Links::of(&page, |participant| participant.user.id);
    let mut response = links.respond(&request);
    let items = page.items.into_iter().map(Into::into).collect();
    Ok(response.json(ParticipantPage { items, next_cursor: links.next, previous_cursor: links.previous }))
}

/// Add participants to a group
///
/// All of them or none; `errors` names each who cannot be added, as is whoever is not there, has blocked you or is blocked by
/// you. By its owner, or by an admin with a reason. A group has at
/// most 1,000 participants.
#[utoipa::path(
    operation_id = "add_participants",
    tag = "conversations",
    security(("bearer" = [])),
    params(("conversation_id" = Uuid, Path, description = "The group."), ReasonQuery),
    request_body = AddParticipantsRequest,
    responses(
        (status = OK, description = "The group as it is now.", body = ConversationResponse),
        (status = NO_CONTENT, description = "An admin has added them who does not take part."),
        NotTheOwner, ConversationNotFound, NotAGroup,
    )
)]
#[post("/conversations/{conversation_id}/participants", wrap = "bearer()")]
pub(crate) async fn add(
    caller: Caller,
    app: web::Data<App>,
    path: web::Path<String>,
    sender: Sender,
    query: Query<ReasonQuery>,
    body: Body<AddParticipantsRequest>,
) -> Result<HttpResponse, Problem> {
    let grounds = query.0.grounds(sender.0);
    let view = participants::add(&app, &caller.0, conversation_id(&path)?, &body.0.user_ids, &grounds);
    let view = view.await.map_err(Problem::beside_a_reason)?;
    Ok(respond(view, &caller, &app))
}

/// Leave a group, or remove somebody from it
///
/// `me`, or your own id, leaves. Where the owner goes, the one who has been in it the longest owns it from then on, of those
/// whose role may organise groups if there are any. Others are removed by the owner, or by an admin with a reason.
#[utoipa::path(
    operation_id = "remove_participant",
    tag = "conversations",
    security(("bearer" = [])),
    params(
        ("conversation_id" = Uuid, Path, description = "The group."),
        ("user_id" = String, Path, description = "Who goes: an id, or `me`."),
        ReasonQuery,
    ),
    responses(
        (status = NO_CONTENT, description = "They take part no longer."),
        NotTheOwner, ConversationNotFound, NotAGroup,
    )
)]
#[delete("/conversations/{conversation_id}/participants/{user_id}", wrap = "bearer()")]
pub(crate) async fn remove(
    caller: Caller,
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    sender: Sender,
    query: Query<ReasonQuery>,
) -> Result<HttpResponse, Problem> {
    let id = conversation_id(&path.0)?;
    let who: UserId = if path.1 == "me" { caller.0.user.id } else { user_id(&path.1)? };
    let grounds = query.0.grounds(sender.0);
    participants::remove(&app, &caller.0, id, who, &grounds).await.map_err(Problem::of_parameters)?;
    Ok(HttpResponse::NoContent().finish())
}

/// Hand a group on to another owner
///
/// A group has exactly one owner; who was it before is a member. By the owner, or by an admin with a reason.
#[utoipa::path(
    operation_id = "hand_on_conversation",
    tag = "conversations",
    security(("bearer" = [])),
    params(("conversation_id" = Uuid, Path, description = "The group."), ReasonQuery),
    request_body = HandOnRequest,
    responses(
        (status = OK, description = "The group as it is now.", body = ConversationResponse),
        (status = NO_CONTENT, description = "An admin has handed it on who does not take part."),
        NotTheOwner, ConversationNotFound, NotAGroup,
    )
)]
#[put("/conversations/{conversation_id}/owner", wrap = "bearer()")]
pub(crate) async fn hand_on(
    caller: Caller,
    app: web::Data<App>,
    path: web::Path<String>,
    sender: Sender,
    query: Query<ReasonQuery>,
    body: Body<HandOnRequest>,
) -> Result<HttpResponse, Problem> {
    let grounds = query.0.grounds(sender.0);
    let view = participants::hand_on(&app, &caller.0, conversation_id(&path)?, &body.0.user_id, &grounds);
    let view = view.await.map_err(Problem::beside_a_reason)?;
    Ok(respond(view, &caller, &app))
}
