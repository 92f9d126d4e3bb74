//! The log of messages when PostgreSQL is in the way, or away.

use std::sync::Arc;
use std::time::Duration;

use confab_application::messages::{NewMessage, send};
use confab_application::ports::{AppendError, StoreError};
use confab_application::{App, Error, Viewer};
use confab_domain::ConversationId;
use confab_persistence::{Options, SeaOrmStore};
use confab_store_contract::testing::World;
use tokio::task::JoinSet;

use crate::shared::log::{HeldUp, start, submission, texts};
use crate::support::Place as _;
use crate::support::postgres::Database;

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_that_stays_locked_fails_alone() {
    let database = Database::new().await;
    let options = Options { log_writers: 1, lock_timeout: Duration::from_millis(500), ..database.options() };
    let store = SeaOrmStore::connect(&options).await.unwrap();
    store.migrate_up().await.unwrap();
    let world = World::new(Arc::new(store));
    let ada = world.host("ada").await;
    let (locked, free) = (world.group(&[&ada]).await.id, world.group(&[&ada]).await.id);
    let holder = world.begin().await;
    holder.conversations().find_for_update(ada.id, locked).await.unwrap().unwrap();

    let held_up = HeldUp::new(&world, &ada).await;
    let to_locked = start(&world, locked, &ada, "x").await;
    let to_free = start(&world, free, &ada, "x").await;
    held_up.let_go().await;
    to_free.await.unwrap().unwrap();
    let refused = to_locked.await.unwrap();
    assert!(matches!(refused, Err(AppendError::Store(StoreError::Unavailable(_)))), "{refused:?}");
    holder.commit().await.unwrap();
    start(&world, locked, &ada, "x").await.await.unwrap().unwrap();
    assert_eq!(texts(&world, &ada, locked).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_serves_again_when_the_database_is_back() {
    let database = Database::new().await;
    let options = Options { acquire_timeout: Duration::from_millis(500), ..database.options() };
    let store = SeaOrmStore::connect(&options).await.unwrap();
    store.migrate_up().await.unwrap();
    let world = World::new(Arc::new(store));
    let ada = world.host("ada").await;
    let group = world.group(&[&ada]).await.id;
    world.app.log.append(submission(&world, group, &ada, "before")).await.unwrap();
    database.go_away().await;
    for _ in 0..3 {
        let lost = world.app.log.append(submission(&world, group, &ada, "lost")).await;
        assert!(matches!(lost, Err(AppendError::Store(StoreError::Unavailable(_)))), "{lost:?}");
    }
    database.come_back().await;
    world.app.log.append(submission(&world, group, &ada, "after")).await.unwrap();
    let reader = World::new(Arc::new(database.open().await));
    assert_eq!(texts(&reader, &ada, group).await, ["before", "after"]);
}

/// While eight send, every connection is cut again and again: with their keys, they lose and double nothing.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_or_doubled_when_connections_are_cut_in_mid_batch() {
    const EACH: usize = 12;
    let database = Database::new().await;
    let world = World::new(Arc::new(database.store().await));
    let ada = world.host("ada").await;
    let group = world.group(&[&ada]).await.id;
    let mut senders = JoinSet::new();
    for sender in 0..8 {
        let (app, viewer) = (world.app.clone(), world.viewer(&ada));
        senders.spawn(async move {
            for number in 0..EACH {
                until_sent(&app, &viewer, group, &format!("{sender}/{number}")).await;
            }
        });
    }
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'";
    while !senders.is_empty() {
        database.execute(cut).await;
        while let Some(done) = senders.try_join_next() {
            done.unwrap();
        }
    }
    let reader = World::new(Arc::new(database.open().await));
    let mut sent = texts(&reader, &ada, group).await;
    sent.sort_unstable();
    let mut wanted: Vec<_> = (0..8).flat_map(|s| (0..EACH).map(move |number| format!("{s}/{number}"))).collect();
    wanted.sort_unstable();
    assert_eq!(sent, wanted);
}

async fn until_sent(app: &App, viewer: &Viewer, id: ConversationId, text: &str) {
    loop {
        let message =
            NewMessage { body: text.to_owned(), client_message_id: Some(text.to_owned()), ..NewMessage::default() };
        match send(app, viewer, id, message).await {
            Ok(_) => return,
            Err(Error::Store(StoreError::Unavailable(_))) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
}
