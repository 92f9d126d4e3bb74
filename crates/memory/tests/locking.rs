//! What only this adapter does: it waits for the one writer, and not for ever.

use std::sync::Arc;

use confab_application::ports::{Store, StoreError};
use confab_memory::{LOCK_WAIT, MemoryStore};
use tokio::time::Instant;

#[tokio::test(start_paused = true)]
async fn a_second_writer_gives_up_after_a_while() {
    let store = MemoryStore::new();
    let _first = store.begin().await.unwrap();
    let start = Instant::now();
    assert!(matches!(store.begin().await, Err(StoreError::Unavailable(_))));
    assert!(start.elapsed() >= LOCK_WAIT);
}

#[tokio::test(start_paused = true)]
async fn a_second_writer_gets_its_turn_when_the_first_is_done() {
    let store = Arc::new(MemoryStore::new());
    let first = store.begin().await.unwrap();
    let second = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.begin().await.map(|_| ()) }
    });
    tokio::task::yield_now().await;
    first.commit().await.unwrap();
    second.await.unwrap().unwrap();
}
