//! Serves until it is told to stop.

use std::future::Future;
use std::net::TcpListener;
use std::time::Duration;

use actix_web::HttpServer;
use confab_application::App;

use crate::service::{State, service};
use crate::settings::Settings;

const FORGET_EVERY: Duration = Duration::from_secs(60);

/// Serves on a socket until `shutdown` is ready; then takes no more connections, lets the requests under way end, and
/// returns.
///
/// # Errors
/// Where the socket cannot be served.
pub async fn serve(
    app: App,
    settings: Settings,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let workers = match settings.workers {
        0 => std::thread::available_parallelism()?.get(),
        workers => workers,
    };
    let shutdown_seconds = settings.shutdown_timeout.as_secs();
    let state = State::new(app, settings);
    let forgetting = tokio::spawn(forget(state.clone()));
    let server = HttpServer::new(move || service(&state))
        .workers(workers)
        .disable_signals()
        .shutdown_timeout(shutdown_seconds)
        .listen(listener)?
        .run();
    let handle = server.handle();
    tokio::spawn(async move {
        shutdown.await;
        handle.stop(true).await;
    });
    let served = server.await;
    forgetting.abort();
    served
}

/// Keeps the table of the rate limit as large as the addresses that called lately.
async fn forget(state: State) {
    let mut interval = tokio::time::interval(FORGET_EVERY);
    loop {
        interval.tick().await;
        state.forget_rested_addresses();
    }
}
