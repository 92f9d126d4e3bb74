//! Where statements go: a pool or a transaction. What both can do is written once, over this.

use std::sync::atomic::{AtomicBool, Ordering};

use confab_application::ports::StoreError;
use sea_orm::{DatabaseConnection, DatabaseTransaction};

use crate::error::Failure;

/// A pool or a transaction.
pub(crate) struct Connection<C> {
    raw: C,
    over: Option<AtomicBool>,
}

impl Connection<DatabaseConnection> {
    /// A pool, each of whose statements stands for itself.
    pub(crate) const fn pool(raw: DatabaseConnection) -> Self {
        Self { raw, over: None }
    }
}

impl Connection<DatabaseTransaction> {
    /// A transaction, which its first error ends.
    pub(crate) const fn transaction(raw: DatabaseTransaction) -> Self {
        Self { raw, over: Some(AtomicBool::new(false)) }
    }
}

impl<C> Connection<C> {
    /// Where statements go.
    pub(crate) const fn raw(&self) -> &C {
        &self.raw
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
        let unfinished = Unfinished(self.over.as_ref());
        let done = work.await?;
        unfinished.finish();
        Ok(done)
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
