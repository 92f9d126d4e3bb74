//! A fault of the program's own in the middle of a batch. The only test of its process, whose log it listens to.
#![expect(clippy::unwrap_used, reason = "where a test cannot go on, it has failed")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use confab_application::ports::{AppendError, StoreError, Submission};
use confab_store_contract::testing::World;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::{Layer, registry};

#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "each test uses a part of it")]
mod support;

use support::Place as _;
use support::postgres::Database;

/// Whether the next statement panics.
static ARMED: AtomicBool = AtomicBool::new(false);

struct Trap;

impl<S: tracing::Subscriber> Layer<S> for Trap {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let is_statement = event.metadata().target() == "sqlx::query";
        assert!(!(is_statement && ARMED.swap(false, Ordering::SeqCst)), "the trap of this test");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_in_a_batch_ends_that_batch_and_nothing_else() {
    tracing::subscriber::set_global_default(registry().with(LevelFilter::DEBUG).with(Trap)).unwrap();
    let database = Database::new().await;
    let world = World::new(Arc::new(database.store().await));
    let ada = world.host("ada").await;
    let group = world.group(&[&ada]).await.id;
    let append = async |text: &str| {
        let submission = Submission { conversation_id: group, draft: world.draft(&ada, text), now: world.now() };
        world.app.log.append(submission).await
    };
    ARMED.store(true, Ordering::SeqCst);
    let lost = append("lost").await;
    assert!(!ARMED.load(Ordering::SeqCst), "nothing has panicked");
    assert!(matches!(lost, Err(AppendError::Store(StoreError::Internal(_)))), "{lost:?}");
    append("after").await.unwrap();
    let group = world.begin().await.conversations().peek(group).await.unwrap().unwrap();
    assert_eq!(group.last_seq.get(), 1);
}
