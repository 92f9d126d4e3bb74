//! The way from page to page.

use actix_web::HttpRequest;
use actix_web::http::header::{HeaderValue, LINK};
use actix_web::{HttpResponse, HttpResponseBuilder};
use confab_application::ports::{Page, Position};
use url::form_urlencoded;

use crate::cursor::{self, CursorKey};

/// The cursors of a page's neighbours.
pub(crate) struct Links {
    pub(crate) next: Option<String>,
    pub(crate) previous: Option<String>,
}

impl Links {
    /// The neighbours of a page whose items have these keys.
    pub(crate) fn of<T, K: CursorKey>(page: &Page<T>, key: impl Fn(&T) -> K) -> Self {
        let next = page.items.last().filter(|_| page.has_next);
        let previous = page.items.first().filter(|_| page.has_previous);
        Self::between(previous.map(&key), next.map(&key))
    }

    /// The neighbours of a page that ends before these keys.
    pub(crate) fn between<K: CursorKey>(previous: Option<K>, next: Option<K>) -> Self {
        Self {
            next: next.map(|key| cursor::encode(&Position::After(key))),
            previous: previous.map(|key| cursor::encode(&Position::Before(key))),
        }
    }

    /// A 200 with a `Link` to each neighbour (RFC 8288).
    pub(crate) fn respond(&self, request: &HttpRequest) -> HttpResponseBuilder {
        let links: Vec<String> = [("next", &self.next), ("prev", &self.previous)]
            .into_iter()
            .filter_map(|(relation, cursor)| {
                Some(format!(r#"<{}>; rel="{relation}""#, at(request, cursor.as_deref()?)))
            })
            .collect();
        let mut response = HttpResponse::Ok();
        if let Ok(value) = HeaderValue::from_str(&links.join(", "))
            && !links.is_empty()
        {
            response.insert_header((LINK, value));
        }
        response
    }
}

/// The same request with another cursor.
fn at(request: &HttpRequest, cursor: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let given = form_urlencoded::parse(request.query_string().as_bytes());
    query.extend_pairs(given.filter(|(name, _)| name != "cursor"));
    query.append_pair("cursor", cursor);
    format!("{}?{}", request.path(), query.finish())
}
