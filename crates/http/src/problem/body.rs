//! What a refusal looks like on the wire.

use confab_application::FieldError;
use serde::Serialize;
use utoipa::ToSchema;

use super::Code;

/// The media type of problem details.
pub(super) const CONTENT_TYPE: &str = "application/problem+json";

/// Problem details (RFC 9457): the form of every refusal.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody {
    /// Names the kind of refusal: `urn:confab:problem:` and its code.
    #[serde(rename = "type")]
    #[schema(example = "urn:confab:problem:invalid_input")]
    kind: String,
    /// A short summary of the kind.
    #[schema(example = "Invalid input")]
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 422)]
    status: u16,
    /// What is wrong this time, for people.
    detail: String,
    /// The kind of refusal, for programs. Stable.
    code: Code,
    /// Names this request in the server's log.
    request_id: String,
    /// Each fault of the input.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldProblem>,
}

/// A fault of one field of the input.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct FieldProblem {
    /// Which part of the request the field is in.
    #[serde(rename = "in")]
    place: Place,
    /// The field, as a JSON Pointer (RFC 6901). A parameter or a header is a member of its part's top level.
    #[schema(example = "/participant_ids/0")]
    pointer: String,
    /// What kind of fault it is, for programs. Stable.
    #[schema(example = "too_long")]
    code: &'static str,
    /// What is wrong, and what the limit is, for people.
    message: String,
}

/// A part of a request, by the names that OpenAPI gives them.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FieldPlace)]
pub(crate) enum Place {
    Body,
    Query,
    Path,
    Header,
}

impl ProblemBody {
    pub(crate) fn new(code: Code, detail: &str, request_id: &str, errors: &[FieldProblem]) -> Self {
        Self {
            kind: format!("urn:confab:problem:{}", code.as_str()),
            title: code.title(),
            status: code.status().as_u16(),
            detail: detail.to_owned(),
            code,
            request_id: request_id.to_owned(),
            errors: errors.to_vec(),
        }
    }
}

impl FieldProblem {
    pub(crate) fn new(place: Place, error: FieldError) -> Self {
        let pointer = if error.field.is_empty() { String::new() } else { format!("/{}", error.field) };
        Self { place, pointer, code: error.code, message: error.message }
    }
}
