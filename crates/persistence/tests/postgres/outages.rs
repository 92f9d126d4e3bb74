//! A database that goes away is unavailable, and serves again when it is back.

use std::sync::Arc;

use confab_application::ports::{Store as _, StoreError};
use confab_persistence::{Options, SeaOrmStore};
use confab_store_contract::testing::World;

use crate::support::Place as _;
use crate::support::postgres::Database;

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_ends_its_transaction_and_nothing_else() {
    let database = Database::new().await;
    let options = Options { max_connections: 1, ..database.options() };
    let store = SeaOrmStore::connect(&options).await.unwrap();
    store.migrate_up().await.unwrap();
    let world = World::new(Arc::new(store));
    let ada = world.host("ada").await;

    let tx = world.begin().await;
    tx.users().find_for_update(ada.id).await.unwrap();
    let others = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity \
                  WHERE datname = current_database() AND pid <> pg_backend_pid()";
    database.execute(others).await;
    assert!(matches!(tx.users().update(&ada).await, Err(StoreError::Unavailable(_))));
    assert!(matches!(tx.commit().await, Err(StoreError::TransactionOver)));
    world.store().check().await.unwrap();
    assert_eq!(world.begin().await.users().find_many(&[ada.id]).await.unwrap(), [ada]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_connection_is_lost_is_not_reported_as_done() {
    let database = Database::new().await;
    let world = World::new(Arc::new(database.store().await));
    let ada = world.new_user("ada", confab_domain::Role::Guest);
    let tx = world.begin().await;
    let hash = confab_domain::PasswordHash::restore("$plain$".to_owned());
    tx.users().insert(&ada, &hash).await.unwrap();
    database.go_away().await;
    assert!(matches!(tx.commit().await, Err(StoreError::Unavailable(_))));
    database.come_back().await;
    assert!(database.open().await.accounts().find_credentials(&ada.email).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn it_serves_again_when_the_database_is_back() {
    let database = Database::new().await;
    let world = World::new(Arc::new(database.store().await));
    let ada = world.host("ada").await;

    database.go_away().await;
    // More often than there are connections, so that the last of these finds none that was ever alive.
    for _ in 0..=database.options().max_connections {
        let found = world.store().accounts().find_credentials(&ada.email).await;
        assert!(matches!(found, Err(StoreError::Unavailable(_))), "{found:?}");
        assert!(matches!(world.store().begin().await, Err(StoreError::Unavailable(_))));
        assert!(matches!(world.store().check().await, Err(StoreError::Unavailable(_))));
    }
    database.come_back().await;
    world.store().check().await.unwrap();
    assert_eq!(world.begin().await.users().find_many(&[ada.id]).await.unwrap(), [ada]);
}
