//! What has been delivered and read.

use actix_web::{HttpRequest, HttpResponse, get, post, put, web};
use confab_application::{App, conversations, messages};

use crate::dto::{
    AllReadResponse, Links, ListReadersQuery, MarkDeliveredRequest, MarkReadRequest, MarkUnreadRequest,
    ReadStateResponse, UnreadResponse, UserPage,
};
use crate::extract::{Body, Caller, NoParameters, Query, conversation_id, message_id};
use crate::middleware::bearer;
use crate::problem::Problem;
use crate::problem::documented::{ConversationNotFound, MessageNotFound};

/// Mark a conversation read
///
/// Up to a message; reading never goes back. What is read has been delivered.
#[utoipa::path(
    operation_id = "mark_conversation_read",
    tag = "conversations",
    security(("bearer" = [])),
    params(("conversation_id" = Uuid, Path, description = "The conversation.")),
    request_body = MarkReadRequest,
    responses(
        (status = OK, description = "How far you have read now.", body = ReadStateResponse),
        ConversationNotFound,
    )
)]
#[put("/conversations/{conversation_id}/read", wrap = "bearer()")]
pub(crate) async fn mark_read(
    caller: Caller,
    app: web::Data<App>,
    path: web::Path<String>,
    body: Body<MarkReadRequest>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let state = conversations::mark_read(&app, &caller.0, conversation_id(&path)?, body.0.seq).await?;
    Ok(HttpResponse::Ok().json(ReadStateResponse::from(state)))
}

/// Tell that messages have arrived
///
/// Up to a message, on one of your devices; delivery never goes back.
#[utoipa::path(
    operation_id = "mark_conversation_delivered",
    tag = "conversations",
    security(("bearer" = [])),
    params(("conversation_id" = Uuid, Path, description = "The conversation.")),
    request_body = MarkDeliveredRequest,
    responses(
        (status = OK, description = "How far you have read, and what has reached you.", body = ReadStateResponse),
        ConversationNotFound,
    )
)]
#[put("/conversations/{conversation_id}/delivered", wrap = "bearer()")]
pub(crate) async fn mark_delivered(
    caller: Caller,
    app: web::Data<App>,
    path: web::Path<String>,
    body: Body<MarkDeliveredRequest>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let state = conversations::mark_delivered(&app, &caller.0, conversation_id(&path)?, body.0.seq).await?;
    Ok(HttpResponse::Ok().json(ReadStateResponse::from(state)))
}

/// Mark messages unread
///
/// The message at `seq` and those that follow it, to come back to them later. The others see your read cursor go back.
#[utoipa::path(
    operation_id = "mark_conversation_unread",
    tag = "conversations",
    security(("bearer" = [])),
    params(("conversation_id" = Uuid, Path, description = "The conversation.")),
    request_body = MarkUnreadRequest,
    responses(
        (status = OK, description = "How far you have read now.", body = ReadStateResponse),
        ConversationNotFound,
    )
)]
#[put("/conversations/{conversation_id}/unread", wrap = "bearer()")]
pub(crate) async fn mark_unread(
    caller: Caller,
    app: web::Data<App>,
    path: web::Path<String>,
    body: Body<MarkUnreadRequest>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let state = conversations::mark_unread(&app, &caller.0, conversation_id(&path)?, body.0.seq).await?;
    Ok(HttpResponse::Ok().json(ReadStateResponse::from(state)))
}

/// Mark all your conversations read
///
/// Up to the end of each, in one step.
#[utoipa::path(
    operation_id = "mark_all_conversations_read",
    tag = "conversations",
    security(("bearer" = [])),
    responses((status = OK, description = "What has been marked read.", body = AllReadResponse))
)]
#[post("/conversations/read-all", wrap = "bearer()")]
pub(crate) async fn mark_all_read(
    caller: Caller,
    app: web::Data<App>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let conversation_count = conversations::mark_all_read(&app, &caller.0).await?;
    Ok(HttpResponse::Ok().json(AllReadResponse { conversation_count }))
}

/// Count what you have not read
///
/// In all your conversations together but those that you have muted, for a badge. Each conversation tells its own count.
#[utoipa::path(
    operation_id = "count_unread",
    tag = "users",
    security(("bearer" = [])),
    responses((status = OK, description = "How much you have not read.", body = UnreadResponse))
)]
#[get("/users/me/unread", wrap = "bearer()")]
pub(crate) async fn count_unread(
    caller: Caller,
    app: web::Data<App>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let unread = conversations::count_unread(&app, &caller.0).await?;
    Ok(HttpResponse::Ok().json(UnreadResponse::from(unread)))
}

/// See who has read a message
///
/// By user id. Whoever sent it is not among them, nor is whoever joined after it.
#[utoipa::path(
    operation_id = "list_message_readers",
    tag = "messages",
    security(("bearer" = [])),
    params(
        ("conversation_id" = Uuid, Path, description = "The conversation."),
        ("message_id" = Uuid, Path, description = "The message."),
        ListReadersQuery,
    ),
    responses(
        (status = OK, description = "A page of users.", body = UserPage,
            headers(("Link" = String, description = "The neighbouring pages (RFC 8288)."))),
        MessageNotFound,
    )
)]
#[get("/conversations/{conversation_id}/messages/{message_id}/readers", wrap = "bearer()")]
pub(crate) async fn readers(
    caller: Caller,
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    query: Query<ListReadersQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (conversation, message) = path.into_inner();
    let (conversation, message) = (conversation_id(&conversation)?, message_id(&message)?);
    let page = messages::readers(&app, &caller.0, conversation, message, &query.0.parse()?).await?;
    let links = Links::of(&page, |user| user.id);
    let mut response = links.respond(&request);
    let items = page.items.into_iter().map(Into::into).collect();
    Ok(response.json(UserPage { items, next_cursor: links.next, previous_cursor: links.previous }))
}
