//! `confab serve`: the API, until a signal asks to stop.

use std::io::{self, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use confab_application::ports::StoreError;
use confab_application::{App, Error, accounts, users};
use confab_http::{Certificate, Listeners};
use tokio::net::TcpSocket;

use super::welcome;
use crate::checks::{self, Finding, Level};
use crate::config::{Config, Profile};
use crate::failure::Failure;
use crate::keys;
use crate::mailing::{self, Mailing};
use crate::signals::Signals;
use crate::storage::Storage;
use crate::wiring;

/// How many connections may wait to be taken. The standard library's 128 turn clients away in a rush.
const BACKLOG: u32 = 2048;
/// How exact it is when a session was last used.
const TEND_EVERY: Duration = Duration::from_secs(60);
/// How often it is looked whether a deleted user has yet to leave conversations.
const SEE_OFF_EVERY: Duration = Duration::from_secs(1);

/// How long mails that are being sent at shutdown may take.
const LAST_MAILS: Duration = Duration::from_secs(5);

/// Serves until SIGINT or SIGTERM.
///
/// # Errors
/// Where a part of it cannot be started.
pub async fn run(config: &Config) -> Result<(), Failure> {
    run_with(config, |app| app).await
}

/// The same, with the application changed before it is served.
///
/// # Errors
/// As [`run`].
pub async fn run_with(config: &Config, change: impl FnOnce(App) -> App) -> Result<(), Failure> {
    // First, so that a second server that is started by mistake does nothing to the first one's data.
    let listener = listen_at(config.server.bind, "server.bind", "; choose another with --bind")?;
    let address = listener.local_addr().map_err(|error| Failure::other(format_args!("server.bind: {error}")))?;
    judge_configured(config).await?;
    let certificate = certificate(config)?;
    let redirect = match config.tls.redirect_bind {
        Some(bind) => {
            let listener = listen_at(bind, "tls.redirect_bind", "")?;
            if let Ok(address) = listener.local_addr() {
                tracing::info!(%address, "redirecting plain HTTP");
            }
            Some((listener, config.tls.redirect_port.as_u16()))
        }
        None => None,
    };
    let keys = keys::open(config)?;
    let storage = Storage::open(&config.database, config.server.threads()).await?;
    let mailer = mailing::mailer(&config.mail)?;
    let app = change(wiring::app(config, &storage, Arc::clone(&keys))?);
    judge_stored(config, &storage).await?;

    // Before anybody is told that it is ready: a signal that comes at once must drain, not kill.
    let signals = Signals::listen().map_err(|error| Failure::other(format_args!("cannot take signals: {error}")))?;
    welcome(config, address);
    tracing::info!(%address, database = %config.database.url, version = env!("CARGO_PKG_VERSION"), "serving");
    let tending = tokio::spawn(tend(app.clone()));
    let watching = tokio::spawn(keys::watch(keys, config.auth.signing_key_file.clone(), config.deployment.profile));
    let seeing_off = tokio::spawn(see_off(app.clone()));
    let mailing = Mailing::start(app.clone(), mailer, config.mail.retry_policy());
    let listeners = Listeners { api: listener, certificate, redirect };
    let served = confab_http::serve(app, config.http(), listeners, stop(signals)).await;
    mailing.stop(LAST_MAILS).await;
    tending.abort();
    watching.abort();
    seeing_off.abort();
    storage.close().await;
    tracing::info!("stopped");
    served.map_err(|error| Failure::other(format_args!("cannot serve on {address}: {error}")))
}

/// The certificate, where one is named.
fn certificate(config: &Config) -> Result<Option<Certificate>, Failure> {
    if config.tls.certificate_file.is_empty() != config.tls.key_file.is_empty() {
        return Err(Failure::usage("tls.certificate_file and tls.key_file go together: name both, or neither"));
    }
    if config.tls.certificate_file.is_empty() && config.tls.redirect_bind.is_some() {
        return Err(Failure::usage("tls.redirect_bind needs tls.certificate_file and tls.key_file to redirect to"));
    }
    let load = |files| Certificate::load(files).map_err(|error| Failure::other(format_args!("[tls]: {error}")));
    config.tls.files().map(load).transpose()
}

fn listen_at(bind: SocketAddr, setting: &str, remedy: &str) -> Result<TcpListener, Failure> {
    listen(bind).map_err(|error| Failure::other(format_args!("cannot listen on {bind} ({setting}): {error}{remedy}")))
}

/// Writes down, now and then, which sessions are in use, and removes those that have expired.
async fn tend(app: App) {
    let mut interval = tokio::time::interval(TEND_EVERY);
    loop {
        interval.tick().await;
        if let Err(error) = accounts::tend_sessions(&app).await {
            tracing::warn!(%error, "the sessions were not tended");
        }
    }
}

/// Has deleted users leave what they have not left yet, one conversation after the other: it may be stopped between any two.
async fn see_off(app: App) {
    let mut interval = tokio::time::interval(SEE_OFF_EVERY);
    loop {
        interval.tick().await;
        let done = async {
            while users::finish_departures(&app).await? {}
            Ok::<_, Error>(())
        };
        if let Err(error) = done.await {
            tracing::warn!(%error, "a deleted user has yet to leave their conversations");
        }
    }
}

/// A socket that takes connections at this address.
///
/// # Errors
/// Where it cannot be had.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // So that a restart need not wait for old connections to be forgotten. On Windows it would let two servers share.
    socket.set_reuseaddr(cfg!(unix))?;
    socket.bind(address)?;
    socket.listen(BACKLOG)?.into_std()
}

