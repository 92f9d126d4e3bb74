//! What the suite is given.

use std::sync::Arc;

use confab_application::ports::{MessageLog, Store};

/// The storage ports of one adapter, over the same storage. Where one type implements them all, an [`Arc`] of it is
/// turned into this.
#[derive(Clone)]
pub struct Adapter {
    /// Reads, and begins to write.
    pub store: Arc<dyn Store>,
    /// Appends messages.
    pub log: Arc<dyn MessageLog>,
}

impl<S: Store + MessageLog + 'static> From<Arc<S>> for Adapter {
    fn from(storage: Arc<S>) -> Self {
        let store: Arc<S> = Arc::clone(&storage);
        Self { store, log: storage }
    }
}
