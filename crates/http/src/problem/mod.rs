//! Refusals, as problem details (RFC 9457).

mod body;
mod code;
mod convert;
pub(crate) mod documented;

pub(crate) use body::{FieldProblem, Place, ProblemBody};
pub(crate) use code::Code;

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::{HttpResponse, ResponseError};
use confab_application::{Error, FieldError};

use crate::middleware::X_REQUEST_ID;

/// A refusal. The outermost middleware gives it the request's id and writes it.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    code: Code,
    detail: String,
    errors: Vec<FieldProblem>,
    headers: Vec<(HeaderName, HeaderValue)>,
    request_id: Option<String>,
}

impl Problem {
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        let mut problem =
            Self { code, detail: detail.into(), errors: Vec::new(), headers: Vec::new(), request_id: None };
        if code.status() == StatusCode::UNAUTHORIZED {
            // RFC 6750, section 3: the error is named only where a token was sent.
            let challenge = match code {
                Code::InvalidToken | Code::ExpiredToken => r#"Bearer realm="confab", error="invalid_token""#,
                _ => r#"Bearer realm="confab""#,
            };
            problem = problem.with_header(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        problem
    }

    /// A fault of the server's, of which the client learns nothing but the request's id.
    pub(crate) fn internal() -> Self {
        Self::new(Code::InternalError, "something went wrong in the server; it is logged with this request_id")
    }

    /// Faults of fields in the body.
    pub(crate) fn in_body(errors: impl IntoIterator<Item = FieldError>) -> Self {
        Self::invalid(errors.into_iter().map(|error| FieldProblem::new(Place::Body, error)))
    }

    /// Faults of query parameters.
    pub(crate) fn in_query(errors: impl IntoIterator<Item = FieldError>) -> Self {
        Self::invalid(errors.into_iter().map(|error| FieldProblem::new(Place::Query, error)))
    }

    /// What became of an operation without a body, whose input is its query parameters.
    pub(crate) fn of_parameters(error: Error) -> Self {
        match error {
            Error::Invalid(errors) => Self::in_query(errors),
            error => error.into(),
        }
    }

    /// What became of an operation whose input is its body, but for a reason among its query parameters.
    pub(crate) fn beside_a_reason(error: Error) -> Self {
        match error {
            Error::Invalid(errors) if errors.iter().all(|error| error.field == "reason") => Self::in_query(errors),
            error => error.into(),
        }
    }

    /// A fault of a path parameter.
    pub(crate) fn in_path(error: FieldError) -> Self {
        Self::invalid([FieldProblem::new(Place::Path, error)])
    }

    /// The fault of a header.
    pub(crate) fn in_header(error: FieldError) -> Self {
        Self::invalid([FieldProblem::new(Place::Header, error)])
    }

    fn invalid(errors: impl IntoIterator<Item = FieldProblem>) -> Self {
        Self::new(Code::InvalidInput, "the input is not valid; see errors").with_errors(errors)
    }

    pub(crate) fn with_errors(mut self, errors: impl IntoIterator<Item = FieldProblem>) -> Self {
        self.errors.extend(errors);
        self
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// When to try again (RFC 9110, section 10.2.3).
    pub(crate) fn with_retry_after(self, seconds: u64) -> Self {
        self.with_header(RETRY_AFTER, HeaderValue::from(seconds))
    }

    pub(crate) fn with_request_id(mut self, request_id: &str) -> Self {
        self.request_id = Some(request_id.to_owned());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }

    fn error_response(&self) -> HttpResponse {
        let request_id = self.request_id.as_deref().unwrap_or_default();
        let mut response = HttpResponse::build(self.code.status());
        response.content_type(body::CONTENT_TYPE);
        // For what is refused where no middleware adds them.
        response.insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff")).insert_header((CACHE_CONTROL, "no-store"));
        for (name, value) in &self.headers {
            response.insert_header((name.clone(), value.clone()));
        }
        if self.request_id.is_some() {
            response.insert_header((X_REQUEST_ID, request_id));
        }
        response.json(ProblemBody::new(self.code, &self.detail, request_id, &self.errors))
    }
}