/// Says where it is. Nobody may be there to read it, which is no reason not to serve.
fn welcome(config: &Config, address: SocketAddr) {
    let program = std::env::args().next().unwrap_or_else(|| "confab".to_owned());
    let text = welcome::text(address, config.tls.files().is_some(), &config.database.url, &program);
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Refuses what is not safe in production; tells it in the log elsewhere, in development only what costs data or accounts.
async fn judge_configured(config: &Config) -> Result<(), Failure> {
    let mut found = checks::configured(config);
    if config.deployment.profile == Profile::Production && checks::refuse(&found) {
        // All at once, and not the database's after those are mended.
        found.extend(checks::stored(config).await);
    }
    judge(config, &found)
}

/// The same for what the database tells.
async fn judge_stored(config: &Config, storage: &Storage) -> Result<(), Failure> {
    let Storage::Database(store) = storage else { return Ok(()) };
    let failed = |error: StoreError| crate::storage::failed(&config.database, &error);
    let mut found = checks::durability(store).await.map_err(failed)?;
    if config.deployment.profile == Profile::Production {
        found.extend(checks::documented_passwords(store).await.map_err(failed)?);
    }
    judge(config, &found)
}

fn judge(config: &Config, found: &[Finding]) -> Result<(), Failure> {
    let profile = config.deployment.profile;
    if profile == Profile::Production && checks::refuse(found) {
        let errors = found.iter().filter(|finding| finding.level == Level::Error);
        let lines: Vec<_> = errors.map(|finding| format!("\n  {finding}")).collect();
        return Err(Failure::other(format_args!(
            "production (deployment.profile) does not start on what is not safe:{}",
            lines.concat()
        )));
    }
    for finding in found.iter().filter(|finding| profile != Profile::Development || finding.matters_everywhere()) {
        tracing::warn!(id = finding.id, "{}; {}", finding.problem, finding.remedy);
    }
    Ok(())
}

/// Ready with the first signal. The second one ends the program, whatever it is at.
async fn stop(mut signals: Signals) {
    let signal = signals.next().await;
    tracing::info!(signal, "stopping: no more connections, and requests under way may end");
    tokio::spawn(async move {
        let signal = signals.next().await;
        tracing::warn!(signal, "stopping at once");
        std::process::exit(1);
    });
}
