//! What is committed is in the file for everybody, and what is not committed is for nobody else.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod shared;

use std::fs;
use std::path::Path;

use sea_orm::sqlx::Connection as _;
use shared::{content, execute, open};
use tempfile::TempDir;

const TABLE: &str = "CREATE TABLE rows (id INTEGER PRIMARY KEY, content BLOB)";
const HUNDRED: &str = "WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 100) \
                       INSERT INTO rows (content) SELECT zeroblob(3000) FROM i";
const LONGER: &str = "UPDATE rows SET content = zeroblob(length(content) + 1)";

/// What somebody finds who has the files as they are now, as after a crash.
async fn recovered(path: &Path) -> (i64, i64) {
    let folder = TempDir::new().unwrap();
    let copy = folder.path().join("copy.db");
    for suffix in ["", "-wal"] {
        let with = |path: &Path| format!("{}{suffix}", path.display());
        fs::copy(with(path), with(&copy)).unwrap();
    }
    let mut connection = open(&copy, None).await;
    let content = content(&mut connection).await;
    connection.close().await.unwrap();
    content
}

async fn whatever_is_committed_is_there(synchronous: &'static str) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("confab.db");
    let mut writer = open(&path, Some(confab_sqlite_wal::register().unwrap())).await;
    execute(&mut writer, synchronous).await;
    execute(&mut writer, TABLE).await;
    let mut reader = open(&path, None).await;

    execute(&mut writer, "BEGIN IMMEDIATE").await;
    execute(&mut writer, HUNDRED).await;
    assert_eq!(content(&mut writer).await, (100, 300_000), "what it has written itself");
    assert_eq!(content(&mut reader).await, (0, 0), "what is not committed");
    assert_eq!(recovered(&path).await, (0, 0), "what is not committed");
    execute(&mut writer, "COMMIT").await;
    assert_eq!(content(&mut reader).await, (100, 300_000));
    assert_eq!(recovered(&path).await, (100, 300_000));

    execute(&mut writer, "BEGIN IMMEDIATE").await;
    execute(&mut writer, LONGER).await;
    execute(&mut writer, HUNDRED).await;
    execute(&mut writer, "ROLLBACK").await;
    assert_eq!(content(&mut writer).await, (100, 300_000), "what is taken back");
    assert_eq!(recovered(&path).await, (100, 300_000), "what is taken back");

    // Frames that a transaction writes twice have their checksums corrected once it commits.
    execute(&mut writer, "BEGIN IMMEDIATE").await;
    for _ in 0..3 {
        execute(&mut writer, LONGER).await;
    }
    execute(&mut writer, "COMMIT").await;
    assert_eq!(content(&mut reader).await, (100, 300_300));
    assert_eq!(recovered(&path).await, (100, 300_300));
    execute(&mut writer, "INSERT INTO rows (content) VALUES ('one')").await;
    assert_eq!(content(&mut reader).await, (101, 300_303));
    assert_eq!(recovered(&path).await, (101, 300_303));

    execute(&mut reader, "PRAGMA wal_checkpoint(RESTART)").await;
    execute(&mut writer, "DELETE FROM rows WHERE id > 1").await;
    assert_eq!(content(&mut reader).await, (1, 3003), "the log begins anew");
    assert_eq!(recovered(&path).await, (1, 3003), "the log begins anew");
    execute(&mut writer, "PRAGMA wal_checkpoint(TRUNCATE)").await;
    execute(&mut writer, HUNDRED).await;
    assert_eq!(content(&mut reader).await, (101, 303_003), "the log is cut off");

    reader.close().await.unwrap();
    writer.close().await.unwrap();
    assert!(!folder.path().join("confab.db-wal").exists(), "the last who closes folds the log");
    assert_eq!(content(&mut open(&path, None).await).await, (101, 303_003));
}

#[tokio::test]
async fn where_each_commit_is_synced() {
    whatever_is_committed_is_there("PRAGMA synchronous = FULL").await;
}

#[tokio::test]
async fn where_only_checkpoints_are_synced() {
    whatever_is_committed_is_there("PRAGMA synchronous = NORMAL").await;
}

#[tokio::test]
async fn where_nothing_is_synced() {
    whatever_is_committed_is_there("PRAGMA synchronous = OFF").await;
}
