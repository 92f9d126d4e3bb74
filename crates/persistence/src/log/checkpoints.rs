//! Folds SQLite's write-ahead log into its file while the writer goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, DbErr, Statement};

use crate::connect::sqlite::WAL_PAGES;

/// After so many messages: some 16 MiB of the log.
const MESSAGES: usize = 1024;

/// After so many, in the last quarter of the log: the connection that writes folds what is left at its end, and nobody can write
/// meanwhile.
const MESSAGES_AT_THE_END: usize = 128;

/// What is folded, and when.
pub(super) struct Checkpoints {
    connections: DatabaseConnection,
    written: AtomicUsize,
    /// How many messages are between two of them.
    interval: AtomicUsize,
    running: AtomicBool,
}

impl Checkpoints {
    /// By one of these connections, which need not be able to write.
    pub(super) fn new(connections: DatabaseConnection) -> Arc<Self> {
        let (written, interval, running) = (AtomicUsize::new(0), AtomicUsize::new(MESSAGES), AtomicBool::new(false));
        Arc::new(Self { connections, written, interval, running })
    }

    /// So many messages more are in the log. Runs a checkpoint in the background where it is time for one.
    pub(super) fn wrote(self: &Arc<Self>, messages: usize) {
        let written = self.written.fetch_add(messages, Ordering::Relaxed) + messages;
        if written < self.interval.load(Ordering::Relaxed) || self.running.swap(true, Ordering::Relaxed) {
            return;
        }
        self.written.store(0, Ordering::Relaxed);
        let checkpoints = Arc::clone(self);
        tokio::spawn(async move {
            match checkpoints.run().await {
                Ok(pages) if pages > WAL_PAGES * 3 / 4 => {
                    checkpoints.interval.store(MESSAGES_AT_THE_END, Ordering::Relaxed);
                }
                Ok(_) => checkpoints.interval.store(MESSAGES, Ordering::Relaxed),
                Err(error) => tracing::warn!(%error, "the write-ahead log was not folded into the file"),
            }
            checkpoints.running.store(false, Ordering::Relaxed);
        });
    }

    /// How many pages the log then has.
    async fn run(&self) -> Result<i64, DbErr> {
        // PASSIVE: it waits for nobody, and nobody for it. What it leaves, the next one takes, or the writer itself.
        let statement = Statement::from_string(DbBackend::Sqlite, "PRAGMA wal_checkpoint(PASSIVE)");
        let row = self.connections.query_one_raw(statement).await?;
        row.map_or(Ok(0), |row| row.try_get_by_index(1))
    }
}
