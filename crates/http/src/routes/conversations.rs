//! Conversations.

use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use confab_application::ports::ActivityKey;
use confab_application::{App, conversations};

use super::BASE;
use crate::dto::{
    ConversationDetailResponse, ConversationPage, ConversationResponse, CreateConversationRequest, Links,
    ListConversationsQuery, ListRequest, ListedConversationResponse,
};
use crate::extract::{Body, Caller, NoParameters, Query, conversation_id, tagged};
use crate::middleware::bearer;
use crate::problem::Problem;
use crate::problem::documented::{ConversationNotFound, RoleTooLow};

/// Start a conversation
///
/// Two users have one direct conversation for ever: where it exists, that one is returned. Hosts and admins make groups;
/// guests turn to hosts and admins. Where one has blocked the other, neither is there for the other.
#[utoipa::path(
    operation_id = "create_conversation",
    tag = "conversations",
    security(("bearer" = [])),
    request_body = CreateConversationRequest,
    responses(
        (status = CREATED, description = "The new conversation.", body = ConversationResponse,
            headers(("Location" = String, description = "Where to read it."))),
        (status = OK, description = "The direct conversation that the two had already.", body = ConversationResponse),
        RoleTooLow,
    )
)]
#[post("/conversations", wrap = "bearer()")]
pub(crate) async fn create(
    caller: Caller,
    app: web::Data<App>,
    body: Body<CreateConversationRequest>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let created = conversations::create(&app, &caller.0, body.0.into()).await?;
    let mut response = if created.is_new { HttpResponse::Created() } else { HttpResponse::Ok() };
    let location = (LOCATION, format!("{BASE}/conversations/{}", created.view.conversation.id));
    Ok(response.insert_header(location).json(ConversationResponse::new(created.view, &caller.eyes(&app))))
}

/// List your conversations
///
/// Newest activity first, each with its newest message, its unread count, and the other one of a direct conversation;
/// `include=participants` adds the first 20 participants of each. A conversation that becomes active while you page moves
/// to the start; no other is doubled or left out.
#[utoipa::path(
    operation_id = "list_conversations",
    tag = "conversations",
    security(("bearer" = [])),
    params(ListConversationsQuery),
    responses((status = OK, description = "A page of conversations.", body = ConversationPage,
        headers(("Link" = String, description = "The neighbouring pages (RFC 8288)."))))
)]
#[get("/conversations", wrap = "bearer()")]
pub(crate) async fn list(
    caller: Caller,
    app: web::Data<App>,
    query: Query<ListConversationsQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let ListRequest { filter, page, participants, count } = query.0.parse(app.clock.now())?;
    let total_count = match count {
        true => Some(conversations::count(&app, &caller.0, &filter).await?),
        false => None,
    };
    let eyes = caller.eyes(&app);
    let page = conversations::list(&app, &caller.0, &filter, &page, participants).await?;
    let links = Links::of(&page, |view| ActivityKey::of(&view.conversation));
    let mut response = links.respond(&request);
    let items = page.items.into_iter().map(|view| ListedConversationResponse::new(view, participants, &eyes)).collect();
    Ok(response.json(ConversationPage { items, total_count, next_cursor: links.next, previous_cursor: links.previous }))
}

/// Read a conversation
///
/// With all its participants and its newest 20 messages.
#[utoipa::path(
    operation_id = "get_conversation",
    tag = "conversations",
    security(("bearer" = [])),
    params(("conversation_id" = Uuid, Path, description = "The conversation.")),
    responses(
        (status = OK, description = "The conversation.", body = ConversationDetailResponse,
            headers(("ETag" = String, description = "Names what can be edited of it, for `If-Match`."))),
        ConversationNotFound,
    )
)]
#[get("/conversations/{conversation_id}", wrap = "bearer()")]
pub(crate) async fn get(
    caller: Caller,
    app: web::Data<App>,
    path: web::Path<String>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let found = conversations::get(&app, &caller.0, conversation_id(&path)?).await?;
    let tag = conversations::tag(&found.0.conversation);
    Ok(HttpResponse::Ok().insert_header(tagged(&tag)).json(ConversationDetailResponse::new(found, &caller.eyes(&app))))
}
