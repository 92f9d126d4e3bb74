//! What the log of messages does with its batches.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use confab_application::ports::{
    AppendError, Appended, Limit, MessageFilter, Order, PageRequest, StoreError, Submission,
};
use confab_domain::{ConversationId, User};
use confab_persistence::{Options, SeaOrmStore};
use confab_store_contract::testing::World;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::support::Place;

/// Far longer than anything here takes.
const SOON: Duration = Duration::from_secs(20);

pub fn submission(world: &World, id: ConversationId, sender: &User, text: &str) -> Submission {
    Submission { conversation_id: id, draft: world.draft(sender, text), now: world.now() }
}

type Outcome = Result<Appended, AppendError>;

/// Appends on a task of its own. When this returns, the draft is queued.
pub async fn start(world: &World, id: ConversationId, sender: &User, text: &str) -> JoinHandle<Outcome> {
    let (log, submission) = (Arc::clone(&world.app.log), submission(world, id, sender, text));
    begun(async move { log.append(submission).await }).await
}

/// A task that has been polled once.
pub async fn begun<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    let mut work = Box::pin(work);
    match poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await {
        Poll::Ready(done) => tokio::spawn(async { done }),
        Poll::Pending => tokio::spawn(work),
    }
}

/// The texts of a conversation in their order; there is no gap.
pub async fn texts(world: &World, viewer: &User, id: ConversationId) -> Vec<String> {
    let filter = MessageFilter { order: Order::OldestFirst, ..MessageFilter::default() };
    let page = PageRequest::first(Limit::new(Limit::MAX).unwrap());
    let page = world.store().messages().history(viewer.id, id, &filter, &page).await.unwrap().unwrap();
    let seqs: Vec<u64> = page.items.iter().map(|view| view.message.seq.get()).collect();
    assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>());
    page.items.iter().map(|view| view.message.body().to_owned()).collect()
}

/// Holds up the writer of a store, so that what is appended meanwhile gathers in batches.
pub struct HeldUp {
    tx: Box<dyn confab_application::ports::Transaction>,
    first: JoinHandle<Outcome>,
}

impl HeldUp {
    /// By a transaction that holds a sender's place, and a message of theirs. A conversation that is held would be passed over first.
    pub async fn new(world: &World, sender: &User) -> Self {
        let gate = world.group(&[sender]).await.id;
        let tx = world.begin().await;
        tx.conversations().find_participant_for_update(gate, sender.id).await.unwrap().unwrap();
        let first = start(world, gate, sender, "held up").await;
        Self { tx, first }
    }

    pub async fn let_go(self) {
        self.tx.commit().await.unwrap();
        self.first.await.unwrap().unwrap();
    }
}

async fn one_writer(place: &impl Place) -> Arc<SeaOrmStore> {
    let store = SeaOrmStore::connect(&Options { log_writers: 1, ..place.options() }).await.unwrap();
    store.migrate_up().await.unwrap();
    Arc::new(store)
}

pub async fn only_what_is_at_fault_fails(place: &impl Place) {
    let world = World::new(one_writer(place).await);
    let ada = world.host("ada").await;
    let (one, other) = (world.group(&[&ada]).await.id, world.group(&[&ada]).await.id);
    place.forbid("poison").await;
    let held_up = HeldUp::new(&world, &ada).await;
    let mut tasks = Vec::new();
    for text in ["a", "b", "poison", "c", "poison", "d", "e"] {
        tasks.push((text, start(&world, one, &ada, text).await));
        tasks.push((text, start(&world, other, &ada, text).await));
    }
    held_up.let_go().await;
    for (text, task) in tasks {
        match task.await.unwrap() {
            Ok(Appended::New(message)) => assert_eq!(message.body(), text),
            Err(AppendError::Store(StoreError::Internal(_))) => assert_eq!(text, "poison"),
            other => panic!("{other:?}"),
        }
    }
    for id in [one, other] {
        assert_eq!(texts(&world, &ada, id).await, ["a", "b", "c", "d", "e"]);
    }
}

pub async fn a_corrupt_row_fails_only_what_needs_it(place: &impl Place) {
    let world = World::new(one_writer(place).await);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let group = world.group(&[&ada, &ben]).await.id;
    place.execute("UPDATE participants SET joined_at = 9223372036854775807 WHERE membership = 'member'").await;
    let held_up = HeldUp::new(&world, &ada).await;
    let (bad, good) = (start(&world, group, &ben, "bad").await, start(&world, group, &ada, "good").await);
    held_up.let_go().await;
    let bad = bad.await.unwrap();
    assert!(matches!(bad, Err(AppendError::Store(StoreError::Corrupt { table: "participants", .. }))), "{bad:?}");
    good.await.unwrap().unwrap();
    assert_eq!(texts(&world, &ada, group).await, ["good"]);
}

