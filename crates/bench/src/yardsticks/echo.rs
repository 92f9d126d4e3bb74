//! The bare route: checks the token, and echoes the JSON. No database, nothing else of the product.

use std::sync::Arc;

use actix_web::http::header::AUTHORIZATION;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use confab::config::Config;
use confab::system::SystemClock;
use confab_application::ports::{AccessTokens, Clock as _};
use confab_security::JwtAccessTokens;
use serde_json::Value;

use super::{listen, signing_keys, workers};
use crate::Result;

/// Serves it.
///
/// # Errors
/// Where it cannot be served.
pub async fn serve_echo(config: &Config) -> Result<()> {
    let tokens: Arc<dyn AccessTokens> = Arc::new(JwtAccessTokens::new(signing_keys(config)?));
    let tokens = web::Data::from(tokens);
    let make = move || App::new().app_data(tokens.clone()).route("/echo", web::post().to(echo));
    HttpServer::new(make).workers(workers(config)?).listen(listen(config)?)?.run().await?;
    Ok(())
}

async fn echo(request: HttpRequest, tokens: web::Data<dyn AccessTokens>, body: web::Json<Value>) -> HttpResponse {
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header.and_then(|value| value.strip_prefix("Bearer "));
    match token.map(|token| tokens.verify(token, SystemClock.now())) {
        Some(Ok(_)) => HttpResponse::Ok().json(body.0),
        _ => HttpResponse::Unauthorized().finish(),
    }
}
