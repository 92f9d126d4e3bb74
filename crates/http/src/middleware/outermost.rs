//! Gives each request an id and a span, and each refusal the form of a problem.

use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::http::Method;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, ResponseError as _, web};
use confab_application::App;
use tracing::Instrument as _;

use super::{X_REQUEST_ID, screen, secure};
use crate::client_address::ClientAddress;
use crate::problem::Problem;
use crate::settings::Settings;

const MAX_REQUEST_ID_CHARACTERS: usize = 128;

/// The id of a request; it is in the extensions of each.
pub(crate) struct RequestId(pub(crate) String);

/// Stands around everything else.
pub(crate) async fn outermost(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(settings) = request.app_data::<web::Data<Settings>>().cloned() else {
        return Err(Problem::internal().into());
    };
    let request_id = request_id(&request);
    let client = ClientAddress::find(&request, &settings.proxies);
    request.extensions_mut().insert(client);
    request.extensions_mut().insert(RequestId(request_id.clone()));
    let is_secure = request.app_config().secure() || ClientAddress::came_through(&request, &settings.proxies);
    let is_beyond = screen::is_beyond(request.request());
    let path = request.path().to_owned();
    let span = tracing::info_span!("request", request_id, client = %client.ip(), method = %request.method(), path);
    // Whatever has a GET has a HEAD (RFC 9110, section 9.1); the server leaves the body out.
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    let started = Instant::now();
    let outcome = async {
        if let Some(refusal) = screen::refusal(request.request(), &settings) {
            return Ok(request.error_response(refusal));
        }
        next.call(request).await.map(ServiceResponse::map_into_boxed_body)
    }
    .instrument(span.clone())
    .await;

    span.in_scope(|| {
        let outcome = match outcome {
            Ok(response) => Ok(as_problem(response, &request_id)),
            Err(error) => Err(Problem::of_error(&error).with_request_id(&request_id)),
        };
        let status = match &outcome {
            Ok(response) => response.status(),
            Err(problem) => problem.status_code(),
        };
        let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        tracing::info!(status = status.as_u16(), micros, "answered");
        let mut response = outcome?;
        if let Ok(value) = HeaderValue::from_str(&request_id) {
            response.headers_mut().insert(X_REQUEST_ID, value);
        }
        secure::add(response.headers_mut(), &path, is_secure, &settings);
        if is_beyond {
            response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
        }
        Ok(response)
    })
}

/// The id that the client has chosen, if it is fit to be logged, or a new one.
fn request_id(request: &ServiceRequest) -> String {
    let given = request.headers().get(X_REQUEST_ID).and_then(|value| value.to_str().ok());
    let fit = |id: &&str| {
        (1..=MAX_REQUEST_ID_CHARACTERS).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
    };
    match (given.filter(fit), request.app_data::<web::Data<App>>()) {
        (Some(id), _) => id.to_owned(),
        (None, Some(app)) => app.ids.next().to_string(),
        (None, None) => String::new(),
    }
}

/// The same response, or, where it refuses and is no problem yet, the problem that it stands for. What inner middleware
/// has said in headers stays.
fn as_problem(response: ServiceResponse<BoxBody>, request_id: &str) -> ServiceResponse<BoxBody> {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let kept = response.response().extensions().get::<Problem>().cloned();
    let problem = match (kept, response.response().error()) {
        (Some(problem), _) => problem,
        (None, Some(error)) => Problem::of_error(error),
        (None, None) => Problem::of_status(status, ""),
    };
    let mut refusal = problem.with_request_id(request_id).error_response();
    let (request, old) = response.into_parts();
    for (name, value) in old.headers() {
        if name != CONTENT_TYPE && name != CONTENT_LENGTH && !refusal.headers().contains_key(name) {
            refusal.headers_mut().append(name.clone(), value.clone());
        }
    }
    ServiceResponse::new(request, refusal)
}
