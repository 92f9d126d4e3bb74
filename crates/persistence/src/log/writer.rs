//! One writer: its queue, and the task that empties it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use confab_application::ports::{AppendError, Appended, StoreError, Submission};
use confab_domain::ConversationId;
use sea_orm::DatabaseConnection;
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

use super::batch::{self, Batch, Draft, Failed, Locks, Outcome};
use super::checkpoints::Checkpoints;
use super::lanes::{Lanes, Limits};
use super::recall::Recall;
use super::thread::Thread;
use crate::entities::message;
use crate::error::Cause;

/// What an item takes beside its text, roughly.
const ITEM_BYTES: usize = 512;

/// What becomes of a draft.
pub(super) type Verdict = Result<Appended, AppendError>;

/// For how long a conversation is written to in another [manner](Manner), once somebody else was quicker, as another node is that
/// shares it.
const SHARED_FOR: Duration = Duration::from_secs(1);

/// How messages are written to a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Manner {
    /// In one statement, unless somebody holds it.
    Free,
    /// In one statement, which waits for who holds it: PostgreSQL gives a lock to those who wait in turn, so that nodes take turns.
    InTurn,
    /// In a transaction that locks it before it is looked at, so that nobody else can be quicker again.
    Locked,
}

impl Manner {
    /// What is tried where this one has written nothing.
    const fn next(self) -> Self {
        match self {
            Self::Free => Self::InTurn,
            Self::InTurn | Self::Locked => Self::Locked,
        }
    }
}

/// A draft that waits, and who waits for it.
struct Item {
    submission: Submission,
    search_tokens: String,
    bytes: usize,
    since: Instant,
    answer: oneshot::Sender<Verdict>,
}

/// Writes one batch after the other. It has a task only while there is something to write.
pub(super) struct Writer {
    connections: DatabaseConnection,
    checkpoints: Option<Arc<Checkpoints>>,
    thread: Thread,
    patience: Duration,
    recall: Mutex<Recall>,
    queue: Mutex<Queue>,
    idle: Notify,
}

struct Queue {
    lanes: Lanes<Item>,
    /// The conversations to which somebody else writes, how one writes to them, and until when.
    shared: HashMap<ConversationId, (Manner, Instant)>,
    running: bool,
    closed: bool,
}

impl Writer {
    /// A writer on these connections, with this much room, whose items wait for so long.
    ///
    /// # Errors
    /// Where its thread cannot be started.
    pub(super) fn new(
        connections: DatabaseConnection,
        checkpoints: Option<Arc<Checkpoints>>,
        limits: Limits,
        patience: Duration,
    ) -> io::Result<Self> {
        let queue = Queue { lanes: Lanes::new(limits), shared: HashMap::new(), running: false, closed: false };
        let thread = Thread::start()?;
        let (recall, queue) = (Mutex::new(Recall::new()), Mutex::new(queue));
        Ok(Self { connections, checkpoints, thread, patience, recall, queue, idle: Notify::new() })
    }

    /// Queues a draft, and waits for its commit.
    pub(super) async fn append(self: &Arc<Self>, submission: Submission) -> Verdict {
        let (answer, answered) = oneshot::channel();
        let payload = submission.draft.payload.as_ref().map_or(0, |payload| payload.as_str().len());
        let bytes = ITEM_BYTES + submission.draft.body.as_str().len() + payload;
        let id = submission.conversation_id;
        // Here, on the thread of the request, for the writer's has them all to do.
        let search_tokens = message::search_tokens(submission.draft.body.as_str());
        let starts = {
            let mut queue = self.queue();
            if queue.closed {
                return Err(StoreError::Unavailable(Cause::new("the log of messages is closed")).into());
            }
            let item = Item { submission, search_tokens, bytes, since: Instant::now(), answer };
            queue.lanes.push(id, bytes, item).map_err(|_| AppendError::Full)?;
            !std::mem::replace(&mut queue.running, true)
        };
        if starts {
            self.thread.handle.spawn(Arc::clone(self).run());
        }
        let lost = |_| StoreError::Internal(Cause::new("a batch of messages was given up half-way"));
        answered.await.map_err(lost)?
    }

    /// Takes nothing more, and waits until nothing is left to write.
    pub(super) async fn close(&self) {
        loop {
            let idle = self.idle.notified();
            {
                let mut queue = self.queue();
                queue.closed = true;
                if !queue.running {
                    return;
                }
            }
            idle.await;
        }
    }

