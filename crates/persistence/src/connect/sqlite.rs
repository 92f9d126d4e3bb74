//! Opens an SQLite file: one connection that writes, and a pool of those that read.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use confab_application::ports::StoreError;
use sea_orm::SqlxSqliteConnector;
use sea_orm::sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sea_orm::sqlx::{self, Connection as _, Executor as _};

use super::{Pools, failed, refused};
use crate::Options;
use crate::error::Cause;

/// How long the write-ahead log grows before the connection that writes folds what is left of it into the file, and begins it
/// anew, in pages of 4 KiB: 64 MiB. While many messages are written, others fold most of it before.
pub(crate) const WAL_PAGES: i64 = 16384;

/// What the connection that writes remembers of the file, in KiB, less than zero as SQLite wants it: 16 MiB. A commit may have to
/// go through all of it, so that more is slower (docs/performance.md).
const WRITER_CACHE: &str = "-16380";

/// Where a batch of messages notes to which conversations it does not write; for the connection alone, and in memory.
const STALE: &str = "PRAGMA temp_store = MEMORY; \
                     CREATE TEMP TABLE stale (conversation_id BLOB PRIMARY KEY) WITHOUT ROWID";

/// Opens the file, and makes it and its folder if they are not there.
pub(super) async fn open(options: &Options) -> Result<Pools, StoreError> {
    let path = options.url.trim_start_matches("sqlite:").trim_start_matches("//");
    if path.is_empty() || path.contains(":memory:") || path.contains('?') {
        return Err(refused(
            "an SQLite database is a file, given as `sqlite://path/of/the/file` without parameters: a database in \
             memory would lose every message",
        ));
    }
    let file: SqliteConnectOptions = options.url.parse().map_err(failed)?;
    create(file.get_filename())
        .map_err(|error| StoreError::Unavailable(Cause::new(format!("the database's file: {error}"))))?;

    let file = file
        .foreign_keys(true)
        .busy_timeout(options.lock_timeout)
        // An acknowledged message is on disk. NORMAL would sync nothing until a checkpoint.
        .synchronous(SqliteSynchronous::Full)
        // What is deleted is overwritten, not only forgotten.
        .pragma("secure_delete", "ON")
        // A batch of messages changes pages all over the file. The more batches a checkpoint folds into it, the fewer
        // pages are written twice.
        .pragma("wal_autocheckpoint", WAL_PAGES.to_string());
    let vfs = confab_sqlite_wal::register().map_err(|error| StoreError::Internal(Cause::new(error.to_string())))?;
    let writers = open_writer(
        options,
        file.clone().vfs(vfs).journal_mode(SqliteJournalMode::Wal).pragma("cache_size", WRITER_CACHE),
    )
    .await?;
    let readers = pool(options, options.max_connections).connect_with(file.pragma("query_only", "ON"));
    let readers = readers.await.map_err(failed)?;
    let readers = SqlxSqliteConnector::from_sqlx_sqlite_pool(readers);
    let writers = SqlxSqliteConnector::from_sqlx_sqlite_pool(writers);
    // The same connections for all threads, but turns of its own for each: one that ends goes to a request of the same thread, which is
    // awake, where a request of another thread would leave it unused until that one has time.
    let turns = options.max_connections.div_ceil(2).max(1);
    let threads = options.threads.clamp(1, turns);
    Ok(Pools {
        turns: turns.div_ceil(threads),
        log: vec![writers.clone()],
        alone: vec![writers.clone()],
        checkpoints: Some(readers.clone()),
        readers: vec![readers; threads as usize],
        writers: vec![writers],
    })
}

/// Opens the connection that writes, which also turns the file to write-ahead logging. For that, SQLite does not wait
/// until another process that does the same at this moment is done: it says at once that the file is locked.
async fn open_writer(options: &Options, file: SqliteConnectOptions) -> Result<SqlitePool, StoreError> {
    const LOCKED: &str = "5";
    const PAUSE: Duration = Duration::from_millis(5);
    let begun = Instant::now();
    loop {
        let writers = pool(options, 1)
            .after_connect(|connection, _| Box::pin(async move { connection.execute(STALE).await.map(drop) }));
        match writers.connect_with(file.clone()).await {
            Err(sqlx::Error::Database(error))
                if error.code().as_deref() == Some(LOCKED) && begun.elapsed() < options.lock_timeout =>
            {
                tokio::time::sleep(PAUSE).await;
            }
            opened => return opened.map_err(failed),
        }
    }
}

fn pool(options: &Options, connections: u32) -> SqlitePoolOptions {
    // A connection to a file does not break with time, so it is neither tested nor replaced.
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(options.acquire_timeout)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        // A transaction that fails for want of disk is rolled back by SQLite itself, and the driver's own rollback then
        // fails. To the driver it goes on for ever: what is written later would be acknowledged and never committed. So
        // a connection that has not left its last transaction is closed.
        .before_acquire(|connection, _| {
            Box::pin(async move {
                if connection.is_in_transaction() {
                    // Waits until a rollback that is under way is done.
                    connection.ping().await?;
                }
                Ok(!connection.is_in_transaction())
            })
        })
}

/// Makes the file, for the eyes of its owner only. SQLite gives the files beside it the same mode.
fn create(path: &Path) -> io::Result<()> {
    // To close a file drops whatever locks SQLite holds on it in this process. So one that is there is not opened, and
    // no other thread goes on to open the new one before it is closed.
    static CREATING: Mutex<()> = Mutex::new(());
    let _creating = CREATING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = OpenOptions::new();
    file.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    match file.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, Statement};

    use super::*;

    async fn pragma(connection: &DatabaseConnection, name: &str) -> String {
        let select = format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}");
        let row = connection.query_one_raw(Statement::from_string(DbBackend::Sqlite, select)).await.unwrap();
        row.unwrap().try_get_by_index(0).unwrap()
    }

    #[tokio::test]
    async fn what_keeps_messages_safe_is_in_force_on_every_connection() {
        let folder = tempfile::TempDir::new().unwrap();
        let options = Options::new(format!("sqlite://{}/confab.db", folder.path().display()));
        let pools = open(&options).await.unwrap();
        for (connection, query_only) in [(&pools.writers[0], "0"), (&pools.readers[0], "1")] {
            assert_eq!(pragma(connection, "journal_mode").await, "wal");
            assert_eq!(pragma(connection, "synchronous").await, "2", "FULL");
            assert_eq!(pragma(connection, "foreign_keys").await, "1");
            assert_eq!(pragma(connection, "secure_delete").await, "1");
            assert_eq!(pragma(connection, "query_only").await, query_only);
            let select = "SELECT timeout FROM pragma_busy_timeout";
            let row = connection.query_one_raw(Statement::from_string(DbBackend::Sqlite, select)).await.unwrap();
            assert_eq!(row.unwrap().try_get_by_index::<i32>(0).unwrap(), 5000);
        }
        assert!(pools.readers[0].execute_unprepared("CREATE TABLE x (y)").await.is_err());
        pools.writers[0].execute_unprepared("CREATE TABLE x (y)").await.unwrap();
    }
}
