//! The log of messages: many requests share a commit.
//!
//! A request queues its draft with a writer. While one commit is in flight the next batch gathers, without a timer; a
//! batch is one transaction of few statements, whatever its size, and each request is answered after its own commit.
//! Everything that a batch rests on is what it was read as, under the lock under which the batch is written, so any number of
//! nodes may do the same. Where drafts come one at a time, each is written from the thread that asks.

mod batch;
mod checkpoints;
mod facts;
mod lanes;
mod recall;
mod rows;
mod session;
mod shared;
mod statements;
mod thread;
mod writer;
mod writing;

use std::io;
use std::sync::Arc;

use async_trait::async_trait;
use confab_application::ports::{AppendError, Appended, MessageLog, Submission};
use confab_domain::ConversationId;
use sea_orm::DatabaseConnection;

use crate::Options;
use crate::store::SeaOrmStore;
use checkpoints::Checkpoints;
use session::Turn;
use writer::Writer;

/// The writers. The messages of one conversation go to one of them, which spares them waiting for its lock.
pub(crate) struct Log {
    writers: Vec<Arc<Writer>>,
}

impl Log {
    /// A writer on each of these connections, and what folds SQLite's log into its file beside them.
    ///
    /// # Errors
    /// Where a writer's thread cannot be started.
    pub(crate) fn new(
        connections: &[DatabaseConnection],
        checkpoints: Option<&DatabaseConnection>,
        options: &Options,
    ) -> io::Result<Self> {
        let share = lanes::Limits::LOG.divided_by(connections.len().max(1));
        let checkpoints = checkpoints.cloned().map(Checkpoints::new);
        let writer = |(place, connection): (usize, &DatabaseConnection)| {
            let turn = Turn { number: turn_number(place, connections.len()), timeout: options.turn_timeout };
            Writer::new(connection.clone(), checkpoints.clone(), share, options.log_patience, turn).map(Arc::new)
        };
        Ok(Self { writers: connections.iter().enumerate().map(writer).collect::<io::Result<_>>()? })
    }

    /// Takes nothing more, and waits until everything that was taken is answered.
    pub(crate) async fn close(&self) {
        for writer in &self.writers {
            writer.close().await;
        }
    }

    /// How many messages wait for their batch.
    pub(crate) fn waiting(&self) -> usize {
        self.writers.iter().map(|writer| writer.waiting()).sum()
    }

    fn writer(&self, id: ConversationId) -> Option<&Arc<Writer>> {
        // The last digits of an id are its most random.
        let place = id.as_uuid().as_u128().checked_rem(self.writers.len() as u128)?;
        self.writers.get(usize::try_from(place).ok()?)
    }
}

/// The number of a writer's turns: the same on all nodes that have as many writers, which then have the same conversations. The
/// first half is Confab's own, so that it is no number of another program's.
fn turn_number(place: usize, writers: usize) -> i64 {
    const CONFAB: i64 = 0x636f_6e66;
    let number = |count: usize| i64::try_from(count & 0xffff).unwrap_or_default();
    CONFAB << 32 | number(writers) << 16 | number(place)
}

#[async_trait]
impl MessageLog for SeaOrmStore {
    async fn append(&self, submission: Submission) -> Result<Appended, AppendError> {
        match self.log().writer(submission.conversation_id) {
            Some(writer) => writer.append(submission, self.alone()).await,
            None => Err(AppendError::Full),
        }
    }
}
