//! What no operation takes.

use actix_web::http::Method;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::{HttpRequest, guard, web};

use crate::openapi::Document;
use crate::problem::{Code, Problem};

/// 405 where the path has other methods, by the OpenAPI document; 404 where there is no such path.
pub(crate) async fn fallback(request: HttpRequest, document: web::Data<Document>) -> Result<&'static str, Problem> {
    let documented = request.match_pattern().map(|pattern| document.methods(&pattern)).unwrap_or_default();
    let is_page = ["/docs", "/docs/", "/api/openapi.json"].contains(&request.path()) && request.method() != Method::GET;
    let methods = if is_page && documented.is_empty() { vec!["GET", "HEAD"] } else { documented };
    if methods.is_empty() {
        return Err(Problem::new(Code::RouteNotFound, format!("there is nothing at {}", request.path())));
    }
    let allow = methods.join(", ");
    let detail = format!("{} takes {allow}, not {}", request.path(), request.method());
    let mut problem = Problem::new(Code::MethodNotAllowed, detail);
    if let Ok(value) = HeaderValue::from_str(&allow) {
        problem = problem.with_header(ALLOW, value);
    }
    Err(problem)
}

/// Where a path is spelled out beside one with a parameter in the same place (`/conversations/read-all`, and
/// `/conversations/{conversation_id}`), the other's methods are not its own, and its name is no id.
pub(crate) fn fallback_of_spelled_out(config: &mut web::ServiceConfig, document: &Document) {
    for path in document.spelled_out_beside_parameters() {
        let methods = document.methods(path);
        let other = guard::fn_guard(move |context| !methods.contains(&context.head().method.as_str()));
        config.service(web::resource(path).guard(other).default_service(web::to(fallback)));
    }
}
