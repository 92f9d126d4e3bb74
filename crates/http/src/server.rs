//! Serves until it is told to stop.

use std::any::Any;
use std::future::Future;
use std::net::TcpListener;
use std::time::Duration;

use actix_web::HttpServer;
#[cfg(target_os = "linux")]
use actix_web::rt::net::TcpStream;
use confab_application::App;
#[cfg(target_os = "linux")]
use socket2::SockRef;

use crate::middleware::ToldToWait;
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
    let unread_timeout = settings.unread_timeout;
    let shutdown_seconds = settings.shutdown_timeout.as_secs();
    let state = State::new(app, settings);
    let forgetting = tokio::spawn(forget(state.clone()));
    let server = HttpServer::new(move || service(&state))
        .workers(workers)
        .disable_signals()
        .shutdown_timeout(shutdown_seconds)
        .on_connect(move |connection, data| {
            data.insert(ToldToWait::default());
            drop_when_unread_for(connection, unread_timeout);
        })
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

/// The framework waits for ever for a client that does not read. The system can be told not to.
fn drop_when_unread_for(connection: &dyn Any, timeout: Duration) {
    #[cfg(target_os = "linux")]
    if let Some(stream) = connection.downcast_ref::<TcpStream>()
        && let Err(error) = SockRef::from(stream).set_tcp_user_timeout(Some(timeout))
    {
        tracing::warn!(%error, "a client that does not read will not be dropped");
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (connection, timeout);
}

/// Keeps the table of the rate limit as large as the addresses that called lately.
async fn forget(state: State) {
    let mut interval = tokio::time::interval(FORGET_EVERY);
    loop {
        interval.tick().await;
        state.forget_rested_addresses();
    }
}
