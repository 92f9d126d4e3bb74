//! Folds SQLite's write-ahead log into its file while the writer goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use sea_orm::{ConnectionTrait as _, DatabaseConnection};

/// After so many messages: some 16 MiB of the log.
const MESSAGES: usize = 1024;

/// What is folded, and when.
pub(super) struct Checkpoints {
    connections: DatabaseConnection,
    written: AtomicUsize,
    running: AtomicBool,
}

impl Checkpoints {
    /// By one of these connections, which need not be able to write.
    pub(super) fn new(connections: DatabaseConnection) -> Arc<Self> {
        Arc::new(Self { connections, written: AtomicUsize::new(0), running: AtomicBool::new(false) })
    }

    /// So many messages more are in the log. Runs a checkpoint in the background where it is time for one.
    pub(super) fn wrote(self: &Arc<Self>, messages: usize) {
        let written = self.written.fetch_add(messages, Ordering::Relaxed) + messages;
        if written < MESSAGES || self.running.swap(true, Ordering::Relaxed) {
            return;
        }
        self.written.store(0, Ordering::Relaxed);
        let checkpoints = Arc::clone(self);
        tokio::spawn(async move {
            // PASSIVE: it waits for nobody, and nobody for it. What it leaves, the next one takes, or the writer itself.
            if let Err(error) = checkpoints.connections.execute_unprepared("PRAGMA wal_checkpoint(PASSIVE)").await {
                tracing::warn!(%error, "the write-ahead log was not folded into the file");
            }
            checkpoints.running.store(false, Ordering::Relaxed);
        });
    }
}
