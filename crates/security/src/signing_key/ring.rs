//! The keys of a running server.

use std::sync::{Arc, PoisonError, RwLock};

use super::KeySet;

/// Keys that may change while they are used.
#[derive(Debug)]
pub struct Keyring(RwLock<Arc<KeySet>>);

impl Keyring {
    /// With these keys to begin with.
    pub fn new(keys: KeySet) -> Self {
        Self(RwLock::new(Arc::new(keys)))
    }

    /// The keys of now.
    pub fn current(&self) -> Arc<KeySet> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Uses others from now on.
    pub fn replace(&self, keys: KeySet) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
    }
}
