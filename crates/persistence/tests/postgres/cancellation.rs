//! Whoever goes away while a transaction begins leaves no open one behind.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use confab_application::ports::Store as _;
use confab_persistence::{Options, SeaOrmStore};
use sea_orm::sqlx::{PgConnection, query_scalar};
use tokio::time::timeout;

use crate::support::Place as _;
use crate::support::postgres::Database;

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_nobody_waits_for_does_not_stay_open() {
    let database = Database::new().await;
    let options = Options { max_connections: 1, ..database.options() };
    let store = SeaOrmStore::connect(&options).await.unwrap();
    store.migrate_up().await.unwrap();
    let mut admin = database.connection().await;
    for polls in 1..=8 {
        give_up_after(polls, store.begin()).await;
        // What was given up may only now be about to begin, and then rolls back. Left open, it would outlast this by far.
        let closed = async {
            while open_transactions(&mut admin).await > 0 {
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_secs(20), closed).await.unwrap_or_else(|_| panic!("given up after {polls} polls"));
        store.check().await.unwrap();
    }
    store.close().await;
}

async fn give_up_after<T>(polls: usize, future: impl Future<Output = T>) {
    let mut future = pin!(future);
    for _ in 0..polls {
        let once = std::future::poll_fn(|context| std::task::Poll::Ready(future.as_mut().poll(context).is_ready()));
        if once.await {
            return;
        }
        tokio::task::yield_now().await;
    }
}

async fn open_transactions(admin: &mut PgConnection) -> i64 {
    let count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'";
    query_scalar(count).fetch_one(admin).await.unwrap()
}
