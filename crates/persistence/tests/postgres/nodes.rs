//! Several nodes on one database behave as one.

use std::sync::Arc;

use confab_application::messages::{NewMessage, send};
use confab_application::ports::{Limit, MessageFilter, Order, PageRequest, Position};
use confab_application::{App, Viewer};
use confab_domain::{ConversationId, Message, Seq, User};
use confab_store_contract::Adapter;
use confab_store_contract::testing::{ManualClock, World};
use tokio::task::JoinSet;

use crate::log_faults::{one_writer, until_someone_waits};
use crate::shared::log::{HeldUp, begun};
use crate::support::Place as _;
use crate::support::postgres::Database;

const NODES: u32 = 3;

/// The same application on several stores. Each node's clock is a second ahead of the one's before.
async fn nodes(database: &Database, world: &World) -> Vec<App> {
    let mut nodes = vec![world.app.clone()];
    for node in 1..NODES {
        let Adapter { store, log } = Arc::new(database.open().await).into();
        let clock = ManualClock::default();
        clock.advance_seconds(node);
        nodes.push(App { store, log, clock: Arc::new(clock), ..world.app.clone() });
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
            let mut sent = Vec::new();
            for number in 0..EACH {
                sent.push(send_one(&app, &viewer, id, format!("{sender}/{number}"), None).await.1);
            }
            sent
        });
    }
    let mut answered = senders.join_all().await.concat();
    answered.sort_unstable_by_key(|message| message.seq);
    let kept = messages(&world, &ada, id).await;
    assert_eq!(answered, kept, "as they were answered");
    assert!(kept.iter().map(|message| message.seq.get()).eq(1..=SENDERS * EACH), "without a gap");
    assert!(kept.is_sorted_by_key(|message| message.sent_at), "whatever the clocks say");
    let group = world.store().conversations().find(ada.id, id).await.unwrap().unwrap();
    let last = kept.last().unwrap();
    let (conversation, viewer) = (group.conversation, group.viewer);
    assert_eq!((conversation.last_seq, conversation.version), (last.seq, last.version));
    assert_eq!(conversation.last_activity_at, last.sent_at);
    assert_eq!(viewer.last_read_seq, last.seq, "whoever posts has read");
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
    assert!(sent.iter().all(|(_, message)| message.seq == Seq::ZERO.next()));
    assert_eq!(messages(&world, &ada, id).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_and_its_retry_in_one_batch_come_after_what_others_have_sent_meanwhile() {
    let database = Database::new().await;
    let world = one_writer(database.options()).await;
    let ada = world.host("ada").await;
    let id = world.group(&[&ada]).await.id;
    // What the writer remembers, and what it has not seen.
    let (viewer, first) = (world.viewer(&ada), "first".to_owned());
    send_one(&world.app, &viewer, id, first, None).await;
    world.post(id, &ada, &["of others", "of others"]).await;

    let held_up = HeldUp::new(&world, &ada).await;
    until_someone_waits(&mut database.connection().await).await;
    let mut sent = Vec::new();
    for _ in 0..2 {
        let (app, viewer) = (world.app.clone(), viewer.clone());
        sent.push(begun(async move { send_one(&app, &viewer, id, "once".to_owned(), Some("key")).await }).await);
    }
    held_up.let_go().await;
    let mut news = 0;
    for sent in sent {
        let (is_new, message) = sent.await.unwrap();
        news += usize::from(is_new);
        assert_eq!((message.seq.get(), message.version.get(), message.body()), (4, 4, "once"));
    }
    assert_eq!((news, messages(&world, &ada, id).await.len()), (1, 4));
}

async fn send_one(app: &App, viewer: &Viewer, id: ConversationId, body: String, key: Option<&str>) -> (bool, Message) {
    let message = NewMessage { body, client_message_id: key.map(str::to_owned), ..NewMessage::default() };
    let sent = send(app, viewer, id, message).await.unwrap();
    (sent.is_new, sent.view.message)
}

async fn messages(world: &World, viewer: &User, id: ConversationId) -> Vec<Message> {
    let filter = MessageFilter { order: Order::OldestFirst, ..MessageFilter::default() };
    let mut page = PageRequest::first(Limit::new(Limit::MAX).unwrap());
    let mut messages: Vec<Message> = Vec::new();
    loop {
        let read = world.store().messages().history(viewer.id, id, &filter, &page).await.unwrap().unwrap();
        let last = read.items.last().map(|view| view.message.seq).filter(|_| read.has_next);
        messages.extend(read.items.into_iter().map(|view| view.message));
        let Some(last) = last else { return messages };
        page.position = Some(Position::After(last));
    }
}
