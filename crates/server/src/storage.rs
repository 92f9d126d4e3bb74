//! The storage that the configuration asks for.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use confab_application::ports::{MessageLog, Store, StoreError};
use confab_memory::MemoryStore;
use confab_persistence::{Migration, Options, SeaOrmStore};

use crate::config::{Database, DatabaseUrl};
use crate::failure::{Failure, causes};

/// How long it may take to close a database's connections.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// Storage that is open.
pub enum Storage {
    /// In memory.
    Memory(Arc<MemoryStore>),
    /// In a database.
    Database(Arc<SeaOrmStore>),
}

impl Storage {
    /// Opens storage for so many threads, and brings its tables up to date, or checks that they are.
    ///
    /// # Errors
    /// Where it cannot be opened, or its tables are not up to date and may not be brought there.
    pub async fn open(config: &Database, threads: u32) -> Result<Self, Failure> {
        if config.url == DatabaseUrl::Memory {
            return Ok(Self::Memory(Arc::new(MemoryStore::new())));
        }
        let store = connect(config, threads).await?;
        if config.migrate_on_start {
            for name in store.migrate_up().await.map_err(|error| failed(config, &error))? {
                tracing::info!(migration = name, "changed the database's tables");
            }
        } else {
            refuse_pending(&store.migrations().await.map_err(|error| failed(config, &error))?)?;
        }
        Ok(Self::Database(Arc::new(store)))
    }

    /// What the use-cases work on.
    pub fn store(&self) -> Arc<dyn Store> {
        match self {
            Self::Memory(store) => Arc::<MemoryStore>::clone(store),
            Self::Database(store) => Arc::<SeaOrmStore>::clone(store),
        }
    }

    /// Where they append messages.
    pub fn log(&self) -> Arc<dyn MessageLog> {
        match self {
            Self::Memory(store) => Arc::<MemoryStore>::clone(store),
            Self::Database(store) => Arc::<SeaOrmStore>::clone(store),
        }
    }

    /// Lets go of it.
    pub async fn close(self) {
        if let Self::Database(store) = self
            && tokio::time::timeout(CLOSE_TIMEOUT, store.close()).await.is_err()
        {
            tracing::warn!("the database's connections did not close in time");
        }
    }
}

/// Whether opening this database makes nothing: SQLite makes the file that it is asked to open.
pub fn exists(url: &str) -> bool {
    match url.strip_prefix("sqlite:") {
        None => true,
        Some(rest) => {
            let path = rest.strip_prefix("//").unwrap_or(rest);
            Path::new(path.split('?').next().unwrap_or(path)).exists()
        }
    }
}

/// Opens a database for so many threads, whatever the state of its tables.
///
/// # Errors
/// Where there is none to open.
pub async fn connect(config: &Database, threads: u32) -> Result<SeaOrmStore, Failure> {
    let url = lasting(config)?;
    let options = Options {
        max_connections: config.max_connections.as_u32(),
        log_writers: config.log_writers(),
        threads,
        acquire_timeout: Duration::from_secs(config.acquire_timeout_seconds.get()),
        ..Options::new(url)
    };
    SeaOrmStore::connect(&options)
        .await
        .map_err(|error| Failure::other(format_args!("cannot open {} (database.url): {}", config.url, causes(&error))))
}

/// The URL of storage that outlives this program.
///
/// # Errors
/// Where it is memory, on which some commands would do nothing.
pub fn lasting(config: &Database) -> Result<&str, Failure> {
    match &config.url {
        DatabaseUrl::Url(url) => Ok(url),
        DatabaseUrl::Memory => {
            Err(Failure::usage("database.url is memory:, which this command can do nothing with; name a database"))
        }
    }
}

/// The failure of a database that is open.
pub fn failed(config: &Database, error: &StoreError) -> Failure {
    Failure::other(format_args!("{} (database.url) failed: {}", config.url, causes(error)))
}

fn refuse_pending(migrations: &[Migration]) -> Result<(), Failure> {
    let pending: Vec<_> = migrations.iter().filter(|step| !step.applied).map(|step| step.name.as_str()).collect();
    if pending.is_empty() {
        return Ok(());
    }
    Err(Failure::other(format_args!(
        "the database's tables are not up to date: {} pending\nrun `confab migrate up`, or set \
         database.migrate_on_start = true",
        pending.join(", ")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_that_are_not_up_to_date_are_refused_with_the_remedy() {
        let step = |name: &str, applied| Migration { name: name.to_owned(), applied };
        assert!(refuse_pending(&[step("one", true), step("two", true)]).is_ok());
        let failure = refuse_pending(&[step("one", true), step("two", false), step("three", false)]).unwrap_err();
        let message = format!("{failure:?}");
        assert!(message.contains("two, three pending") && message.contains("confab migrate up"), "{message}");
    }
}
