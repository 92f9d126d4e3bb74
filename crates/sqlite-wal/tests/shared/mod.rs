//! Files of SQLite, and what is in them.

use std::path::Path;

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode};
use sea_orm::sqlx::{ConnectOptions as _, Executor as _, query_scalar};

/// A connection to this file, which it makes if it is not there; without a VFS, by the system's.
pub async fn open(path: &Path, vfs: Option<&'static str>) -> SqliteConnection {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .pragma("wal_autocheckpoint", "0")
        // So few pages that a transaction writes some of its frames, and some of them twice, before it commits.
        .pragma("cache_size", "10");
    let options = match vfs {
        Some(vfs) => options.vfs(vfs),
        None => options,
    };
    options.connect().await.unwrap()
}

/// Executes this.
pub async fn execute(connection: &mut SqliteConnection, text: &'static str) {
    connection.execute(text).await.unwrap();
}

/// How many rows `rows` has, and what their lengths come to; of a file that is as it should be.
pub async fn content(connection: &mut SqliteConnection) -> (i64, i64) {
    let check: String = query_scalar("PRAGMA integrity_check").fetch_one(&mut *connection).await.unwrap();
    assert_eq!(check, "ok");
    let count = query_scalar("SELECT count(*) FROM rows").fetch_one(&mut *connection).await.unwrap();
    let length =
        query_scalar("SELECT coalesce(sum(length(content)), 0) FROM rows").fetch_one(connection).await.unwrap();
    (count, length)
}