    /// How many drafts wait for their batch.
    pub(super) fn waiting(&self) -> usize {
        self.queue().lanes.len()
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn run(self: Arc<Self>) {
        while let Some(batch) = self.next() {
            let writer = Arc::clone(&self);
            // On a task of its own: a fault in one batch must not end the writer.
            if let Err(error) = tokio::spawn(async move { writer.write(batch).await }).await {
                tracing::error!(%error, "a batch of messages was given up half-way");
            }
        }
        self.idle.notify_waiters();
    }

    /// The next batch; none, and no task any more, where nothing waits.
    fn next(&self) -> Option<Vec<Item>> {
        let mut queue = self.queue();
        let batch = queue.lanes.take(|item| !item.answer.is_closed());
        queue.running = !batch.is_empty();
        queue.running.then_some(batch)
    }

    async fn write(&self, batch: Vec<Item>) {
        let (batch, late): (Vec<_>, Vec<_>) = batch.into_iter().partition(|item| item.since.elapsed() <= self.patience);
        for item in late {
            item.answer(Err(AppendError::Full));
        }
        let mut parts: BTreeMap<Manner, Vec<Item>> = BTreeMap::new();
        {
            let (queue, now) = (self.queue(), Instant::now());
            for item in batch {
                parts.entry(queue.manner(item.conversation(), now)).or_default().push(item);
            }
        }
        for (manner, part) in parts {
            self.write_parts(part, manner).await;
        }
    }

    /// Writes a batch in one manner. Where something in it is at fault, it is written in halves and under locks, until only what is at
    /// fault has failed.
    async fn write_parts(&self, batch: Vec<Item>, manner: Manner) {
        let mut parts = vec![(manner, batch)];
        while let Some((manner, mut part)) = parts.pop() {
            let attempted = self.attempt(&part, manner).await;
            if attempted.is_err() {
                self.forget(&part);
            }
            match attempted {
                Ok(verdicts) => {
                    if let Some(checkpoints) = &self.checkpoints {
                        checkpoints.wrote(part.len());
                    }
                    self.settle(part.into_iter().zip(verdicts), manner);
                }
                Err(Failed::Contended(reason) | Failed::Unavailable(reason)) => {
                    for item in part.into_iter().chain(parts.drain(..).flat_map(|(_, part)| part)) {
                        item.answer(Err(StoreError::Unavailable(Cause::new(&*reason)).into()));
                    }
                }
                Err(Failed::AtFault(error)) if part.len() == 1 && manner == Manner::Locked => {
                    if let Some(item) = part.pop() {
                        item.answer(Err(error.into()));
                    }
                }
                Err(Failed::AtFault(_)) => {
                    let second = part.split_off(part.len() / 2);
                    parts.extend([second, part].map(|part| (Manner::Locked, part)));
                }
            }
        }
    }

    /// Answers those that have a verdict. The others wait again, before those who came later.
    fn settle(&self, items: impl Iterator<Item = (Item, Outcome)>, manner: Manner) {
        let (mut passed_over, mut held) = (Vec::new(), HashSet::new());
        for (item, outcome) in items {
            match outcome {
                Outcome::Judged(verdict) => item.answer(verdict),
                Outcome::Stale => passed_over.push(item),
                Outcome::Held => {
                    held.insert(item.conversation());
                    passed_over.push(item);
                }
            }
        }
        if passed_over.is_empty() {
            return;
        }
        let (mut queue, now) = (self.queue(), Instant::now());
        queue.shared.retain(|_, (_, until)| *until > now);
        queue.shared.extend(held.into_iter().map(|id| (id, (manner.next(), now + SHARED_FOR))));
        for item in passed_over.into_iter().rev() {
            queue.lanes.put_back(item.conversation(), item.bytes, item);
        }
    }

    async fn attempt(&self, part: &[Item], manner: Manner) -> Result<Vec<Outcome>, Failed> {
        let drafts = drafts(part);
        let unlocked = async |locks| batch::write_unlocked(&self.connections, &self.recall, &drafts, locks).await;
        let locks = match manner {
            Manner::Free => return unlocked(Locks::Skip).await,
            Manner::InTurn => match unlocked(Locks::Wait).await {
                Err(Failed::Contended(_)) => Locks::Skip,
                written => return written,
            },
            Manner::Locked => Locks::Wait,
        };
        let batch = match Batch::lock(&self.connections, &drafts, locks).await {
            // Whoever is in the way for too long is left alone: what is for that conversation fails by itself.
            Err(Failed::Contended(_)) => Batch::lock(&self.connections, &drafts, Locks::Skip).await,
            locked => locked,
        }?;
        self.forget(part);
        Ok(batch.write(&drafts).await?.into_iter().map(Outcome::Judged).collect())
    }

    fn forget(&self, part: &[Item]) {
        self.recall.lock().unwrap_or_else(PoisonError::into_inner).forget(part.iter().map(Item::conversation));
    }
}

fn drafts(items: &[Item]) -> Vec<Draft<'_>> {
    items.iter().map(|item| Draft { submission: &item.submission, search_tokens: &item.search_tokens }).collect()
}

impl Queue {
    fn manner(&self, id: ConversationId, now: Instant) -> Manner {
        self.shared.get(&id).filter(|(_, until)| *until > now).map_or(Manner::Free, |(manner, _)| *manner)
    }
}

impl Item {
    const fn conversation(&self) -> ConversationId {
        self.submission.conversation_id
    }

    fn answer(self, verdict: Verdict) {
        // Whoever has gone away meanwhile finds it by its key.
        let _ = self.answer.send(verdict);
    }
}
