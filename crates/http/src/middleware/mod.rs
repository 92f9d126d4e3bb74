//! What happens to every request, whatever it asks for.

mod bearer;
mod docs;
mod outermost;
mod rate_limit;
mod screen;
mod secure;
mod unread;

pub(crate) use bearer::bearer;
pub(crate) use docs::docs;
pub(crate) use outermost::{RequestId, outermost};
pub(crate) use rate_limit::{Left, Limits, limit};
pub(crate) use screen::{Connections, host};
pub(crate) use unread::{ToldToWait, Unread, unread};

use actix_cors::Cors;
use actix_web::http::header::{self, HeaderName};

/// Names a request, in and out.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// A client's key against doubling.
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// How much of a limit is left.
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// What the limit is.
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Cross-origin rules: the origins that are listed, and no others.
pub(crate) fn cors(allowed_origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allowed_methods(["GET", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers([header::AUTHORIZATION, header::CONTENT_TYPE, header::IF_MATCH, IDEMPOTENCY_KEY, X_REQUEST_ID])
        .expose_headers([
            header::CONTENT_DISPOSITION,
            header::ETAG,
            header::LINK,
            header::LOCATION,
            header::RETRY_AFTER,
            header::WWW_AUTHENTICATE,
            RATE_LIMIT,
            RATE_LIMIT_POLICY,
            X_REQUEST_ID,
        ])
        .max_age(3600);
    allowed_origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}
