//! One writer: its queue, and the task that empties it.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use confab_application::ports::{AppendError, Appended, StoreError, Submission};
use confab_domain::ConversationId;
use sea_orm::DatabaseConnection;
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

use super::checkpoints::Checkpoints;
use super::lanes::{Lanes, Limits};
use super::recall::Recall;
use super::session::Turn;
use super::shared::Shared;
use super::thread::Thread;
use super::writing::Writing;
use crate::entities::message;
use crate::error::Cause;

/// What an item takes beside its text, roughly.
const ITEM_BYTES: usize = 512;

/// What becomes of a draft.
pub(super) type Verdict = Result<Appended, AppendError>;

/// A draft that waits, and who waits for it.
pub(super) struct Item {
    pub(super) submission: Submission,
    pub(super) search_tokens: String,
    pub(super) since: Instant,
    bytes: usize,
    answer: oneshot::Sender<Verdict>,
}

/// Writes one batch after the other. It has a task only while there is something to write.
pub(super) struct Writer {
    connections: DatabaseConnection,
    thread: Thread,
    idle: Notify,
    queue: Mutex<Queue>,
    pub(super) checkpoints: Option<Arc<Checkpoints>>,
    pub(super) patience: Duration,
    pub(super) turn: Turn,
    pub(super) recall: Mutex<Recall>,
}

/// What waits, and how it is to be written.
pub(super) struct Queue {
    lanes: Lanes<Item>,
    pub(super) shared: Shared,
    /// Whether the last batch was one draft, and none came before it was taken.
    is_quiet: bool,
    running: bool,
    closed: bool,
}

impl Writer {
    /// A writer on these connections, with this much room, whose items wait for so long, and with these turns.
    ///
    /// # Errors
    /// Where its thread cannot be started.
    pub(super) fn new(
        connections: DatabaseConnection,
        checkpoints: Option<Arc<Checkpoints>>,
        limits: Limits,
        patience: Duration,
        turn: Turn,
    ) -> io::Result<Self> {
        let (lanes, shared) = (Lanes::new(limits), Shared::default());
        let queue = Mutex::new(Queue { lanes, shared, is_quiet: true, running: false, closed: false });
        let (thread, recall) = (Thread::start()?, Mutex::new(Recall::new()));
        Ok(Self { connections, thread, idle: Notify::new(), queue, checkpoints, patience, turn, recall })
    }

