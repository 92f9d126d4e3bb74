//! What state a request is for.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{ETAG, HeaderName, IF_MATCH};
use actix_web::{FromRequest, HttpRequest};
use confab_application::{FieldError, Precondition};

use crate::problem::Problem;

/// The tags in `If-Match`, or any where there is none (RFC 9110, section 13.1.1).
pub(crate) struct IfMatch(pub(crate) Precondition);

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut lines = request.headers().get_all(IF_MATCH).peekable();
        if lines.peek().is_none() {
            return ready(Ok(Self(Precondition::Any)));
        }
        let tags = lines.map(|line| parse(line.to_str().ok()?)).collect::<Option<Vec<_>>>();
        let tags = tags.map(|lines| lines.into_iter().reduce(and).unwrap_or_default());
        ready(tags.map(Self).ok_or_else(|| {
            let message = "must be `*` or entity tags, such as \"v3\", as an ETag gave them";
            Problem::in_header(FieldError::new("If-Match", "malformed", message))
        }))
    }
}

fn parse(line: &str) -> Option<Precondition> {
    if line.trim() == "*" {
        return Some(Precondition::Any);
    }
    let tags = line.split(',').map(|tag| {
        let tag = tag.trim();
        // A weak tag is never the same, as strong ones are compared; it stands for no state.
        let (tag, weak) = tag.strip_prefix("W/").map_or((tag, ""), |tag| (tag, "W/"));
        let tag = tag.strip_prefix('"')?.strip_suffix('"')?;
        (!tag.contains('"')).then(|| format!("{weak}{tag}"))
    });
    tags.collect::<Option<_>>().map(Precondition::Tags)
}

fn and(one: Precondition, other: Precondition) -> Precondition {
    match (one, other) {
        (Precondition::Tags(mut tags), Precondition::Tags(more)) => {
            tags.extend(more);
            Precondition::Tags(tags)
        }
        _ => Precondition::Any,
    }
}

/// The header of this tag.
pub(crate) fn tagged(tag: &str) -> (HeaderName, String) {
    (ETAG, format!("\"{tag}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_as_the_rfc_writes_them() {
        let tags = |tags: &[&str]| Some(Precondition::Tags(tags.iter().map(|tag| (*tag).to_owned()).collect()));
        assert_eq!(parse(" * "), Some(Precondition::Any));
        assert_eq!(parse(r#""v1""#), tags(&["v1"]));
        assert_eq!(parse(r#""v1" , "v2""#), tags(&["v1", "v2"]));
        assert_eq!(parse(r#"W/"v1""#), tags(&["W/v1"]));
        for text in ["", "v1", r#""v1"#, r#""v1" "v2""#, "*,*", r#""v1","#] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
