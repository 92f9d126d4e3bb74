//! Messages.

use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use confab_application::messages::{self, Judge, NewMessage};
use confab_application::{App, FieldError};
use confab_domain::{ClientMessageId, ConversationId};

use super::BASE;
use crate::dto::{AddedToMessage, HistoryQuery, Links, MessagePage, MessageQuery, MessageResponse, SendMessageRequest};
use crate::extract::{Body, Caller, NoParameters, Query, conversation_id, etag, message_id};
use crate::middleware::{IDEMPOTENCY_KEY, bearer};
use crate::problem::Problem;
use crate::problem::documented::{ClientMessageIdReused, ConversationNotFound, MessageNotFound, NotTheOwner};

/// Send a message
///
/// A 201 means that it is on disk and has its place. Send it with a `client_message_id` (or an `Idempotency-Key`), and
/// repeat it after a time-out as often as you like: it is one message, and a repetition answers 200 with it. The same key
/// with another body, payload or `reply_to` is a 409. Where the message has been edited since, what counts is what it said
/// first; where it was deleted, a repetition answers with what remains.
///
/// In a direct conversation of which one has blocked the other neither sends: 403 with the code `blocked`, which is the same for both.
///
/// `<@` and `>` around the id of a participant mention them.
#[utoipa::path(
    operation_id = "send_message",
    tag = "messages",
    security(("bearer" = [])),
    params(
        ("conversation_id" = Uuid, Path, description = "The conversation."),
        ("Idempotency-Key" = Option<String>, Header, description = "Says the same as client_message_id, as it is or in double quotes."),
    ),
    request_body = SendMessageRequest,
    responses(
        (status = CREATED, description = "The message.", body = MessageResponse,
            headers(
                ("Location" = String, description = "Where to read it."),
                ("ETag" = String, description = "Names what it says."),
            )),
        (status = OK, description = "The message that was sent with this key before.", body = MessageResponse),
        ConversationNotFound,
        ClientMessageIdReused, NotTheOwner,
    )
)]
#[post("/conversations/{conversation_id}/messages", wrap = "bearer()")]
pub(crate) async fn send(
    caller: Caller,
    app: web::Data<App>,
    path: web::Path<String>,
    request: HttpRequest,
    body: Body<SendMessageRequest>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let client_message_id = idempotency_key(&request, body.0.client_message_id)?;
    let message = NewMessage {
        body: body.0.body,
        client_message_id,
        payload: body.0.payload.map(|payload| payload.get().to_owned()),
        reply_to: body.0.reply_to,
    };
    let sent = messages::send(&app, &caller.0, conversation_id(&path)?, message).await?;
    let mut response = if sent.is_new { HttpResponse::Created() } else { HttpResponse::Ok() };
    let message = &sent.view.message;
    let location = format!("{BASE}/conversations/{}/messages/{}", message.conversation_id, message.id);
    let tag = etag(message.content_version());
    Ok(response.insert_header((LOCATION, location)).insert_header(tag).json(MessageResponse::from(sent.view)))
}

/// The key in the body or the one in the header; where there are both, they must be the same.
fn idempotency_key(request: &HttpRequest, in_body: Option<String>) -> Result<Option<String>, Problem> {
    let refuse = |code, message: String| Problem::in_header(FieldError::new(IDEMPOTENCY_KEY.as_str(), code, message));
    let mut headers = request.headers().get_all(IDEMPOTENCY_KEY);
    let Some(header) = headers.next() else { return Ok(in_body) };
    if headers.next().is_some() {
        return Err(refuse("duplicate", "must be there once".to_owned()));
    }
    let Ok(text) = header.to_str() else {
        return Err(refuse("forbidden_character", "must be visible ASCII".to_owned()));
    };
    // The header is a string in quotes by its draft standard, and without them in practice.
    let key = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    if in_body.as_deref().is_some_and(|other| other != key) {
        return Err(refuse("not_the_same", "must be the same as client_message_id where both are there".to_owned()));
    }
    ClientMessageId::parse(key).map_err(|error| refuse(error.code(), error.to_string()))?;
    Ok(Some(key.to_owned()))
}

/// Read a conversation's history
///
/// A page of messages with their senders, by seq. To catch up from a seq that you know: `after_seq` and
/// `order=oldest_first`. To show a message among those around it: `around`.
///
/// Messages that you have deleted for yourself are left out; of those that were deleted for everyone the place remains.
/// `include=allowed_actions` adds what you may do with each.
#[utoipa::path(
    operation_id = "list_messages",
    tag = "messages",
    security(("bearer" = [])),
    params(("conversation_id" = Uuid, Path, description = "The conversation."), HistoryQuery),
    responses(
        (status = OK, description = "A page of messages.", body = MessagePage,
            headers(("Link" = String, description = "The neighbouring pages (RFC 8288)."))),
        ConversationNotFound,
    )
)]
#[get("/conversations/{conversation_id}/messages", wrap = "bearer()")]
pub(crate) async fn history(
    caller: Caller,
    app: web::Data<App>,
    path: web::Path<String>,
    query: Query<HistoryQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (filter, page, around) = query.0.parse()?;
    let id = conversation_id(&path)?;
    let page = match around {
        Some(anchor) => messages::around(&app, &caller.0, id, &filter, anchor, page.limit).await,
        None => messages::history(&app, &caller.0, id, &filter, &page).await,
    };
    let page = page.map_err(Problem::of_parameters)?;
    let links = Links::of(&page, |view| view.message.seq);
    let mut response = links.respond(&request);
    let judge = judge(&app, &caller, id, query.0.include).await?;
    let items = page.items.into_iter().map(|view| MessageResponse::judged(view, judge.as_ref())).collect();
    Ok(response.json(MessagePage { items, next_cursor: links.next, previous_cursor: links.previous }))
}

/// Read a message
///
/// With its sender, the beginning of the message that it answers, and the reactions to it.
#[utoipa::path(
    operation_id = "get_message",
    tag = "messages",
    security(("bearer" = [])),
    params(
        ("conversation_id" = Uuid, Path, description = "The conversation."),
        ("message_id" = Uuid, Path, description = "The message."),
        MessageQuery,
    ),
    responses(
        (status = OK, description = "The message.", body = MessageResponse,
            headers(("ETag" = String, description = "Names what it says."))),
        MessageNotFound,
    )
)]
#[get("/conversations/{conversation_id}/messages/{message_id}", wrap = "bearer()")]
pub(crate) async fn get(
    caller: Caller,
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    query: Query<MessageQuery>,
) -> Result<HttpResponse, Problem> {
    let (conversation, message) = (conversation_id(&path.0)?, message_id(&path.1)?);
    let view = messages::get(&app, &caller.0, conversation, message).await?;
    let judge = judge(&app, &caller, conversation, query.0.include).await?;
    let tag = etag(view.message.content_version());
    Ok(HttpResponse::Ok().insert_header(tag).json(MessageResponse::judged(view, judge.as_ref())))
}

/// By what the messages are judged, where that was asked for.
async fn judge(
    app: &App,
    caller: &Caller,
    id: ConversationId,
    added: Option<AddedToMessage>,
) -> Result<Option<Judge>, Problem> {
    Ok(match added {
        Some(AddedToMessage::AllowedActions) => Some(messages::judge(app, &caller.0, id).await?),
        None => None,
    })
}
