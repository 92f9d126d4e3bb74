//! Searching.

use actix_web::{HttpRequest, HttpResponse, get, web};
use confab_application::{App, messages};

use crate::dto::{HitPage, Links, SearchQuery};
use crate::extract::{Caller, Query};
use crate::middleware::bearer;
use crate::problem::Problem;

/// Search your conversations
///
/// Finds messages that have every word and phrase, in any case; the last word of each may be the beginning of one. What
/// is between words does not count. Chinese, Japanese, Korean and other scripts without spaces are found anywhere in a
/// word.
#[utoipa::path(
    operation_id = "search_messages",
    tag = "messages",
    security(("bearer" = [])),
    params(SearchQuery),
    responses((status = OK, description = "A page of messages.", body = HitPage,
        headers(("Link" = String, description = "The neighbouring pages (RFC 8288)."))))
)]
#[get("/search", wrap = "bearer()")]
pub(crate) async fn messages_found(
    caller: Caller,
    app: web::Data<App>,
    query: Query<SearchQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let page = query.0.page()?;
    let hits = messages::search(&app, &caller.0, &query.0.q, &page).await;
    let hits = hits.map_err(Problem::of_parameters)?;
    let links = Links::between(hits.previous, hits.next);
    let mut response = links.respond(&request);
    let items = hits.items.into_iter().map(Into::into).collect();
    Ok(response.json(HitPage { items, next_cursor: links.next, previous_cursor: links.previous }))
}
