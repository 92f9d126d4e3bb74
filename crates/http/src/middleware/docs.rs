//! Who may see the Swagger UI.

use actix_web::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{AUTHORIZATION, HeaderValue, WWW_AUTHENTICATE};
use actix_web::middleware::Next;
use actix_web::web;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::problem::{Code, Problem};
use crate::settings::{Docs, Settings};

/// Asks whoever wants to see the documentation for its password, where it has one (RFC 7617; any name will do).
pub(crate) async fn docs(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, Error> {
    let is_page = request.path().starts_with("/docs") || request.path() == "/api/openapi.json";
    let settings = request.app_data::<web::Data<Settings>>().cloned();
    if is_page
        && let Some(Docs::Password(password)) = settings.as_ref().map(|settings| &settings.docs)
        && !given(&request).is_some_and(|given| is_same(&given, password.as_bytes()))
    {
        let challenge = HeaderValue::from_static(r#"Basic realm="confab docs", charset="UTF-8""#);
        let problem = Problem::new(Code::MissingToken, "the documentation has a password");
        return Ok(request.error_response(problem.with_header(WWW_AUTHENTICATE, challenge)).map_into_right_body());
    }
    next.call(request).await.map(ServiceResponse::map_into_left_body)
}

fn given(request: &ServiceRequest) -> Option<Vec<u8>> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credentials) = header.split_once(' ')?;
    let decoded = STANDARD.decode(credentials.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let colon = decoded.iter().position(|byte| *byte == b':')?;
    Some(decoded[colon + 1..].to_vec())
}

/// Takes as long wherever they differ.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}
