//! Servers to compare the product with. They are wired as it is, and are no part of it.

mod echo;
mod raw;
mod transactions;

pub use echo::serve_echo;
pub use raw::{Source, serve_raw};
pub use transactions::TransactionLog;

use std::net::SocketAddr;

use confab::commands::serve;
use confab::config::Config;
use confab::keys;
use confab_security::Keyring;

use crate::Result;

/// Serves the product with a transaction for each message.
///
/// # Errors
/// Where it cannot be served.
pub async fn serve_transactions(config: &Config) -> Result<()> {
    let change = |app: confab_application::App| {
        let log = std::sync::Arc::new(TransactionLog::new(std::sync::Arc::clone(&app.store)));
        confab_application::App { log, ..app }
    };
    serve::run_with(config, change).await.map_err(|failure| format!("{failure:?}").into())
}

/// The product's keys.
fn signing_keys(config: &Config) -> Result<std::sync::Arc<Keyring>> {
    keys::open(config).map_err(|failure| format!("{failure:?}").into())
}

/// A socket like the product's; says where it listens.
fn listen(config: &Config) -> Result<std::net::TcpListener> {
    let listener = serve::listen(config.server.bind)?;
    let address: SocketAddr = listener.local_addr()?;
    println!("listening on http://{address}");
    Ok(listener)
}

/// As many workers as the product has.
fn workers(config: &Config) -> Result<usize> {
    Ok(match config.http().workers {
        0 => std::thread::available_parallelism()?.get(),
        workers => workers,
    })
}
