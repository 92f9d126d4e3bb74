//! The contract of every storage adapter, on this one.

use std::sync::Arc;

use confab_memory::MemoryStore;

async fn fresh() -> (Arc<MemoryStore>, ()) {
    (Arc::new(MemoryStore::new()), ())
}

confab_store_contract::suite!(fresh);
