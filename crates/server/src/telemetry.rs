//! What is written of what happens, on standard error.

use std::io::{self, IsTerminal as _};
use std::panic;

use tracing_subscriber::{EnvFilter, fmt};

use crate::config::{Log, LogFormat};
use crate::failure::Failure;

/// What is not told unless the filter asks for it: what SeaORM's migrator is about to do, which we tell once it is
/// committed, and PostgreSQL's remarks that a table is there already.
const QUIET: &str = "sea_orm_migration=warn,sqlx::postgres::notice=warn";

/// Starts to log.
///
/// # Errors
/// Where the filter is none.
pub fn start(log: &Log) -> Result<(), Failure> {
    let filter = EnvFilter::builder()
        .parse(format!("{QUIET},{}", log.filter))
        .map_err(|error| Failure::usage(format_args!("log.filter is not a log filter: {error}")))?;
    let subscriber = fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    match log.format {
        LogFormat::Text => subscriber.init(),
        // Every span with its fields, the outermost first: the request's id is among them.
        LogFormat::Json => subscriber.json().flatten_event(true).with_current_span(false).with_span_list(true).init(),
    }
    // A panic is a line of the log like any other, with the request that it belongs to.
    panic::set_hook(Box::new(|panic| tracing::error!(%panic, "a part of the program panicked")));
    Ok(())
}
