//! The OpenAPI document, made of the list of routes.

use actix_web::App;
use utoipa::Modify;
use utoipa::OpenApi as _;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{OpenApi, RefOr};
use utoipa_actix_web::AppExt as _;

use crate::middleware::Limits;
use crate::permissions;
use crate::problem::documented::refusal;
use crate::problem::{Code, ProblemBody};
use crate::routes;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Confab",
        description = "Users, conversations and messages. Register, log in, press *Authorize* and paste the access token.\n\nEvery refusal is `application/problem+json` (RFC 9457) with a stable `code`; unknown fields and parameters are refused by name. Times are RFC 3339 in UTC with microseconds; a message's place is its `seq`. Every answer has an `X-Request-Id`: the one that you send, if it is 1 to 128 visible ASCII characters, or a new one.",
    ),
    components(schemas(ProblemBody)),
    tags(
        (name = "auth", description = "Making an account, and logging in to it."),
        (name = "users", description = "One's own account."),
        (name = "conversations", description = "Between two, or in groups."),
        (name = "messages", description = "What is said in them."),
        (name = "reports", description = "Messages that users find wrong, for admins to deal with."),
        (name = "permissions", description = "Who may do what."),
        (name = "health", description = "For supervisors and load balancers."),
    ),
    servers((url = "/", description = "This server")),
    modifiers(&Bearer),
)]
struct Base;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, openapi: &mut OpenApi) {
        let mut scheme = Http::new(HttpAuthScheme::Bearer);
        scheme.bearer_format = Some("JWT".to_owned());
        scheme.description = Some("An access token of `POST /api/v1/auth/token`.".to_owned());
        openapi.components.get_or_insert_default().add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

/// The document, and the questions that the server itself has to it.
pub(crate) struct Document(pub(crate) OpenApi);

impl Document {
    /// The document of all routes.
    pub(crate) fn new() -> Self {
        let limits = Limits::new(None);
        let (_, routes) =
            App::new().into_utoipa_app().configure(|config| routes::configure(config, &limits)).split_for_parts();
        let mut openapi = Base::openapi();
        openapi.merge(routes);
        for (path, item) in &mut openapi.paths.paths {
            let is_api = path.starts_with(routes::BASE);
            for operation in operations(item) {
                add_shared_refusals(operation, is_api);
                add_roles(operation);
                // An empty list says that it takes no token; no list at all would say nothing.
                operation.security.get_or_insert_default();
            }
        }
        Self(openapi)
    }

    /// The methods of a path pattern, such as `/api/v1/conversations/{conversation_id}`.
    pub(crate) fn methods(&self, pattern: &str) -> Vec<&'static str> {
        let Some(item) = self.0.paths.paths.get(pattern) else { return Vec::new() };
        let head = item.get.as_ref().map(|_| "HEAD");
        [("GET", &item.get), ("POST", &item.post), ("PUT", &item.put), ("PATCH", &item.patch), ("DELETE", &item.delete)]
            .into_iter()
            .filter_map(|(method, operation)| operation.as_ref().map(|_| method))
            .chain(head)
            .collect()
    }

    /// The paths without parameters that a path with parameters fits as well.
    pub(crate) fn spelled_out_beside_parameters(&self) -> Vec<&str> {
        let paths: Vec<&str> = self.0.paths.paths.keys().map(String::as_str).collect();
        let (patterns, spelled_out): (Vec<&str>, Vec<&str>) = paths.into_iter().partition(|path| path.contains('{'));
        let fits = |pattern: &str, path: &str| {
            let parts = pattern.split('/').zip(path.split('/'));
            pattern.split('/').count() == path.split('/').count()
                && parts.into_iter().all(|(part, given)| part.starts_with('{') || part == given)
        };
        spelled_out.into_iter().filter(|path| patterns.iter().any(|pattern| fits(pattern, path))).collect()
    }
}

/// The OpenAPI document as JSON, with a line break at its end.
///
/// # Errors
/// Where it cannot be written as JSON.
pub fn openapi_json() -> Result<String, serde_json::Error> {
    Document::new().0.to_pretty_json().map(|json| json + "\n")
}

pub(crate) fn operations(item: &mut PathItem) -> Vec<&mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete]
        .into_iter()
        .filter_map(Option::as_mut)
        .collect()
}

/// Who may use it, in some relation to the conversation in question.
fn add_roles(operation: &mut Operation) {
    let roles = permissions::roles(operation.operation_id.as_deref().unwrap_or_default());
    if !roles.is_empty() {
        operation.extensions.get_or_insert_default().insert("x-roles".to_owned(), roles.into());
    }
}

/// What the framework, the limiter and storage can answer to any operation.
fn add_shared_refusals(operation: &mut Operation, is_api: bool) {
    let mut shared = vec![
        (Code::UriTooLong, "The path and its query are too long."),
        (Code::MisdirectedRequest, "The server does not answer for the host that the request names."),
        (Code::HeadersTooLarge, "The headers are too large."),
        (Code::InternalError, "Something went wrong in the server."),
    ];
    if is_api {
        shared.push((
            Code::TooManyRequests,
            "Too many requests; `RateLimit-Policy` names the limit, `Retry-After` tells when to try again.",
        ));
        shared.push((
            Code::Unavailable,
            "Storage cannot be reached or too much is asked at once; try again in a moment.",
        ));
    }
    if operation.security.is_some() {
        shared.push((Code::InvalidToken, "The access token is missing, not valid or expired."));
    }
    if operation.request_body.is_some() {
        shared.push((Code::MalformedJson, "The body is not JSON."));
        shared.push((Code::RequestTimeout, "The body arrives too slowly."));
        shared.push((Code::ContentTooLarge, "The body is too large."));
        shared.push((Code::UnsupportedMediaType, "The body is not declared as JSON, or is compressed."));
    }
    shared.push((Code::BadRequest, "The request is malformed, such as one with two `Host` or two `Authorization`."));
    if is_api {
        shared.push((Code::InvalidInput, "The input is not valid; `errors` names each fault."));
    }
    for (code, description) in shared {
        let status = code.status().as_u16().to_string();
        let responses = &mut operation.responses.responses;
        responses.entry(status).or_insert_with(|| RefOr::T(refusal(code, description)));
    }
}
