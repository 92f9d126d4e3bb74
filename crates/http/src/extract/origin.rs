//! Where a request came from.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::USER_AGENT;
use actix_web::{Error, FromRequest, HttpMessage as _, HttpRequest};
use confab_domain::{Origin, UserAgent};

use crate::client_address::ClientAddress;
use crate::middleware::RequestId;

/// Where a request came from, for the audit.
pub(crate) struct From(pub(crate) Origin);

impl FromRequest for From {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let extensions = request.extensions();
        let user_agent = request.headers().get(USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()));
        ready(Ok(Self(Origin {
            address: extensions.get::<ClientAddress>().map(|client| client.ip()),
            user_agent: user_agent.and_then(|text| UserAgent::of_header(&text)),
            request_id: extensions.get::<RequestId>().map(|id| id.0.clone()),
        })))
    }
}