pub async fn a_flooded_conversation_neither_fills_the_queue_nor_holds_up_the_others(place: &impl Place) {
    const ROOM_OF_ONE: usize = 1024;
    const BATCH: usize = 256;
    let world = World::new(one_writer(place).await);
    let ada = world.host("ada").await;
    let (flooded, quiet) = (world.group(&[&ada]).await.id, world.group(&[&ada]).await.id);
    let held_up = HeldUp::new(&world, &ada).await;
    let kept = Arc::new(AtomicUsize::new(0));
    let mut flood = Vec::new();
    loop {
        let (log, submission) = (Arc::clone(&world.app.log), submission(&world, flooded, &ada, "flood"));
        let count = Arc::clone(&kept);
        let task = begun(async move {
            let outcome = log.append(submission).await;
            count.fetch_add(1, Ordering::SeqCst);
            outcome
        });
        flood.push(task.await);
        // Answered at once, though the writer is held up: it is one too many.
        if kept.load(Ordering::SeqCst) > 0 {
            break;
        }
    }
    let refused = flood.pop().unwrap().await.unwrap();
    assert!(matches!(refused, Err(AppendError::Full)), "{refused:?}");
    // The writer may have taken a batch before it was held up.
    assert!((ROOM_OF_ONE..=ROOM_OF_ONE + BATCH).contains(&flood.len()), "{}", flood.len());
    let other = start(&world, quiet, &ada, "quiet").await;
    held_up.let_go().await;
    other.await.unwrap().unwrap();
    // It was in the next batch, though a thousand were there before it.
    assert!(kept.load(Ordering::SeqCst) <= 1 + 3 * BATCH, "{kept:?}");
    let count = flood.len() as u64;
    for task in flood {
        task.await.unwrap().unwrap();
    }
    let group = world.begin().await.conversations().peek(flooded).await.unwrap().unwrap();
    assert_eq!(group.last_seq.get(), count);
}

pub async fn whoever_leaves_before_their_batch_begins_is_not_written(place: &impl Place) {
    let store = one_writer(place).await;
    let world = World::new(Arc::clone(&store));
    let ada = world.host("ada").await;
    let group = world.group(&[&ada]).await.id;
    let held_up = HeldUp::new(&world, &ada).await;
    // The writer, on a thread of its own, takes the batch that is held up.
    while store.waiting_messages() > 0 {
        tokio::task::yield_now().await;
    }
    let (left, stays) = (start(&world, group, &ada, "left").await, start(&world, group, &ada, "stays").await);
    left.abort();
    assert!(left.await.unwrap_err().is_cancelled());
    held_up.let_go().await;
    stays.await.unwrap().unwrap();
    assert_eq!(texts(&world, &ada, group).await, ["stays"]);
}

pub async fn a_batch_that_ends_with_its_thread_holds_up_nobody(place: &impl Place) {
    let store = one_writer(place).await;
    let world = World::new(Arc::clone(&store));
    let ada = world.host("ada").await;
    let (gate, group) = (world.group(&[&ada]).await.id, world.group(&[&ada]).await.id);
    let tx = world.begin().await;
    tx.conversations().find_participant_for_update(gate, ada.id).await.unwrap().unwrap();
    // The first draft is written from the thread that asks, and waits there.
    let (log, draft) = (Arc::clone(&world.app.log), submission(&world, gate, &ada, "lost or not"));
    let ((queued, is_queued), (end, ends)) = (oneshot::channel(), oneshot::channel());
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let _sent = begun(async move { log.append(draft).await }).await;
            queued.send(()).unwrap();
            ends.await.unwrap();
        });
    });
    is_queued.await.unwrap();
    while store.waiting_messages() > 0 {
        tokio::task::yield_now().await;
    }
    let next = start(&world, group, &ada, "next").await;
    end.send(()).unwrap();
    thread.join().unwrap();
    tx.commit().await.unwrap();
    timeout(SOON, next).await.unwrap().unwrap().unwrap();
    assert_eq!(texts(&world, &ada, group).await, ["next"]);
    store.close().await;
}

pub async fn closing_keeps_what_was_taken(place: &impl Place) {
    let store = one_writer(place).await;
    let world = World::new(Arc::clone(&store));
    let ada = world.host("ada").await;
    let group = world.group(&[&ada]).await.id;
    let held_up = HeldUp::new(&world, &ada).await;
    let mut tasks = Vec::new();
    for _ in 0..10 {
        tasks.push(start(&world, group, &ada, "x").await);
    }
    let closing = begun(async move { store.close().await }).await;
    let late = world.app.log.append(submission(&world, group, &ada, "late")).await;
    assert!(matches!(late, Err(AppendError::Store(StoreError::Unavailable(_)))), "{late:?}");
    held_up.let_go().await;
    closing.await.unwrap();
    for task in tasks {
        assert!(matches!(task.await.unwrap(), Ok(Appended::New(_))));
    }
    let reopened = World::new(Arc::new(place.open().await));
    assert_eq!(texts(&reopened, &ada, group).await.len(), 10);
}
