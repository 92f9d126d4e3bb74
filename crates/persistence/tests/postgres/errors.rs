//! What PostgreSQL's errors mean.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use confab_application::ports::{Constraint, Store as _, StoreError};
use confab_persistence::{Options, SeaOrmStore};
use confab_store_contract::testing::World;
use sea_orm::sqlx::query_scalar;

use crate::support::Place as _;
use crate::support::postgres::{Database, admin};

#[tokio::test]
async fn the_unique_constraints_have_the_names_of_the_ports() {
    let database = Database::new().await;
    database.store().await;
    let names = "SELECT conname::text FROM pg_constraint WHERE contype IN ('p', 'u') \
                 AND connamespace = 'public'::regnamespace \
                 AND conrelid NOT IN ('seaql_migrations'::regclass, 'failed_log_ins'::regclass, \
                 'message_revisions'::regclass, 'reactions'::regclass, 'reaction_kinds'::regclass, \
                 'hidden_messages'::regclass, 'departures'::regclass, \
                 'conversation_metadata'::regclass, 'former_participants'::regclass, \
                 'listings'::regclass)";
    let names: Vec<String> = query_scalar(names).fetch_all(&mut database.connection().await).await.unwrap();
    let expected: HashSet<_> = Constraint::ALL.iter().map(|constraint| constraint.name().to_owned()).collect();
    assert_eq!(HashSet::from_iter(names), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_stays_locked_is_unavailable() {
    let database = Database::new().await;
    let options = Options { lock_timeout: Duration::from_millis(50), ..database.options() };
    let world = World::new(Arc::new(SeaOrmStore::connect(&options).await.unwrap()));
    database.open().await.migrate_up().await.unwrap();
    let ada = world.host("ada").await;

    let first = world.begin().await;
    first.users().find_for_update(ada.id).await.unwrap();
    let second = world.begin().await;
    assert!(matches!(second.users().find_for_update(ada.id).await, Err(StoreError::Unavailable(_))));
    assert!(matches!(second.commit().await, Err(StoreError::TransactionOver)));
    first.commit().await.unwrap();
    assert!(world.begin().await.users().find_for_update(ada.id).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_for_update_lets_messages_refer_to_the_row() {
    let database = Database::new().await;
    let options = Options { lock_timeout: Duration::from_millis(50), ..database.options() };
    let world = World::new(Arc::new(SeaOrmStore::connect(&options).await.unwrap()));
    database.open().await.migrate_up().await.unwrap();
    let ada = world.host("ada").await;
    let group = world.group(&[&ada]).await;

    let profile = world.begin().await;
    profile.users().find_for_update(ada.id).await.unwrap();
    assert_eq!(world.post(group.id, &ada, &["meanwhile"]).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_too_long_for_a_connection_is_told() {
    let database = Database::new().await;
    let options = Options { max_connections: 1, acquire_timeout: Duration::from_secs(1), ..database.options() };
    let store = SeaOrmStore::connect(&options).await.unwrap();
    let first = store.begin().await.unwrap();
    assert!(matches!(store.begin().await, Err(StoreError::Unavailable(_))));
    assert!(matches!(store.check().await, Err(StoreError::Unavailable(_))));
    drop(first);
    store.begin().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn any_other_error_is_internal_and_quotes_no_value() {
    let database = Database::new().await;
    let world = World::new(Arc::new(database.store().await));
    let ada = world.host("ada").await;
    let group = world.group(&[&ada]).await;
    database.execute("ALTER TABLE messages ADD CONSTRAINT short CHECK (length(body) < 3)").await;
    let (_, message) = group.post(world.draft(&ada, "hunter2"), world.now());
    let error = world.begin().await.messages().insert(&message).await.unwrap_err();
    assert!(matches!(&error, StoreError::Internal(cause) if cause.to_string().contains("short")));
    assert!(!format!("{error:?}").contains("hunter2"));
}

#[tokio::test]
async fn a_database_that_cannot_keep_every_text_is_refused() {
    let name = format!("confab_ascii_{}", std::process::id());
    let ascii = "TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'";
    admin(&format!("CREATE DATABASE {name} {ascii}")).await;
    let database = Database::existing(name).await;
    let refused = SeaOrmStore::connect(&database.options()).await;
    assert!(matches!(refused, Err(StoreError::Internal(cause)) if cause.to_string().contains("SQL_ASCII")));
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_unavailable_and_the_password_stays_secret() {
    let nobody = "postgres://confab:hunter2@127.0.0.1:1/confab";
    let options = Options { acquire_timeout: Duration::from_millis(50), ..Options::new(nobody) };
    let Err(error) = SeaOrmStore::connect(&options).await else { panic!("somebody answers") };
    assert!(matches!(error, StoreError::Unavailable(_)));
    assert!(!format!("{options:?} {error:?} {error}").contains("hunter2"));
}
