//! Serves until it is told to stop.

use std::any::Any;
use std::future::Future;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

#[cfg(target_os = "linux")]
use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::HttpServer;
use actix_web::dev::Server;
#[cfg(target_os = "linux")]
use actix_web::rt::net::TcpStream;
use confab_application::App;
#[cfg(target_os = "linux")]
use socket2::SockRef;
use tokio::task::JoinHandle;

use crate::middleware::{Connections, ToldToWait};
use crate::redirect;
use crate::service::{State, service};
use crate::settings::Settings;
use crate::tls::Certificate;

const FORGET_EVERY: Duration = Duration::from_secs(60);

/// Connections beyond those that are served, for each worker: they are told so. Still others wait in the system's queue.
const SPARE_CONNECTIONS: usize = 64;

/// Where the server listens.
#[derive(Debug)]
pub struct Listeners {
    /// For requests.
    pub api: TcpListener,
    /// What they are encrypted with; without it, it is plain HTTP.
    pub certificate: Option<Certificate>,
    /// For plain HTTP that is told to come back encrypted, and to which port.
    pub redirect: Option<(TcpListener, u16)>,
}

impl From<TcpListener> for Listeners {
    /// For plain HTTP.
    fn from(api: TcpListener) -> Self {
        Self { api, certificate: None, redirect: None }
    }
}

/// Serves until `shutdown` is ready; then takes no more connections, lets the requests under way end, and returns.
///
/// # Errors
/// Where a socket cannot be served.
pub async fn serve(
    app: App,
    settings: Settings,
    listeners: impl Into<Listeners>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let Listeners { api, certificate, redirect } = listeners.into();
    let workers = match settings.workers {
        0 => std::thread::available_parallelism()?.get(),
        workers => workers,
    };
    let (unread_timeout, most) = (settings.unread_timeout, settings.max_connections);
    let state = State::new(app, settings.clone());
    let redirect = redirect.map(|(listener, port)| redirect::server(listener, port, &state, &settings)).transpose()?;
    let forgetting = tokio::spawn(forget(state.clone()));
    let connections = Connections::default();
    let server = HttpServer::new(move || service(&state))
        .workers(workers)
        .disable_signals()
        .shutdown_timeout(settings.shutdown_timeout.as_secs())
        .client_request_timeout(settings.header_timeout)
        .tls_handshake_timeout(settings.header_timeout)
        .keep_alive(settings.idle_timeout)
        .max_connections(most.div_ceil(workers) + SPARE_CONNECTIONS)
        .on_connect(move |connection, data| {
            data.insert(ToldToWait::default());
            data.insert(connections.enter(most));
            drop_when_unread_for(connection, unread_timeout);
        });
    let mut tasks = vec![forgetting];
    let server = match certificate.map(Arc::new) {
        None => server.listen(api)?,
        Some(certificate) => {
            let server = server.listen_rustls_0_23(api, certificate.config()?)?;
            tasks.push(tokio::spawn(certificate.watch()));
            server
        }
    };
    let server = server.run();
    let handle = server.handle();
    let redirect_handle = redirect.as_ref().map(Server::handle);
    tasks.extend(redirect.map(|redirect| {
        tokio::spawn(async move {
            if let Err(error) = redirect.await {
                tracing::error!(%error, "plain HTTP is redirected no more");
            }
        })
    }));
    tokio::spawn(async move {
        shutdown.await;
        if let Some(redirect) = redirect_handle {
            redirect.stop(false).await;
        }
        handle.stop(true).await;
    });
    let served = server.await;
    tasks.iter().for_each(JoinHandle::abort);
    served
}

/// The framework waits for ever for a client that does not read. The system can be told not to.
fn drop_when_unread_for(connection: &dyn Any, timeout: Duration) {
    #[cfg(target_os = "linux")]
    {
        let encrypted = connection.downcast_ref::<TlsStream<TcpStream>>().map(|stream| stream.get_ref().0);
        if let Some(stream) = connection.downcast_ref::<TcpStream>().or(encrypted)
            && let Err(error) = SockRef::from(stream).set_tcp_user_timeout(Some(timeout))
        {
            tracing::warn!(%error, "a client that does not read will not be dropped");
        }
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
