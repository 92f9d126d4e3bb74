//! A database of its own on the server that `CONFAB_TEST_POSTGRES_URL` names.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use confab_persistence::{Options, SeaOrmStore};
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::{self, AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, PgConnection};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::Place;

const VARIABLE: &str = "CONFAB_TEST_POSTGRES_URL";

/// So many databases at once, each with a few connections, are what the server has connections for.
static PLACES: Semaphore = Semaphore::const_new(24);

/// A database that is dropped when this is.
pub struct Database {
    name: String,
    _place: SemaphorePermit<'static>,
}

impl Database {
    /// One that is there already, to drop it in the end.
    pub async fn existing(name: String) -> Self {
        Self { name, _place: PLACES.acquire().await.unwrap() }
    }

    /// A connection beside all stores, which may do anything.
    pub async fn connection(&self) -> PgConnection {
        server().database(&self.name).connect().await.unwrap()
    }

    /// Ends every connection, and takes no new one.
    pub async fn go_away(&self) {
        admin(&format!("ALTER DATABASE {} ALLOW_CONNECTIONS false", self.name)).await;
        let end = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname";
        admin(&format!("{end} = '{}'", self.name)).await;
    }

    /// Takes connections again.
    pub async fn come_back(&self) {
        admin(&format!("ALTER DATABASE {} ALLOW_CONNECTIONS true", self.name)).await;
    }
}

impl Place for Database {
    async fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("confab_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let database = Self::existing(name).await;
        admin(&format!("CREATE DATABASE {}", database.name)).await;
        database
    }

    fn options(&self) -> Options {
        let url = server().database(&self.name).to_url_lossy();
        Options { max_connections: 8, ..Options::new(url) }
    }

    async fn try_execute(&self, sql: &str) -> sqlx::Result<()> {
        self.connection().await.execute(AssertSqlSafe(sql)).await.map(|_| ())
    }

    async fn columns(&self) -> Vec<(String, String)> {
        let of_tables = "SELECT table_name::text, column_name::text FROM information_schema.columns \
             WHERE table_schema = current_schema()";
        sqlx::query_as(of_tables).fetch_all(&mut self.connection().await).await.unwrap()
    }

    async fn count(&self, table: &str, condition: &str) -> i64 {
        let count = format!("SELECT count(*) FROM {table} WHERE {condition}");
        sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(&mut self.connection().await).await.unwrap()
    }

    async fn forbid(&self, text: &str) {
        self.execute(&format!("ALTER TABLE messages ADD CONSTRAINT forbidden CHECK (body <> '{text}')")).await;
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let name = std::mem::take(&mut self.name);
        // On a thread of its own, for the one at hand may be a runtime's.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(admin(&format!("DROP DATABASE {name} WITH (FORCE)")));
        });
        if dropped.join().is_err() {
            eprintln!("a test's database was not dropped");
        }
    }
}

/// What the suite takes.
pub async fn fresh() -> (Arc<SeaOrmStore>, Database) {
    let database = Database::new().await;
    (Arc::new(database.store().await), database)
}

fn server() -> PgConnectOptions {
    let url = std::env::var(VARIABLE);
    let url = url.unwrap_or_else(|_| panic!("{VARIABLE} names no PostgreSQL server: run `cargo xtask test`"));
    url.parse().unwrap()
}

/// Does something on the server, outside the database.
pub async fn admin(sql: &str) {
    let mut connection: PgConnection = server().connect().await.unwrap();
    connection.execute(AssertSqlSafe(sql)).await.unwrap();
    connection.close().await.unwrap();
}
