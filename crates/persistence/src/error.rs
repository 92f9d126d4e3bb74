//! What a database's error means to the use-cases.

use confab_application::ports::StoreError;
use confab_domain::Inconsistent;
use sea_orm::sqlx::{self, error::DatabaseError, sqlite::SqliteError};
use sea_orm::{DbErr, RuntimeErr};

use crate::constraints;

/// Why something was neither read nor written, before it is known what that means to a use-case.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The database, or the way to it.
    Database(DbErr),
    /// A row that should not exist.
    Corrupt {
        /// The table.
        table: &'static str,
        /// The row.
        id: String,
        /// The column, and what is wrong with it.
        reason: Inconsistent,
    },
}

/// What a driver said. It has no parameters of statements in it, not even for debugging: PostgreSQL quotes them in the
/// details of an error, which sqlx's own type prints.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Cause(String);

impl Cause {
    /// A cause of our own.
    pub(crate) fn new(text: impl Into<String>) -> Box<Self> {
        Box::new(Self(text.into()))
    }

    /// What the driver said.
    pub(crate) fn of(error: &DbErr) -> Box<Self> {
        match driver_error(error) {
            Some(sqlx::Error::Database(error)) => Self::of_database(error.as_ref()),
            Some(error) => Self::new(error.to_string()),
            None => Self::new(error.to_string()),
        }
    }

    fn of_database(error: &dyn DatabaseError) -> Box<Self> {
        let code = error.code().unwrap_or_default();
        // Class 22, data exception: the message quotes the value.
        if is_sqlite(error) || !code.starts_with("22") {
            Self::new(format!("{} (code {code})", error.message()))
        } else {
            Self::new(format!("a value that the database does not take (code {code})"))
        }
    }
}

impl From<DbErr> for Failure {
    fn from(error: DbErr) -> Self {
        Self::Database(error)
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Database(error) => store_error(&error),
            Failure::Corrupt { table, id, reason } => Self::Corrupt { table, id, reason },
        }
    }
}

/// The meaning of an error.
pub(crate) fn store_error(error: &DbErr) -> StoreError {
    if matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_)) {
        return StoreError::Unavailable(Cause::of(error));
    }
    match driver_error(error) {
        Some(sqlx::Error::Database(error)) if is_sqlite(error.as_ref()) => of_sqlite(error.as_ref()),
        Some(sqlx::Error::Database(error)) => of_postgres(error.as_ref()),
        Some(
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed,
        ) => StoreError::Unavailable(Cause::of(error)),
        _ => StoreError::Internal(Cause::of(error)),
    }
}

/// Whether someone else was in the way: a serialization failure, a deadlock, or a lock that was waited for too long, on
/// PostgreSQL.
pub(crate) fn is_contention(error: &DbErr) -> bool {
    match driver_error(error) {
        Some(sqlx::Error::Database(error)) => {
            !is_sqlite(error.as_ref()) && matches!(error.code().as_deref(), Some("40001" | "40P01" | "55P03"))
        }
        _ => false,
    }
}

fn driver_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => Some(error),
        _ => None,
    }
}

fn is_sqlite(error: &dyn DatabaseError) -> bool {
    error.try_downcast_ref::<SqliteError>().is_some()
}

/// By SQLSTATE: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn of_postgres(error: &dyn DatabaseError) -> StoreError {
    let code = error.code().unwrap_or_default();
    match &*code {
        "23505" => match error.constraint().and_then(constraints::by_name) {
            Some(constraint) => StoreError::Conflict(constraint),
            None => StoreError::Internal(Cause::of_database(error)),
        },
        "23503" => StoreError::DanglingReference,
        // Serialization failure, deadlock, lock timeout, statement timeout, idle for too long, and a server that takes
        // no writes, such as one that has just become a standby.
        "40001" | "40P01" | "55P03" | "57014" | "25P03" | "25006" => StoreError::Unavailable(Cause::of_database(error)),
        // The connection, the server's resources, the operator's intervention, the system below.
        _ if ["08", "53", "57P", "58"].iter().any(|class| code.starts_with(class)) => {
            StoreError::Unavailable(Cause::of_database(error))
        }
        _ => StoreError::Internal(Cause::of_database(error)),
    }
}

/// By extended result code: <https://www.sqlite.org/rescode.html>.
fn of_sqlite(error: &dyn DatabaseError) -> StoreError {
    const PRIMARY: u32 = 0xff;
    let code: u32 = error.code().and_then(|code| code.parse().ok()).unwrap_or_default();
    match code {
        // CONSTRAINT_PRIMARYKEY, CONSTRAINT_UNIQUE.
        1555 | 2067 => match constraints::by_sqlite_message(error.message()) {
            Some(constraint) => StoreError::Conflict(constraint),
            None => StoreError::Internal(Cause::of_database(error)),
        },
        // CONSTRAINT_FOREIGNKEY, and CONSTRAINT_TRIGGER, which is how a row that others refer to is kept; any other trigger
        // has words of its own.
        787 => StoreError::DanglingReference,
        1811 if error.message() == "FOREIGN KEY constraint failed" => StoreError::DanglingReference,
        // BUSY, LOCKED, NOMEM, READONLY, IOERR, FULL, CANTOPEN, PROTOCOL.
        _ if matches!(code & PRIMARY, 5..=8 | 10 | 13..=15) => StoreError::Unavailable(Cause::of_database(error)),
        _ => StoreError::Internal(Cause::of_database(error)),
    }
}