    /// Queues a draft, and waits for its commit. Where drafts come one at a time, it is written from the thread that asks, through these
    /// connections: to have the writer's thread do it, and to be told when it is done, takes a good part of the time.
    pub(super) async fn append(self: &Arc<Self>, submission: Submission, connections: &DatabaseConnection) -> Verdict {
        let (answer, answered) = oneshot::channel();
        let payload = submission.draft.payload.as_ref().map_or(0, |payload| payload.as_str().len());
        let bytes = ITEM_BYTES + submission.draft.body.as_str().len() + payload;
        let id = submission.conversation_id;
        // Here, on the thread of the request, for the writer's has them all to do.
        let search_tokens = message::search_tokens(submission.draft.body.as_str());
        let (starts, is_quiet) = {
            let mut queue = self.queue();
            if queue.closed {
                return Err(StoreError::Unavailable(Cause::new("the log of messages is closed")).into());
            }
            let item = Item { submission, search_tokens, since: Instant::now(), bytes, answer };
            queue.lanes.push(id, bytes, item).map_err(|_| AppendError::Full)?;
            (!std::mem::replace(&mut queue.running, true), queue.is_quiet)
        };
        if starts && is_quiet {
            tokio::spawn(GoesOn(Some(Arc::clone(self))).run_once(connections.clone()));
        } else if starts {
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

    /// What waits, for as long as it is looked at.
    pub(super) fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes until nothing waits.
    async fn run(self: Arc<Self>) {
        let mut answers = Vec::new();
        while let Some(batch) = self.next(&mut answers) {
            let writing = self.start(batch, self.connections.clone());
            // The next batch goes on its way before those of the last are told: to wake so many takes a while.
            tokio::task::yield_now().await;
            answers.drain(..).for_each(Answer::give);
            answers = writing.await;
        }
        self.idle.notify_waiters();
    }

    /// Has the writer's thread go on, if there is something to write.
    fn go_on(self: &Arc<Self>) {
        let is_done = {
            let mut queue = self.queue();
            queue.running = queue.lanes.len() > 0;
            !queue.running
        };
        if is_done {
            self.idle.notify_waiters();
        } else {
            self.thread.handle.spawn(Arc::clone(self).run());
        }
    }

    /// The next batch; none, and no task any more, where nothing waits and all answers are given.
    fn next(&self, answers: &mut Vec<Answer>) -> Option<Vec<Item>> {
        loop {
            {
                let mut queue = self.queue();
                let batch = queue.lanes.take(Item::is_wanted);
                if !batch.is_empty() {
                    queue.is_quiet = batch.len() == 1 && queue.lanes.len() == 0;
                    return Some(batch);
                }
                if answers.is_empty() {
                    queue.running = false;
                    return None;
                }
            }
            answers.drain(..).for_each(Answer::give);
        }
    }

    /// Writes a batch, on a task of its own: a fault in one batch must not end the writer. What comes of it are the answers that are to
    /// be given.
    fn start(
        self: &Arc<Self>,
        batch: Vec<Item>,
        connections: DatabaseConnection,
    ) -> impl Future<Output = Vec<Answer>> + Send + use<> {
        let writer = Arc::clone(self);
        let written = tokio::spawn(async move { Writing::new(&writer, &connections).write(batch).await });
        async {
            written.await.unwrap_or_else(|error| {
                tracing::error!(%error, "a batch of messages was given up half-way");
                Vec::new()
            })
        }
    }
}

/// Writes one batch on the thread that asked, and leaves what comes meanwhile to the writer's own: also where it is dropped half-way,
/// or before it has begun, with the runtime of that thread.
struct GoesOn(Option<Arc<Writer>>);

impl GoesOn {
    async fn run_once(mut self, connections: DatabaseConnection) {
        let Some(writer) = &self.0 else { return };
        if let Some(batch) = writer.next(&mut Vec::new()) {
            writer.start(batch, connections).await.into_iter().for_each(Answer::give);
        } else if let Some(writer) = self.0.take() {
            // Nobody waits any more, and the next who does may have begun.
            writer.idle.notify_waiters();
        }
    }
}

impl Drop for GoesOn {
    fn drop(&mut self) {
        if let Some(writer) = &self.0 {
            writer.go_on();
        }
    }
}

impl Queue {
    /// The next batch of those conversations that are written to in turn.
    pub(super) fn take_in_turn(&mut self) -> Vec<Item> {
        let (shared, now) = (&self.shared, Instant::now());
        self.lanes.take_among(|id| shared.is_in_turn(id, now), Item::is_wanted)
    }

    /// Has these wait again, before those who came later.
    pub(super) fn put_back(&mut self, items: Vec<Item>) {
        for item in items.into_iter().rev() {
            self.lanes.put_back(item.conversation(), item.bytes, item);
        }
    }
}

impl Item {
    /// The conversation that it is for.
    pub(super) const fn conversation(&self) -> ConversationId {
        self.submission.conversation_id
    }

    /// Tells who waits for it what has become of it. Whoever has gone away meanwhile finds it by its key.
    pub(super) fn answer(self, verdict: Verdict) {
        self.answered(verdict).give();
    }

    /// The same, to be told later.
    pub(super) fn answered(self, verdict: Verdict) -> Answer {
        Answer { verdict, to: self.answer }
    }

    fn is_wanted(&self) -> bool {
        !self.answer.is_closed()
    }
}

/// What has become of a draft, to be told.
pub(super) struct Answer {
    verdict: Verdict,
    to: oneshot::Sender<Verdict>,
}

impl Answer {
    /// Tells it.
    pub(super) fn give(self) {
        let _ = self.to.send(self.verdict);
    }
}
