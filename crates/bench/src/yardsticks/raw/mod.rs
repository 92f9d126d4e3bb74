//! Histories and lists as one would write them by hand: one SQL statement each over raw sqlx, and JSON written straight
//! from the rows. What the product's answers say, these say too; see the tests.
//!
//! They are served within the product's own service, behind the same outermost middleware and the same look-up of who
//! asks, but not counted by the limiter.

mod history;
mod json;
mod list;

use std::time::Duration;

use actix_web::http::header::AUTHORIZATION;
use actix_web::http::header::ContentType;
use actix_web::{HttpRequest, HttpResponse, HttpServer, web};
use confab::config::{Config, DatabaseUrl};
use confab::storage::Storage;
use confab::wiring;
use confab_application::{App, Viewer, accounts};
use confab_domain::ConversationId;
use confab_http::State;
use sea_orm::sqlx::postgres::{PgPool, PgPoolOptions};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};

use super::{listen, signing_keys, workers};
use crate::Result;

/// Where the rows come from.
pub enum Source {
    /// PostgreSQL.
    Postgres(PgPool),
    /// SQLite.
    Sqlite(SqlitePool),
}

impl Source {
    /// As many connections as the product has for reading.
    ///
    /// # Errors
    /// Where the database cannot be reached.
    pub async fn connect(url: &str, connections: u32, acquire_timeout: Duration) -> Result<Self> {
        if url.starts_with("sqlite:") {
            let options: SqliteConnectOptions = url.parse()?;
            let pool = SqlitePoolOptions::new().max_connections(connections).acquire_timeout(acquire_timeout);
            let pool = pool.test_before_acquire(false).idle_timeout(None).max_lifetime(None);
            return Ok(Self::Sqlite(pool.connect_with(options.pragma("query_only", "ON")).await?));
        }
        let pool = PgPoolOptions::new().max_connections(connections).acquire_timeout(acquire_timeout);
        Ok(Self::Postgres(pool.test_before_acquire(false).connect(url).await?))
    }

    /// The page of 50 messages of a conversation before a seq, as JSON; none where the viewer is not in it.
    ///
    /// # Errors
    /// Where the database does not answer.
    pub async fn history(&self, viewer: &Viewer, id: ConversationId, before: Option<i64>) -> Result<Option<Vec<u8>>> {
        match self {
            Self::Postgres(pool) => history::postgres(pool, viewer, id, before).await,
            Self::Sqlite(pool) => history::sqlite(pool, viewer, id, before).await,
        }
    }

    /// The viewer's first 20 conversations, as JSON.
    ///
    /// # Errors
    /// Where the database does not answer.
    pub async fn list(&self, viewer: &Viewer) -> Result<Vec<u8>> {
        match self {
            Self::Postgres(pool) => list::postgres(pool, viewer).await,
            Self::Sqlite(pool) => list::sqlite(pool, viewer).await,
        }
    }
}

/// Serves them under `/raw`.
///
/// # Errors
/// Where they cannot be served.
pub async fn serve_raw(config: &Config) -> Result<()> {
    let DatabaseUrl::Url(url) = &config.database.url else { return Err("there is no database to read".into()) };
    let timeout = Duration::from_secs(config.database.acquire_timeout_seconds.get());
    let source = Source::connect(url, config.database.max_connections.as_u32(), timeout).await?;
    let source = web::Data::new(source);
    let storage =
        Storage::open(&config.database, config.server.threads()).await.map_err(|failure| format!("{failure:?}"))?;
    let app = wiring::app(config, &storage, signing_keys(config)?).map_err(|failure| format!("{failure:?}"))?;
    let state = State::new(app, config.http());
    let make = move || {
        confab_http::service(&state)
            .app_data(source.clone())
            .route("/raw/conversations/{conversation_id}/messages", web::get().to(history))
            .route("/raw/conversations", web::get().to(list))
    };
    HttpServer::new(make).workers(workers(config)?).listen(listen(config)?)?.run().await?;
    storage.close().await;
    Ok(())
}

async fn history(
    request: HttpRequest,
    app: web::Data<App>,
    source: web::Data<Source>,
    path: web::Path<String>,
) -> HttpResponse {
    let (Some(viewer), Ok(id)) = (viewer(&request, &app).await, ConversationId::parse(&path)) else {
        return HttpResponse::Unauthorized().finish();
    };
    let before = parameter(&request, "before_seq").and_then(|text| text.parse().ok());
    respond(source.history(&viewer, id, before).await)
}

async fn list(request: HttpRequest, app: web::Data<App>, source: web::Data<Source>) -> HttpResponse {
    let Some(viewer) = viewer(&request, &app).await else { return HttpResponse::Unauthorized().finish() };
    respond(source.list(&viewer).await.map(Some))
}

async fn viewer(request: &HttpRequest, app: &App) -> Option<Viewer> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    accounts::authenticate(app, header.strip_prefix("Bearer ")?).await.ok()
}

fn parameter<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    let pairs = request.query_string().split('&').filter_map(|pair| pair.split_once('='));
    pairs.into_iter().find_map(|(key, value)| (key == name).then_some(value))
}

fn respond(json: Result<Option<Vec<u8>>>) -> HttpResponse {
    match json {
        Ok(Some(json)) => HttpResponse::Ok().content_type(ContentType::json()).body(json),
        Ok(None) => HttpResponse::NotFound().finish(),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}
