//! An SQLite file in a temporary folder.

use std::path::PathBuf;
use std::sync::Arc;

use confab_persistence::{Options, SeaOrmStore};
use sea_orm::sqlx::{self, AssertSqlSafe, Connection as _, Executor as _, SqliteConnection};
use tempfile::TempDir;

use super::Place;

/// A file that is removed with its folder when this is dropped.
pub struct File(TempDir);

impl File {
    /// Where the file is.
    pub fn path(&self) -> PathBuf {
        self.0.path().join("folder").join("confab.db")
    }

    /// A connection beside all stores, which may do anything.
    pub async fn connection(&self) -> SqliteConnection {
        SqliteConnection::connect(&self.options().url).await.unwrap()
    }
}

impl Place for File {
    async fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn options(&self) -> Options {
        Options { max_connections: 4, ..Options::new(format!("sqlite://{}", self.path().display())) }
    }

    async fn try_execute(&self, sql: &str) -> sqlx::Result<()> {
        self.connection().await.execute(AssertSqlSafe(sql)).await.map(|_| ())
    }

    async fn columns(&self) -> Vec<(String, String)> {
        // Those of kind `shadow` are where SQLite keeps a virtual table.
        let of_tables = "SELECT t.name, c.name FROM pragma_table_list t, pragma_table_info(t.name) c \
             WHERE t.schema = 'main' AND t.type IN ('table', 'virtual') AND t.name NOT LIKE 'sqlite_%'";
        sqlx::query_as(of_tables).fetch_all(&mut self.connection().await).await.unwrap()
    }

    async fn count(&self, table: &str, condition: &str) -> i64 {
        let count = format!("SELECT count(*) FROM {table} WHERE {condition}");
        sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(&mut self.connection().await).await.unwrap()
    }

    async fn forbid(&self, text: &str) {
        let trigger = "CREATE TRIGGER forbidden BEFORE INSERT ON messages";
        self.execute(&format!("{trigger} WHEN new.body = '{text}' BEGIN SELECT RAISE(ABORT, 'no'); END")).await;
    }
}

/// What the suite takes.
pub async fn fresh() -> (Arc<SeaOrmStore>, File) {
    let file = File::new().await;
    (Arc::new(file.store().await), file)
}
