//! What is done to messages after they were sent.

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, put, web};
use confab_application::conversations::Grounds;
use confab_application::messages::{self, MessageEdit};
use confab_application::{App, Viewer};

use crate::dto::{
    Audience, ChangeMessageRequest, DeleteMessageQuery, Links, MessageResponse, MessageRevisionPage, ReactionPage,
    ReactionsQuery, ReplaceMessageRequest, RevisionsQuery,
};
use crate::extract::{
    Body, Caller, From as Sender, NoParameters, Query, conversation_id, emoji, etag, if_match, message_id,
};
use crate::middleware::bearer;
use crate::problem::Problem;
use crate::problem::documented::{
    Blocked, MessageDeleted, MessageNotFound, NotTheSender, PreconditionFailed, PreconditionRequired, TooManyReactions,
};

/// Replace a message
///
/// Makes your own message say something else, within the time that the setting `policy.edit_window_seconds` gives. What it
/// said before can be read with its revisions. Send the `ETag` of the message that you have read as `If-Match`: where it has
/// been edited since, nothing is lost, and this is a 412. The ETag is the message's `version` in double quotes; reactions
/// do not change it.
#[utoipa::path(
    operation_id = "replace_message",
    tag = "messages",
    security(("bearer" = [])),
    params(
        ("conversation_id" = Uuid, Path, description = "The conversation."),
        ("message_id" = Uuid, Path, description = "The message."),
        ("If-Match" = String, Header, description = "The ETag of what you have read, or `*`.", example = "\"1\""),
    ),
    request_body = ReplaceMessageRequest,
    responses(
        (status = OK, description = "The message.", body = MessageResponse,
            headers(("ETag" = String, description = "Names what it says."))),
        NotTheSender, MessageNotFound, MessageDeleted, PreconditionFailed, PreconditionRequired,
    )
)]
#[put("/conversations/{conversation_id}/messages/{message_id}", wrap = "bearer()")]
pub(crate) async fn replace(
    caller: Caller,
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: HttpRequest,
    body: Body<ReplaceMessageRequest>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    edit(&app, &caller.0, &path, &request, body.0.into()).await
}

/// Change a message
///
/// The same as replacing it, by a merge patch (RFC 7396): what is absent stays.
#[utoipa::path(
    operation_id = "change_message",
    tag = "messages",
    security(("bearer" = [])),
    params(
        ("conversation_id" = Uuid, Path, description = "The conversation."),
        ("message_id" = Uuid, Path, description = "The message."),
        ("If-Match" = String, Header, description = "The ETag of what you have read, or `*`.", example = "\"1\""),
    ),
    request_body = ChangeMessageRequest,
    responses(
        (status = OK, description = "The message.", body = MessageResponse,
            headers(("ETag" = String, description = "Names what it says."))),
        NotTheSender, MessageNotFound, MessageDeleted, PreconditionFailed, PreconditionRequired,
    )
)]
#[patch("/conversations/{conversation_id}/messages/{message_id}", wrap = "bearer()")]
pub(crate) async fn change(
    caller: Caller,
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    request: HttpRequest,
    body: Body<ChangeMessageRequest>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    edit(&app, &caller.0, &path, &request, body.0.into()).await
}

async fn edit(
    app: &App,
    viewer: &Viewer,
    (conversation, message): &(String, String),
    request: &HttpRequest,
    edit: MessageEdit,
) -> Result<HttpResponse, Problem> {
    let (conversation, message) = (conversation_id(conversation)?, message_id(message)?);
    let seen = if_match(request)?;
    let view = messages::edit(app, viewer, conversation, message, &seen, edit).await?;
    let tag = etag(view.message.content_version());
    Ok(HttpResponse::Ok().insert_header(tag).json(MessageResponse::from(view)))
}

/// Delete a message
///
/// For everyone: its place and its `seq` remain, and what it said is gone, from its revisions and from search too. One's own
/// (a guest's within `policy.edit_window_seconds`); anyone's as a host who owns the group, or as an admin with a reason, who
/// need not take part. Or
/// only for oneself, `for=me`: everyone else still sees it. A message that was deleted before is a 204 as well.
///
/// A retry of what sent it, with the same key, does not bring it back: it answers with what remains.
#[utoipa::path(
    operation_id = "delete_message",
    tag = "messages",
    security(("bearer" = [])),
    params(
        ("conversation_id" = Uuid, Path, description = "The conversation."),
        ("message_id" = Uuid, Path, description = "The message."),
        DeleteMessageQuery,
    ),
    responses((status = NO_CONTENT, description = "It is deleted."), NotTheSender, MessageNotFound)
)]
#[delete("/conversations/{conversation_id}/messages/{message_id}", wrap = "bearer()")]
pub(crate) async fn remove(
    caller: Caller,
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    sender: Sender,
    query: Query<DeleteMessageQuery>,
) -> Result<HttpResponse, Problem> {
    let (conversation, message) = (conversation_id(&path.0)?, message_id(&path.1)?);
    match query.0.audience {
        Audience::Me => messages::hide(&app, &caller.0, conversation, message).await?,
        Audience::Everyone => {
            let grounds = Grounds { reason: query.0.reason, origin: sender.0 };
            let deleted = messages::delete(&app, &caller.0, conversation, message, &grounds).await;
            deleted.map_err(Problem::of_parameters)?;
        }
    }
    Ok(HttpResponse::NoContent().finish())
}

