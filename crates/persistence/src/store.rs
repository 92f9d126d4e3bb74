//! The store.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use confab_application::ports::{
    AccountReader, AuditReader, ConversationReader, EventReader, ExportReader, FormerHistory, InspectedHistory,
    MailReader, MessageReader, MessageSearcher, PeopleReader, ReportReader, SessionReader, Store, StoreError,
    Transaction,
};
use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode, TransactionOptions,
    TransactionTrait as _,
};

use crate::connect::{self, Pools};
use crate::connection::Connection;
use crate::conversations::catching_up::CatchingUp;
use crate::error::{Cause, store_error};
use crate::log::Log;
use crate::{Options, migrations};

/// Keeps everything in SQLite or PostgreSQL.
pub struct SeaOrmStore {
    readers: Vec<Connection<DatabaseConnection>>,
    pools: Pools,
    log: Log,
}

impl SeaOrmStore {
    /// Opens a database. An SQLite file that does not exist is made. The schema stays as it is: see
    /// [`SeaOrmStore::migrate_up`].
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where the database cannot be reached; [`StoreError::Internal`] where the URL is no
    /// good, or the database cannot keep every text.
    pub async fn connect(options: &Options) -> Result<Self, StoreError> {
        let pools = connect::open(options).await?;
        let log = Log::new(&pools.log, pools.checkpoints.as_ref(), options).map_err(|error| {
            StoreError::Internal(Cause::new(format!("a thread that writes messages cannot be started: {error}")))
        })?;
        let catching_up =
            CatchingUp::new(of_this_thread(&pools.readers).clone(), of_this_thread(&pools.writers).clone());
        let pool = |pool: &DatabaseConnection| {
            Connection::pool(pool.clone(), pools.turns, options.acquire_timeout, Arc::clone(&catching_up))
        };
        Ok(Self { readers: pools.readers.iter().map(pool).collect(), pools, log })
    }

    /// What database it is: `sqlite` or `postgres`.
    pub fn backend(&self) -> &'static str {
        match self.writers().get_database_backend() {
            DbBackend::Sqlite => "sqlite",
            _ => "postgres",
        }
    }

    /// How many messages wait for the commit that they will share, those of the commits under way not counted.
    pub fn waiting_messages(&self) -> usize {
        self.log.waiting()
    }

    /// Waits for the messages that were taken and for the statements that run, and closes every connection. Whatever is
    /// asked for later is [`StoreError::Unavailable`].
    pub async fn close(&self) {
        self.log.close().await;
        // The one that writes comes last, to fold SQLite's log into its file.
        let Pools { readers, alone, log, writers, .. } = &self.pools;
        for pool in readers.iter().chain(alone).chain(log).chain(writers) {
            if let Err(error) = pool.close_by_ref().await {
                tracing::warn!(%error, "a database connection was not closed");
            }
        }
    }

    pub(crate) const fn log(&self) -> &Log {
        &self.log
    }

    pub(crate) fn readers(&self) -> &DatabaseConnection {
        self.reader().raw()
    }

    pub(crate) fn reader(&self) -> &Connection<DatabaseConnection> {
        of_this_thread(&self.readers)
    }

    fn writers(&self) -> &DatabaseConnection {
        of_this_thread(&self.pools.writers)
    }

    /// Where this thread writes the messages that it need not leave to a writer.
    pub(crate) fn alone(&self) -> &DatabaseConnection {
        of_this_thread(&self.pools.alone)
    }

    pub(crate) async fn begin_raw(&self) -> Result<DatabaseTransaction, StoreError> {
        // SQLite: one that began to read could no longer begin to write once another has written.
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let writers = self.writers().clone();
        // Not to be given up half-way: sqlx would put a PostgreSQL connection back into its pool with the transaction
        // open. A task goes on when nobody waits for it, and then rolls back.
        let begun = tokio::spawn(async move { writers.begin_with_options(options).await }).await;
        begun.map_err(|error| StoreError::Internal(Cause::new(error.to_string())))?.map_err(|error| store_error(&error))
    }
}

/// The one for the thread that asks. Threads are counted as they come, so that each of those that serve has its own, as far
/// as there are that many.
#[expect(
    clippy::indexing_slicing,
    reason = "a store has a pool of each kind, and the remainder is smaller than their number"
)]
fn of_this_thread<T>(pools: &[T]) -> &T {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static NUMBER: usize = COUNT.fetch_add(1, Ordering::Relaxed);
    }
    &pools[NUMBER.with(|number| number % pools.len())]
}

#[async_trait]
impl Store for SeaOrmStore {
    fn accounts(&self) -> &dyn AccountReader {
        self.reader()
    }

    fn sessions(&self) -> &dyn SessionReader {
        self.reader()
    }

    fn audit(&self) -> &dyn AuditReader {
        self.reader()
    }

    fn conversations(&self) -> &dyn ConversationReader {
        self.reader()
    }

    fn messages(&self) -> &dyn MessageReader {
        self.reader()
    }

    fn former_history(&self) -> &dyn FormerHistory {
        self.reader()
    }

    fn inspected_history(&self) -> &dyn InspectedHistory {
        self.reader()
    }

    fn search(&self) -> &dyn MessageSearcher {
        self.reader()
    }

    fn events(&self) -> &dyn EventReader {
        self.reader()
    }

    fn mails(&self) -> &dyn MailReader {
        self.reader()
    }

    fn people(&self) -> &dyn PeopleReader {
        self.reader()
    }

    fn reports(&self) -> &dyn ReportReader {
        self.reader()
    }

    fn export(&self) -> &dyn ExportReader {
        self.reader()
    }

    async fn begin(&self) -> Result<Box<dyn Transaction>, StoreError> {
        Ok(Box::new(Connection::transaction(self.begin_raw().await?)))
    }

    async fn check(&self) -> Result<(), StoreError> {
        migrations::check(self.readers()).await
    }
}
