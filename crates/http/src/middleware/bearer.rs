//! Bearer authentication (RFC 6750).

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::ServiceRequest;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{Error, HttpMessage as _, web};
use actix_web_httpauth::extractors::bearer::BearerAuth;
use actix_web_httpauth::middleware::HttpAuthentication;
use confab_application::{App, Unauthenticated, accounts};

use super::Limits;
use crate::problem::{Code, Problem};

type Outcome = Pin<Box<dyn Future<Output = Result<ServiceRequest, (Error, ServiceRequest)>>>>;
type Validator = fn(ServiceRequest, Option<BearerAuth>) -> Outcome;

/// Finds the viewer before anything else of the request is read, so that a stranger learns nothing of the rest.
pub(crate) fn bearer() -> HttpAuthentication<Option<BearerAuth>, Validator> {
    HttpAuthentication::with_fn(validate)
}

fn validate(request: ServiceRequest, credentials: Option<BearerAuth>) -> Outcome {
    Box::pin(async move {
        match viewer(&request, credentials).await {
            Ok(viewer) => {
                let limits = request.app_data::<web::Data<Limits>>();
                if let Some(Err(refusal)) = limits.map(|limits| limits.count_user(&request, &viewer)) {
                    return Err((refusal.into(), request));
                }
                request.extensions_mut().insert(viewer);
                Ok(request)
            }
            Err(problem) => Err((problem.into(), request)),
        }
    })
}

async fn viewer(
    request: &ServiceRequest,
    credentials: Option<BearerAuth>,
) -> Result<confab_application::Viewer, Problem> {
    let app = request.app_data::<web::Data<App>>().ok_or_else(Problem::internal)?;
    // Which of them somebody in between has looked at, cannot be known.
    if request.headers().get_all(AUTHORIZATION).nth(1).is_some() {
        return Err(Problem::new(Code::BadRequest, "there is more than one Authorization"));
    }
    let missing = || confab_application::Error::from(Unauthenticated::MissingToken);
    // The name of a scheme has no case (RFC 9110, section 11.1); the extractor takes `Bearer` only.
    let token = match &credentials {
        Some(credentials) => credentials.token(),
        None => bearer_token(request).ok_or_else(missing)?,
    };
    Ok(accounts::authenticate(app, token).await?)
}

fn bearer_token(request: &ServiceRequest) -> Option<&str> {
    let (scheme, token) = request.headers().get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty()).then_some(token.trim())
}
