//! Where statements go: a pool or a transaction. What both can do is written once, over this.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use confab_application::ports::StoreError;
use confab_domain::UserId;
use sea_orm::{DatabaseConnection, DatabaseTransaction};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use crate::conversations::catching_up::CatchingUp;
use crate::error::{Cause, Failure};

/// A pool or a transaction.
pub(crate) struct Connection<C> {
    raw: C,
    over: Option<AtomicBool>,
    turns: Option<Turns>,
    catching_up: Option<Arc<CatchingUp>>,
}

/// How many may read through a pool at once. Each of them may hold a page of some megabytes, in several forms, and would
/// hold it while waiting for a connection for its next statement. The room for answers bounds only what is ready.
struct Turns {
    free: Semaphore,
    patience: Duration,
}

impl Connection<DatabaseConnection> {
    /// A pool, each of whose statements stands for itself, for so many at once; the others wait for their turn for as long.
    pub(crate) fn pool(raw: DatabaseConnection, turns: u32, patience: Duration, catching_up: Arc<CatchingUp>) -> Self {
        let turns = Turns { free: Semaphore::new(turns.max(1) as usize), patience };
        Self { raw, over: None, turns: Some(turns), catching_up: Some(catching_up) }
    }
}

impl Connection<DatabaseTransaction> {
    /// A transaction, which its first error ends.
    pub(crate) const fn transaction(raw: DatabaseTransaction) -> Self {
        Self { raw, over: Some(AtomicBool::new(false)), turns: None, catching_up: None }
    }
}

impl<C> Connection<C> {
    /// Where statements go.
    pub(crate) const fn raw(&self) -> &C {
        &self.raw
    }

    /// Has marked what somebody has read who asks what they have not, unless this is a transaction.
    pub(crate) fn catch_up(&self, user: UserId) {
        if let Some(catching_up) = &self.catching_up {
            catching_up.asked(user);
        }
    }

    /// Whether an error has ended the transaction.
    pub(crate) fn is_over(&self) -> bool {
        self.over.as_ref().is_some_and(|over| over.load(Ordering::Acquire))
    }

    /// Takes the transaction out, to end it.
    pub(crate) fn into_raw(self) -> C {
        self.raw
    }

    /// Does one thing that a port asks for. In a transaction that is over it is not done; where it fails, or is given up
    /// half-way, the transaction is over. PostgreSQL sees to it by itself, SQLite does not.
    pub(crate) async fn run<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, StoreError> {
        if self.is_over() {
            return Err(StoreError::TransactionOver);
        }
        let _turn = self.turn().await?;
        let unfinished = Unfinished(self.over.as_ref());
        let done = work.await?;
        unfinished.finish();
        Ok(done)
    }
}

impl<C> Connection<C> {
    async fn turn(&self) -> Result<Option<SemaphorePermit<'_>>, StoreError> {
        let Some(turns) = &self.turns else { return Ok(None) };
        match timeout(turns.patience, turns.free.acquire()).await {
            Ok(turn) => Ok(turn.ok()),
            Err(_) => Err(StoreError::Unavailable(Cause::new("too many wait to read from the database"))),
        }
    }
}

/// Ends the transaction when it is dropped, unless the work is finished.
struct Unfinished<'a>(Option<&'a AtomicBool>);

impl Unfinished<'_> {
    fn finish(mut self) {
        self.0 = None;
    }
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        if let Some(over) = self.0 {
            over.store(true, Ordering::Release);
        }
    }
}
