//! Whom one has blocked.

use actix_web::{HttpRequest, HttpResponse, delete, get, put, web};
use confab_application::ports::BlockKey;
use confab_application::{App, users};

use crate::dto::{BlockPage, BlockResponse, BlocksQuery, Links};
use crate::extract::{Caller, NoParameters, Query, user_id};
use crate::middleware::bearer;
use crate::problem::Problem;
use crate::problem::documented::{TooManyBlocks, UserNotFound};

/// List whom you have blocked
///
/// The newest first. Who has blocked you is told nowhere.
#[utoipa::path(
    operation_id = "list_blocks",
    tag = "users",
    security(("bearer" = [])),
    params(BlocksQuery),
    responses((status = OK, description = "A page of blocks.", body = BlockPage,
        headers(("Link" = String, description = "The neighbouring pages (RFC 8288)."))))
)]
#[get("/users/me/blocks", wrap = "bearer()")]
pub(crate) async fn list(
    caller: Caller,
    app: web::Data<App>,
    query: Query<BlocksQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let page = users::list_blocks(&app, &caller.0, &query.0.parse()?).await?;
    let links = Links::of(&page, BlockKey::of);
    let items = page.items.into_iter().map(BlockResponse::from).collect();
    let page = BlockPage { items, next_cursor: links.next.clone(), previous_cursor: links.previous.clone() };
    Ok(links.respond(&request).json(page))
}

/// Block a user
///
/// Whoever shares a conversation with you; for admins, anyone. Whoever is blocked already stays so. At most 1,000 users.
///
/// From then on neither of you starts a direct conversation with the other or adds the other to a group: both are answered as if
/// there were no such user. Your direct conversation can be read by both, and nobody sends, edits or reacts in it. Groups in which
/// you both are go on as they are. Nobody is told who has blocked whom.
#[utoipa::path(
    operation_id = "block_user",
    tag = "users",
    security(("bearer" = [])),
    params(("user_id" = Uuid, Path, description = "The user.")),
    responses((status = NO_CONTENT, description = "The user is blocked."), UserNotFound, TooManyBlocks)
)]
#[put("/users/me/blocks/{user_id}", wrap = "bearer()")]
pub(crate) async fn block(
    caller: Caller,
    app: web::Data<App>,
    path: web::Path<String>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    users::block(&app, &caller.0, user_id(&path)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Lift your block of a user
///
/// Where there is none, nothing changes, whether there is such a user or not. A block that the user has made of you stays.
#[utoipa::path(
    operation_id = "unblock_user",
    tag = "users",
    security(("bearer" = [])),
    params(("user_id" = Uuid, Path, description = "The user.")),
    responses((status = NO_CONTENT, description = "You have not blocked the user."))
)]
#[delete("/users/me/blocks/{user_id}", wrap = "bearer()")]
pub(crate) async fn unblock(
    caller: Caller,
    app: web::Data<App>,
    path: web::Path<String>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    users::unblock(&app, &caller.0, user_id(&path)?).await?;
    Ok(HttpResponse::NoContent().finish())
}