/// Read a message's revisions
///
/// What it said before each of its edits, for whoever sees the message. Deleting it for everyone removes them.
#[utoipa::path(
    operation_id = "list_message_revisions",
    tag = "messages",
    security(("bearer" = [])),
    params(
        ("conversation_id" = Uuid, Path, description = "The conversation."),
        ("message_id" = Uuid, Path, description = "The message."),
        RevisionsQuery,
    ),
    responses(
        (status = OK, description = "A page of revisions.", body = MessageRevisionPage,
            headers(("Link" = String, description = "The neighbouring pages (RFC 8288)."))),
        MessageNotFound,
    )
)]
#[get("/conversations/{conversation_id}/messages/{message_id}/revisions", wrap = "bearer()")]
pub(crate) async fn revisions(
    caller: Caller,
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    query: Query<RevisionsQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (conversation, message) = (conversation_id(&path.0)?, message_id(&path.1)?);
    let page = messages::revisions(&app, &caller.0, conversation, message, &query.0.parse()?).await?;
    let links = Links::of(&page, |revision| revision.version);
    let mut response = links.respond(&request);
    let items = page.items.into_iter().map(Into::into).collect();
    Ok(response.json(MessageRevisionPage { items, next_cursor: links.next, previous_cursor: links.previous }))
}

/// Read who has reacted to a message
///
/// Each reaction with its user.
#[utoipa::path(
    operation_id = "list_reactions",
    tag = "messages",
    security(("bearer" = [])),
    params(
        ("conversation_id" = Uuid, Path, description = "The conversation."),
        ("message_id" = Uuid, Path, description = "The message."),
        ReactionsQuery,
    ),
    responses(
        (status = OK, description = "A page of reactions.", body = ReactionPage,
            headers(("Link" = String, description = "The neighbouring pages (RFC 8288)."))),
        MessageNotFound,
    )
)]
#[get("/conversations/{conversation_id}/messages/{message_id}/reactions", wrap = "bearer()")]
pub(crate) async fn reactions(
    caller: Caller,
    app: web::Data<App>,
    path: web::Path<(String, String)>,
    query: Query<ReactionsQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (conversation, message) = (conversation_id(&path.0)?, message_id(&path.1)?);
    let (emoji, page) = query.0.parse()?;
    let page = messages::reactions(&app, &caller.0, conversation, message, emoji, &page).await?;
    let links = Links::of(&page, |reaction| reaction.version);
    let mut response = links.respond(&request);
    let items = page.items.into_iter().map(Into::into).collect();
    Ok(response.json(ReactionPage { items, next_cursor: links.next, previous_cursor: links.previous }))
}

/// React to a message
///
/// With one emoji; doing so again changes nothing. A message can have reactions with at most 50 different emoji.
#[utoipa::path(
    operation_id = "add_reaction",
    tag = "messages",
    security(("bearer" = [])),
    params(
        ("conversation_id" = Uuid, Path, description = "The conversation."),
        ("message_id" = Uuid, Path, description = "The message."),
        ("emoji" = String, Path, description = "One emoji of Unicode's list.", example = "👍"),
    ),
    responses(
        (status = OK, description = "The message.", body = MessageResponse),
        Blocked, MessageNotFound, TooManyReactions,
    )
)]
#[put("/conversations/{conversation_id}/messages/{message_id}/reactions/{emoji}", wrap = "bearer()")]
pub(crate) async fn react(
    caller: Caller,
    app: web::Data<App>,
    path: web::Path<(String, String, String)>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let (conversation, message) = (conversation_id(&path.0)?, message_id(&path.1)?);
    let view = messages::react(&app, &caller.0, conversation, message, emoji(&path.2)?).await?;
    Ok(HttpResponse::Ok().json(MessageResponse::from(view)))
}

/// Take a reaction back
///
/// One's own; where there is none, nothing changes.
#[utoipa::path(
    operation_id = "remove_reaction",
    tag = "messages",
    security(("bearer" = [])),
    params(
        ("conversation_id" = Uuid, Path, description = "The conversation."),
        ("message_id" = Uuid, Path, description = "The message."),
        ("emoji" = String, Path, description = "One emoji of Unicode's list.", example = "👍"),
    ),
    responses(
        (status = NO_CONTENT, description = "There is no such reaction of yours any more."),
        Blocked, MessageNotFound, TooManyReactions,
    )
)]
#[delete("/conversations/{conversation_id}/messages/{message_id}/reactions/{emoji}", wrap = "bearer()")]
pub(crate) async fn take_back(
    caller: Caller,
    app: web::Data<App>,
    path: web::Path<(String, String, String)>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let (conversation, message) = (conversation_id(&path.0)?, message_id(&path.1)?);
    messages::take_back(&app, &caller.0, conversation, message, emoji(&path.2)?).await?;
    Ok(HttpResponse::NoContent().finish())
}
