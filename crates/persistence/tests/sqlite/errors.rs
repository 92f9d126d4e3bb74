//! What SQLite's errors mean.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use confab_application::ports::{Store as _, StoreError};
use confab_persistence::{Options, SeaOrmStore};
use confab_store_contract::testing::World;
use sea_orm::sqlx::{Executor as _, query_scalar};

use crate::support::Place as _;
use crate::support::sqlite::File;

#[tokio::test]
async fn the_schema_has_as_many_unique_constraints_as_the_ports_know() {
    let file = File::new().await;
    file.store().await;
    let indexes = "SELECT m.name || ' ' || i.name FROM sqlite_schema m, pragma_index_list(m.name) i \
                   WHERE m.type = 'table' AND m.name NOT IN ('seaql_migrations', 'failed_log_ins', \
                   'message_revisions', 'reactions', 'reaction_kinds', 'hidden_messages', 'departures', \
                   'conversation_metadata', 'former_participants', 'listings', 'message_numbers', 'message_search_idx', \
                   'message_search_config') AND i.\"unique\"";
    let indexes: Vec<String> = query_scalar(indexes).fetch_all(&mut file.connection().await).await.unwrap();
    let distinct: HashSet<_> = indexes.iter().collect();
    assert_eq!(distinct.len(), confab_application::ports::Constraint::ALL.len(), "{indexes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_stays_locked_is_unavailable_for_writing_only() {
    let file = File::new().await;
    let options = Options { lock_timeout: Duration::from_millis(50), ..file.options() };
    let store = SeaOrmStore::connect(&options).await.unwrap();
    store.migrate_up().await.unwrap();

    let mut other = file.connection().await;
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    assert!(matches!(store.begin().await, Err(StoreError::Unavailable(_))));
    store.check().await.unwrap();
    other.execute("ROLLBACK").await.unwrap();
    store.begin().await.unwrap().commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_too_long_for_the_writer_is_told() {
    let file = File::new().await;
    let options = Options { acquire_timeout: Duration::from_secs(1), ..file.options() };
    let store = SeaOrmStore::connect(&options).await.unwrap();
    let first = store.begin().await.unwrap();
    assert!(matches!(store.begin().await, Err(StoreError::Unavailable(_))));
    drop(first);
    store.begin().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn any_other_error_is_internal_and_quotes_no_value() {
    let file = File::new().await;
    let world = World::new(Arc::new(file.store().await));
    let ada = world.host("ada").await;
    let group = world.group(&[&ada]).await;
    file.execute("CREATE TRIGGER no BEFORE INSERT ON messages BEGIN SELECT RAISE(ABORT, 'no'); END").await;
    let (_, message) = group.post(world.draft(&ada, "hunter2"), world.now());
    let error = world.begin().await.messages().insert(&message).await.unwrap_err();
    assert!(matches!(error, StoreError::Internal(_)));
    assert!(!format!("{error:?}").contains("hunter2"));
}
