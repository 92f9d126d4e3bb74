//! The condition of a change: what the client has seen.

use actix_web::HttpRequest;
use actix_web::http::header::{ETAG, HeaderName, HeaderValue, IF_MATCH};
use confab_application::FieldError;
use confab_application::messages::Precondition;
use confab_domain::Version;

use crate::problem::{Code, Problem};

/// What `If-Match` says (RFC 9110, section 13.1.1). A tag that is none of ours matches nothing.
pub(crate) fn if_match(request: &HttpRequest) -> Result<Precondition, Problem> {
    let refuse = || {
        let message = "must be * or entity tags, such as \"120\"";
        Problem::in_header(FieldError::new(IF_MATCH.as_str(), "malformed", message))
    };
    let mut given = request.headers().get_all(IF_MATCH).peekable();
    if given.peek().is_none() {
        let detail = "send the ETag of the message that you have read as If-Match, or * to overwrite whatever it says";
        return Err(Problem::new(Code::PreconditionRequired, detail));
    }
    let mut versions = Vec::new();
    for value in given {
        let text = value.to_str().map_err(|_| refuse())?;
        if text.trim() == "*" {
            return Ok(Precondition::Any);
        }
        for tag in text.split(',').map(str::trim) {
            let weak = tag.strip_prefix("W/");
            let opaque = weak.unwrap_or(tag).strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
            let opaque = opaque.ok_or_else(refuse)?;
            // The comparison is a strong one, in which a weak tag matches nothing.
            let version = opaque.parse().ok().and_then(|number| Version::parse(number).ok());
            versions.extend(version.filter(|_| weak.is_none()));
        }
    }
    Ok(Precondition::Versions(versions))
}

/// The entity tag of what says the same since this version.
pub(crate) fn etag(version: Version) -> (HeaderName, HeaderValue) {
    let value = HeaderValue::from_str(&format!("\"{}\"", version.get()));
    (ETAG, value.unwrap_or(HeaderValue::from_static("\"\"")))
}
