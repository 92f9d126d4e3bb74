//! One writer: its queue, and the task that empties it.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use confab_application::ports::{AppendError, Appended, StoreError, Submission};
use sea_orm::DatabaseConnection;
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

use super::batch::{self, Failed, Locks};
use super::lanes::{Lanes, Limits};
use super::thread::Thread;
use crate::error::Cause;

/// What an item takes beside its text, roughly.
const ITEM_BYTES: usize = 512;

/// What becomes of a draft.
pub(super) type Verdict = Result<Appended, AppendError>;

/// A draft that waits, and who waits for it.
struct Item {
    submission: Submission,
    since: Instant,
    answer: oneshot::Sender<Verdict>,
}

/// Writes one batch after the other. It has a task only while there is something to write.
pub(super) struct Writer {
    connections: DatabaseConnection,
    thread: Thread,
    patience: Duration,
    queue: Mutex<Queue>,
    idle: Notify,
}

struct Queue {
    lanes: Lanes<Item>,
    running: bool,
    closed: bool,
}

impl Writer {
    /// A writer on these connections, with this much room, whose items wait for so long.
    ///
    /// # Errors
    /// Where its thread cannot be started.
    pub(super) fn new(connections: DatabaseConnection, limits: Limits, patience: Duration) -> io::Result<Self> {
        let queue = Queue { lanes: Lanes::new(limits), running: false, closed: false };
        let thread = Thread::start()?;
        Ok(Self { connections, thread, patience, queue: Mutex::new(queue), idle: Notify::new() })
    }

    /// Queues a draft, and waits for its commit.
    pub(super) async fn append(self: &Arc<Self>, submission: Submission) -> Verdict {
        let (answer, answered) = oneshot::channel();
        let payload = submission.draft.payload.as_ref().map_or(0, |payload| payload.as_str().len());
        let bytes = ITEM_BYTES + submission.draft.body.as_str().len() + payload;
        let id = submission.conversation_id;
        let starts = {
            let mut queue = self.queue();
            if queue.closed {
                return Err(StoreError::Unavailable(Cause::new("the log of messages is closed")).into());
            }
            let item = Item { submission, since: Instant::now(), answer };
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
        // Where something in it is at fault, it is written in halves, until only what is at fault has failed.
        let mut parts = vec![batch];
        while let Some(mut part) = parts.pop() {
            match self.attempt(&part).await {
                Ok(verdicts) => part.into_iter().zip(verdicts).for_each(|(item, verdict)| item.answer(verdict)),
                Err(Failed::Contended(reason) | Failed::Unavailable(reason)) => {
                    for item in part.into_iter().chain(parts.drain(..).flatten()) {
                        item.answer(Err(StoreError::Unavailable(Cause::new(&*reason)).into()));
                    }
                }
                Err(Failed::AtFault(error)) if part.len() == 1 => {
                    if let Some(item) = part.pop() {
                        item.answer(Err(error.into()));
                    }
                }
                Err(Failed::AtFault(_)) => {
                    let second = part.split_off(part.len() / 2);
                    parts.extend([second, part]);
                }
            }
        }
    }

    async fn attempt(&self, part: &[Item]) -> Result<Vec<Verdict>, Failed> {
        let submissions: Vec<&Submission> = part.iter().map(|item| &item.submission).collect();
        // Half the round trips, for those who share none with others. A larger batch would be torn where it meets others'.
        if let [submission] = *submissions
            && let Some(verdict) = batch::write_unlocked(&self.connections, submission).await?
        {
            return Ok(vec![verdict]);
        }
        match batch::write(&self.connections, &submissions, Locks::Wait).await {
            // Whoever is in the way is left alone: what is for that conversation fails by itself.
            Err(Failed::Contended(_)) => batch::write(&self.connections, &submissions, Locks::Skip).await,
            outcome => outcome,
        }
    }
}

impl Item {
    fn answer(self, verdict: Verdict) {
        // Whoever has gone away meanwhile finds it by its key.
        let _ = self.answer.send(verdict);
    }
}
