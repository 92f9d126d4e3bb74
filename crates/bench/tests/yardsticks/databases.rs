//! A database for one test.

use std::sync::atomic::{AtomicU32, Ordering};

use confab_bench::stage::{Backend, Database, Places};
use confab_persistence::{Options, SeaOrmStore};
use tempfile::TempDir;
use tokio::sync::{Semaphore, SemaphorePermit};

/// So many databases at once are what the server has connections for.
static AT_ONCE: Semaphore = Semaphore::const_new(12);

/// A database that goes when this is dropped.
pub struct Fresh {
    pub database: Database,
    places: Places,
    _folder: TempDir,
    _permit: SemaphorePermit<'static>,
}

impl Fresh {
    pub async fn new(backend: Backend) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let permit = AT_ONCE.acquire().await.unwrap();
        let folder = TempDir::new().unwrap();
        let postgres = std::env::var("CONFAB_TEST_POSTGRES_URL")
            .unwrap_or_else(|_| panic!("CONFAB_TEST_POSTGRES_URL names no PostgreSQL server: run `cargo xtask test`"));
        let scratch = folder.path().to_owned();
        let places = Places { binaries: scratch.clone(), postgres, programs: scratch.clone(), scratch };
        let name = format!("confab_bench_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let database = Database::create(&places, backend, &name).await.unwrap();
        Self { database, places, _folder: folder, _permit: permit }
    }

    /// The product's store on it, with its tables.
    pub async fn store(&self) -> SeaOrmStore {
        let options = Options { max_connections: 8, ..Options::new(self.database.url()) };
        let store = SeaOrmStore::connect(&options).await.unwrap();
        store.migrate_up().await.unwrap();
        store
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        let (database, places) = (self.database.clone(), self.places.clone());
        // On a thread of its own, for the one at hand may be a runtime's.
        let removed = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(database.remove(&places)).unwrap();
        });
        if removed.join().is_err() {
            eprintln!("a test's database was not removed");
        }
    }
}
