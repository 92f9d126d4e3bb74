//! Connects to a PostgreSQL server.

use std::time::Duration;

use confab_application::ports::StoreError;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sea_orm::sqlx::{self, Connection as _};
use sea_orm::{DatabaseConnection, SqlxPostgresConnector};

use super::{Pools, failed, refused};
use crate::Options;

/// A connection that lay idle for longer is tested before it is used. Testing each of them each time would cost each
/// request a round trip.
const TESTED_WHEN_IDLE_FOR: Duration = Duration::from_secs(1);

/// How many may read at once through the pool of a thread: while one waits for the database, the thread makes an answer of what
/// the other has read.
const TURNS: u32 = 2;

/// A transaction that nobody goes on with gives up its locks after this.
const IDLE_IN_TRANSACTION_TIMEOUT: Duration = Duration::from_secs(60);

/// Connects, and warns of a server that may lose what it has acknowledged.
pub(super) async fn open(options: &Options) -> Result<Pools, StoreError> {
    let mut server: PgConnectOptions = options.url.parse().map_err(failed)?;
    if server.get_application_name().is_none() {
        server = server.application_name("confab");
    }
    let milliseconds = |duration: Duration| duration.as_millis().to_string();
    let server = server.options([
        // What is read after waiting for a lock must be what the one before has written.
        ("default_transaction_isolation", "read committed".to_owned()),
        // Statements look rows up by key. To plan one anew for each run of it costs more than the run.
        ("plan_cache_mode", "force_generic_plan".to_owned()),
        // Nothing here runs as long as it takes to compile it: a search of a millisecond took 300.
        ("jit", "off".to_owned()),
        ("lock_timeout", milliseconds(options.lock_timeout)),
        ("statement_timeout", milliseconds(options.statement_timeout)),
        ("idle_in_transaction_session_timeout", milliseconds(IDLE_IN_TRANSACTION_TIMEOUT)),
    ]);
    // A connection answers to the thread on which it was opened. With a pool for each thread, no answer has to be carried
    // from one to another. A request may need a second connection while it holds the first.
    let pools = options.threads.min(options.max_connections / 2).max(1);
    let connections = (options.max_connections / pools).max(1);
    let first = pool(options, connections).connect_with(server.clone()).await.map_err(failed)?;
    inspect(&first).await?;
    let lazy = |_| pool(options, connections).connect_lazy_with(server.clone());
    let general: Vec<_> = [first].into_iter().chain((1..pools).map(lazy)).map(sea_orm_pool).collect();
    // Connections of its own, for which it need not queue behind readers. It looks rows up by their keys; a plan made while
    // a table was small, which is kept for as long as the connection, must not read it from end to end.
    let by_key = [("enable_seqscan", "off"), ("enable_hashjoin", "off"), ("enable_mergejoin", "off")];
    let server = server.options(by_key);
    let log = |_| sea_orm_pool(pool(options, 1).connect_lazy_with(server.clone()));
    let alone = (0..pools).map(log).collect();
    let log = (0..options.log_writers.max(1)).map(log).collect();
    Ok(Pools { readers: general.clone(), turns: TURNS, writers: general, log, alone, checkpoints: None })
}

fn sea_orm_pool(pool: PgPool) -> DatabaseConnection {
    SqlxPostgresConnector::from_sqlx_postgres_pool(pool)
}

fn pool(options: &Options, connections: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(options.acquire_timeout)
        .test_before_acquire(false)
        .before_acquire(|connection, metadata| {
            Box::pin(async move {
                if metadata.idle_for >= TESTED_WHEN_IDLE_FOR {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
}

async fn inspect(pool: &PgPool) -> Result<(), StoreError> {
    const SETTINGS: &str = "SELECT current_setting('server_encoding'), current_setting('fsync'), \
                            current_setting('synchronous_commit')";
    let (encoding, fsync, synchronous_commit): (String, String, String) =
        sqlx::query_as(SETTINGS).fetch_one(pool).await.map_err(failed)?;
    if encoding != "UTF8" {
        return Err(refused(&format!("the database's encoding is {encoding}: it must be UTF8")));
    }
    for (setting, value) in [("fsync", fsync), ("synchronous_commit", synchronous_commit)] {
        if value == "off" {
            tracing::warn!("PostgreSQL runs with {setting} off: a power cut may lose acknowledged messages");
        }
    }
    Ok(())
}
