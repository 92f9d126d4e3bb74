//! The kinds of storage that a server can stand on.

use std::sync::atomic::{AtomicU32, Ordering};

use sea_orm::{ConnectionTrait as _, Database};

/// A kind of storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// In the memory of the test's own process.
    Memory,
    /// A file in the server's folder.
    Sqlite,
    /// A new database on the server that `cargo xtask test` has started.
    Postgres,
}

impl Backend {
    /// In memory.
    pub const fn memory() -> Self {
        Self::Memory
    }

    /// On SQLite.
    pub const fn sqlite() -> Self {
        Self::Sqlite
    }

    /// On PostgreSQL.
    pub const fn postgres() -> Self {
        Self::Postgres
    }

    /// The URL of a new, empty database for a server whose folder this is.
    pub(crate) async fn new_database(self) -> String {
        match self {
            Self::Memory => "memory:".to_owned(),
            Self::Sqlite => "sqlite://data/confab.db".to_owned(),
            Self::Postgres => {
                static COUNT: AtomicU32 = AtomicU32::new(0);
                let server = std::env::var("CONFAB_TEST_POSTGRES_URL").expect(
                    "CONFAB_TEST_POSTGRES_URL is not set: run `cargo xtask test`, which starts a PostgreSQL server",
                );
                let name = format!("confab_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
                let connection = Database::connect(&server).await.expect("the PostgreSQL server of the tests");
                connection.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
                connection.close().await.unwrap();
                let (base, _) = server.rsplit_once('/').expect("a URL that ends in a database");
                format!("{base}/{name}")
            }
        }
    }
}
