//! An acknowledged message has gone to the disk, by counting: with one client, at least one fsync or fdatasync for each.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use std::path::Path;

use confab_tests::{Backend, Person, Server, ServerOptions, cluster};
use sea_orm::{ConnectionTrait as _, Database, DbBackend, Statement};

const MESSAGES: usize = 50;

/// Traces the server and not whoever starts it, which is why it can be stopped like any other (-D).
const STRACE: &[&str] = &["strace", "-D", "-f", "-qq", "-e", "trace=fsync,fdatasync", "-o", "syncs"];

async fn say(ada: &Person, group: &str) {
    for n in 0..MESSAGES {
        ada.say(group, &format!("message {n}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_syncs_for_each_message() {
    let server = Server::with(Backend::Sqlite, ServerOptions { tracer: STRACE, ..ServerOptions::default() }).await;
    let ada = server.person("ada", "host").await;
    let group = ada.create_group("Engines", &[]).await;
    let before = syncs(server.folder());
    say(&ada, &group).await;
    let syncs = syncs(server.folder()) - before;
    println!("{MESSAGES} messages, one after the other, on SQLite: {syncs} times fsync or fdatasync");
    assert!(syncs >= MESSAGES, "{syncs} for {MESSAGES} messages");
}

/// How many have succeeded so far. A line is written before the call returns to the server.
fn syncs(folder: &Path) -> usize {
    let log = std::fs::read_to_string(folder.join("syncs")).unwrap_or_else(|error| panic!("strace: {error}"));
    log.lines().filter(|line| line.contains("sync") && line.ends_with("= 0")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_syncs_for_each_message() {
    let database = cluster().await;
    let mut server = Server::with(Backend::Postgres, ServerOptions::default().on(database.url())).await;
    let mut ada = server.person("ada", "host").await;
    let group = ada.create_group("Engines", &[]).await;
    // A connection tells its counts at the latest when it ends, so they are complete while no server runs.
    stop(&mut server);
    let before = wal_syncs(&database.url()).await;
    server.restart();
    ada.api = server.api();
    say(&ada, &group).await;
    stop(&mut server);
    let syncs = wal_syncs(&database.url()).await - before;
    println!("{MESSAGES} messages, one after the other, on PostgreSQL: {syncs} times fsync or fdatasync");
    assert!(syncs >= MESSAGES as i64, "{syncs} for {MESSAGES} messages");
}

fn stop(server: &mut Server) {
    server.process().signal("TERM");
    assert!(server.process().wait().success());
}

/// How often the log has been synced so far.
async fn wal_syncs(url: &str) -> i64 {
    const IN_18: i32 = 180_000;
    let connection = Database::connect(url).await.unwrap();
    let ask = async |query: &str| {
        let row = connection.query_one_raw(Statement::from_string(DbBackend::Postgres, query)).await.unwrap();
        row.unwrap()
    };
    let version: i32 = ask("SELECT current_setting('server_version_num')::int").await.try_get_by_index(0).unwrap();
    let count = if version < IN_18 {
        "SELECT wal_sync FROM pg_stat_wal"
    } else {
        "SELECT sum(fsyncs)::bigint FROM pg_stat_io WHERE object = 'wal'"
    };
    ask(count).await.try_get_by_index(0).unwrap()
}
