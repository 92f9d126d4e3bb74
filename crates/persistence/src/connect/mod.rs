//! Opens a database.

mod postgres;
pub(crate) mod sqlite;

use confab_application::ports::StoreError;
use sea_orm::{DatabaseConnection, DbErr, RuntimeErr, sqlx};

use crate::Options;
use crate::error::{Cause, store_error};

/// The pools of a database.
pub(crate) struct Pools {
    /// Where reads go: one for each of the threads that serve, or more of them. On SQLite they are one and the same.
    pub(crate) readers: Vec<DatabaseConnection>,
    /// How many may read through each of them at once.
    pub(crate) turns: u32,
    /// Where transactions go. On PostgreSQL the readers themselves.
    pub(crate) writers: Vec<DatabaseConnection>,
    /// Where the message log goes: one for each of its writers. On SQLite the one that writes.
    pub(crate) log: Vec<DatabaseConnection>,
    /// Where a thread that serves writes a message by itself: one for each of them. On SQLite the one that writes.
    pub(crate) alone: Vec<DatabaseConnection>,
    /// Where SQLite's write-ahead log is folded into its file beside those that write.
    pub(crate) checkpoints: Option<DatabaseConnection>,
}

/// Opens the database that the options name.
pub(crate) async fn open(options: &Options) -> Result<Pools, StoreError> {
    match options.url.split_once(':') {
        Some(("sqlite", _)) => sqlite::open(options).await,
        Some(("postgres" | "postgresql", _)) => postgres::open(options).await,
        _ => Err(refused("the database's URL begins with neither `sqlite:` nor `postgres:`")),
    }
}

/// The options are not good.
fn refused(reason: &str) -> StoreError {
    StoreError::Internal(Cause::new(reason))
}

/// The database cannot be opened.
fn failed(error: sqlx::Error) -> StoreError {
    match error {
        sqlx::Error::Configuration(reason) => refused(&format!("the database's URL is no good: {reason}")),
        error => store_error(&DbErr::Conn(RuntimeErr::SqlxError(error.into()))),
    }
}
