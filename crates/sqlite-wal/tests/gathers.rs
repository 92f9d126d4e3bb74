//! A commit of many pages is few calls to the system. Alone in its process, whose calls it counts.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod shared;

use shared::{content, execute, open};

fn calls() -> u64 {
    let io = std::fs::read_to_string("/proc/self/io").unwrap();
    io.lines().find_map(|line| line.strip_prefix("syscw: ")).unwrap().parse().unwrap()
}

async fn calls_of_a_commit(vfs: Option<&'static str>) -> u64 {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("confab.db");
    let mut connection = open(&path, vfs).await;
    execute(&mut connection, "PRAGMA cache_size = 1000; CREATE TABLE rows (id INTEGER PRIMARY KEY, content BLOB)")
        .await;
    let before = calls();
    execute(
        &mut connection,
        "WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 400) \
         INSERT INTO rows SELECT n, zeroblob(3000) FROM i",
    )
    .await;
    let calls = calls() - before;
    assert_eq!(content(&mut open(&path, None).await).await, (400, 1_200_000));
    calls
}

#[tokio::test]
async fn a_commit_of_many_pages_is_few_calls() {
    let gathered = calls_of_a_commit(Some(confab_sqlite_wal::register().unwrap())).await;
    let single = calls_of_a_commit(None).await;
    assert!(single > 800 && gathered < 50, "{gathered} calls, {single} of the system's VFS");
}
