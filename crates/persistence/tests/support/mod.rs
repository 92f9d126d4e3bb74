//! Fresh databases for tests.

pub mod postgres;
pub mod sqlite;

use confab_persistence::{Options, SeaOrmStore};
use sea_orm::sqlx;

/// A database of a test's own, which goes when this is dropped.
pub trait Place: Sized {
    /// A new, empty one.
    async fn new() -> Self;

    /// How to open it.
    fn options(&self) -> Options;

    /// Does something to it that no store would.
    async fn try_execute(&self, sql: &str) -> sqlx::Result<()>;

    /// The same, which must succeed.
    async fn execute(&self, sql: &str) {
        self.try_execute(sql).await.unwrap();
    }

    /// The name of each table's each column, but for those of tables that the database itself makes.
    async fn columns(&self) -> Vec<(String, String)>;

    /// How many rows of a table are so.
    async fn count(&self, table: &str, condition: &str) -> i64;

    /// Has it refuse messages with this text, as no rule of ours does.
    async fn forbid(&self, text: &str);

    /// A store on it, whose schema stays as it is.
    async fn open(&self) -> SeaOrmStore {
        SeaOrmStore::connect(&self.options()).await.unwrap()
    }

    /// A store on it, migrated.
    async fn store(&self) -> SeaOrmStore {
        let store = self.open().await;
        store.migrate_up().await.unwrap();
        store
    }
}
