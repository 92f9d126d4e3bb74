//! Several nodes on one database behave as one.

use std::sync::Arc;

use confab_application::messages::{NewMessage, send};
use confab_application::ports::{Limit, MessageFilter, Order, PageRequest, Position};
use confab_application::{App, Viewer};
use confab_domain::{ConversationId, Seq, User};
use confab_store_contract::Adapter;
use confab_store_contract::testing::World;
use tokio::task::JoinSet;

use crate::support::Place as _;
use crate::support::postgres::Database;

const NODES: usize = 3;

/// The same application on several stores.
async fn nodes(database: &Database, world: &World) -> Vec<App> {
    let mut nodes = vec![world.app.clone()];
    for _ in 1..NODES {
        let Adapter { store, log } = Arc::new(database.open().await).into();
        nodes.push(App { store, log, ..world.app.clone() });
    }
    nodes
}

#[tokio::test(flavor = "multi_thread")]
async fn seqs_have_no_gap_across_nodes() {
    const EACH: u64 = 8;
    const SENDERS: u64 = 12;
    let database = Database::new().await;
    let world = World::new(Arc::new(database.store().await));
    let ada = world.host("ada").await;
    let id = world.group(&[&ada]).await.id;
    let mut senders = JoinSet::new();
    for (sender, app) in (0..SENDERS).zip(nodes(&database, &world).await.into_iter().cycle()) {
        let viewer = world.viewer(&ada);
        senders.spawn(async move {
            for number in 0..EACH {
                send_one(&app, &viewer, id, format!("{sender}/{number}"), None).await;
            }
        });
    }
    senders.join_all().await;
    assert_eq!(seqs(&world, &ada, id).await, (1..=SENDERS * EACH).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn retries_on_every_node_are_one_message() {
    let database = Database::new().await;
    let world = World::new(Arc::new(database.store().await));
    let ada = world.host("ada").await;
    let id = world.group(&[&ada]).await.id;
    let mut retries = JoinSet::new();
    for app in nodes(&database, &world).await.into_iter().cycle().take(12) {
        let viewer = world.viewer(&ada);
        retries.spawn(async move { send_one(&app, &viewer, id, "once".to_owned(), Some("key")).await });
    }
    let sent = retries.join_all().await;
    assert_eq!(sent.iter().filter(|(is_new, _)| *is_new).count(), 1);
    assert!(sent.iter().all(|(_, seq)| *seq == Seq::ZERO.next()));
    assert_eq!(seqs(&world, &ada, id).await, [1]);
}

async fn send_one(app: &App, viewer: &Viewer, id: ConversationId, body: String, key: Option<&str>) -> (bool, Seq) {
    let message = NewMessage { body, client_message_id: key.map(str::to_owned), ..NewMessage::default() };
    let sent = send(app, viewer, id, message).await.unwrap();
    (sent.is_new, sent.view.message.seq)
}

async fn seqs(world: &World, viewer: &User, id: ConversationId) -> Vec<u64> {
    let filter = MessageFilter { order: Order::OldestFirst, ..MessageFilter::default() };
    let mut page = PageRequest::first(Limit::new(Limit::MAX).unwrap());
    let mut seqs: Vec<u64> = Vec::new();
    loop {
        let read = world.store().messages().history(viewer.id, id, &filter, &page).await.unwrap().unwrap();
        seqs.extend(read.items.iter().map(|view| view.message.seq.get()));
        let Some(last) = read.items.last().filter(|_| read.has_next) else { return seqs };
        page.position = Some(Position::After(last.message.seq));
    }
}
