//! One batch: a transaction of few statements, whatever its size.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use confab_application::ports::{AppendError, Appended, StoreError, Submission};
use confab_domain::ConversationId;
use sea_orm::prelude::Uuid;
use sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DatabaseTransaction, DbErr, QueryResult, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait as _, Value,
};

use super::facts::{self, Facts};
use super::recall::Recall;
use super::statements::{self, Texts};
use super::writer::Verdict;
use crate::error::{Cause, Failure, is_contention, store_error};

/// What to do about a conversation that someone else holds locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Locks {
    /// Wait for it.
    Wait,
    /// Do without it: what is for it is unavailable.
    Skip,
}

/// Why nothing of a batch is written, as far as is known.
pub(super) enum Failed {
    /// A lock was waited for too long, or in a circle. Nothing is written.
    Contended(String),
    /// The database cannot be reached or gave up. Where it did so at the commit, nobody knows.
    Unavailable(String),
    /// Something in the batch is at fault. Nothing is written.
    AtFault(StoreError),
}

/// What came of a submission that was written without a lock from before.
#[expect(clippy::large_enum_variant, reason = "taken apart at once by whoever asked, and nearly always the large one")]
pub(super) enum Outcome {
    Judged(Verdict),
    /// What was remembered of its conversation is no longer so, and nothing is written to it.
    Stale,
    /// Somebody holds its conversation, or was quicker to write to it, and nothing is written to it.
    Held,
}

/// Judges and writes these submissions in two statements, of which the second is the transaction: it writes to each conversation
/// that is as the first has read it. What is remembered is not read, so that where all is, one statement does it. None where the
/// database has no such way.
pub(super) async fn write_unlocked(
    connections: &DatabaseConnection,
    recall: &Mutex<Recall>,
    submissions: &[&Submission],
) -> Result<Option<Vec<Outcome>>, Failed> {
    let backend = connections.get_database_backend();
    let texts = statements::texts(backend);
    let Some(store) = texts.store_unlocked else { return Ok(None) };
    let query = async |text: &str, values: Vec<Value>| {
        let statement = Statement::from_sql_and_values(backend, text, values);
        // All rows, for the last thing that the database says is whether it has committed.
        connections.query_all_raw(statement).await.map_err(Failure::from)
    };
    let mut facts = Facts::default();
    let mut verdicts = recalled(&mut facts, recall, submissions);
    let unread = || submissions.iter().zip(&verdicts).filter(|(_, verdict)| verdict.is_none()).map(|(of, _)| *of);
    if unread().next().is_some() {
        for row in query(texts.read, vec![facts::questions(unread())?.into()]).await? {
            facts.add(&row)?;
        }
    }
    let verdicts: Vec<Verdict> = submissions
        .iter()
        .zip(&mut verdicts)
        .map(|(submission, verdict)| verdict.take().unwrap_or_else(|| facts.judge(submission)))
        .collect();
    let mut written = HashSet::new();
    if facts.has_changed() {
        let [messages, conversations, readers] = rows(&verdicts, &facts)?;
        let values = [messages, conversations, readers, facts.recalled_senders(submissions)?];
        for row in query(store, values.map(Value::from).into()).await? {
            written.insert(conversation_id(&row)?);
        }
    }
    // With what is not written goes what was judged by it.
    let outcomes = verdicts.into_iter().zip(submissions).map(|(verdict, of)| match of.conversation_id {
        id if written.contains(&id) || !facts.has_changed_in(id) => Outcome::Judged(verdict),
        id if facts.is_recalled(id) => Outcome::Stale,
        _ => Outcome::Held,
    });
    let outcomes = outcomes.collect();
    learn(recall, facts, |id| written.contains(&id));
    Ok(Some(outcomes))
}

/// Remembers what was written, and forgets what was not.
fn learn(recall: &Mutex<Recall>, facts: Facts, is_written: impl Fn(ConversationId) -> bool) {
    let mut recall = locked(recall);
    for (before, known) in facts.learned() {
        if is_written(known.conversation.id) {
            recall.learn(before, known);
        } else {
            recall.forget([known.conversation.id]);
        }
    }
}

fn locked(recall: &Mutex<Recall>) -> MutexGuard<'_, Recall> {
    recall.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Judges the submissions by what is remembered, as far as it admits them; the others are to be read.
fn recalled(facts: &mut Facts, recall: &Mutex<Recall>, submissions: &[&Submission]) -> Vec<Option<Verdict>> {
    for known in locked(recall).of(submissions) {
        facts.recall(known);
    }
    let judge = |of: &&Submission| facts.is_recalled(of.conversation_id).then(|| facts.judge(of));
    let mut verdicts: Vec<Option<Verdict>> = submissions.iter().map(judge).collect();
    let refused = |verdict: &Option<Verdict>| verdict.as_ref().is_some_and(Result::is_err);
    let refused: HashSet<_> =
        submissions.iter().zip(&verdicts).filter(|(_, of)| refused(of)).map(|(of, _)| of.conversation_id).collect();
    for (of, verdict) in submissions.iter().zip(&mut verdicts) {
        if refused.contains(&of.conversation_id) {
            *verdict = None;
        }
    }
    for id in refused {
        facts.forget(id);
    }
    verdicts
}

/// An open transaction, which holds conversations.
pub(super) struct Batch {
    texts: Texts,
    transaction: DatabaseTransaction,
    /// Those that it holds; none where it excludes all others by itself.
    locked: Option<HashSet<ConversationId>>,
}

impl Batch {
    /// Begins, and locks the conversations of these submissions, each if its sender takes part.
    pub(super) async fn lock(
        connections: &DatabaseConnection,
        submissions: &[&Submission],
        locks: Locks,
    ) -> Result<Self, Failed> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let transaction = connections.begin_with_options(options).await.map_err(Failure::from)?;
        let texts = statements::texts(connections.get_database_backend());
        let mut batch = Self { texts, transaction, locked: None };
        if let Some(lock) = texts.lock {
            let text = match locks {
                Locks::Wait => lock.wait,
                Locks::Skip => lock.skip,
            };
            let rows = batch.query(text, facts::questions(submissions.iter().copied())?).await?;
            batch.locked = Some(rows.iter().map(conversation_id).collect::<Result<_, _>>()?);
        }
        Ok(batch)
    }

    /// Judges and writes these submissions, in their order. The verdicts are true once this returns. Those for a conversation that
    /// is not held are unavailable.
    pub(super) async fn write(
        self,
        recall: &Mutex<Recall>,
        submissions: &[&Submission],
    ) -> Result<Vec<Verdict>, Failed> {
        let mut facts = self.checked(recall, submissions).await?;
        let unread: Vec<_> = submissions.iter().copied().filter(|of| !facts.is_recalled(of.conversation_id)).collect();
        // A statement of its own: it sees what was committed while the one before waited for the locks.
        if !unread.is_empty() {
            for row in self.query(self.texts.read, facts::questions(unread)?).await? {
                facts.add(&row)?;
            }
        }
        if let Some(locked) = &self.locked {
            facts.keep(locked);
        }
        let verdicts: Vec<Verdict> = submissions.iter().map(|submission| facts.judge(submission)).collect();
        if facts.has_changed() {
            let rows = self.statement(self.texts.store, rows(&verdicts, &facts)?);
            self.transaction.execute_raw(rows).await.map_err(Failure::from)?;
            self.transaction.commit().await.map_err(|error| Failed::at_commit(&error))?;
        } else {
            // Nothing to keep. What was locked would make a commit go to the disk.
            self.transaction.rollback().await.map_err(Failure::from)?;
        }
        if self.texts.check.is_some() {
            learn(recall, facts, |_| true);
        }
        Ok(verdicts)
    }

    /// What is remembered and still so. Where the database cannot tell, nothing is, and it is remembered no longer.
    async fn checked(&self, recall: &Mutex<Recall>, submissions: &[&Submission]) -> Result<Facts, Failed> {
        let mut facts = Facts::default();
        let Some(check) = self.texts.check else {
            locked(recall).forget(submissions.iter().map(|of| of.conversation_id));
            return Ok(facts);
        };
        for known in locked(recall).of(submissions) {
            facts.recall(known);
        }
        if !facts.is_empty() {
            for row in self.query(check, facts.recalled_senders(submissions)?).await? {
                facts.forget(conversation_id(&row)?);
            }
        }
        Ok(facts)
    }

    async fn query(&self, text: &str, value: String) -> Result<Vec<QueryResult>, Failure> {
        Ok(self.transaction.query_all_raw(self.statement(text, [value])).await?)
    }

    fn statement<const N: usize>(&self, text: &str, values: [String; N]) -> Statement {
        let backend = self.transaction.get_database_backend();
        Statement::from_sql_and_values(backend, text, values.map(sea_orm::Value::from))
    }
}

/// What is to be written: the messages, the conversations and the senders' cursors.
fn rows(verdicts: &[Verdict], facts: &Facts) -> Result<[String; 3], Failure> {
    let messages = verdicts.iter().filter_map(|verdict| match verdict {
        Ok(Appended::New(message)) => Some(message),
        Ok(Appended::Earlier(_)) | Err(AppendError::Refused(_) | AppendError::Full | AppendError::Store(_)) => None,
    });
    Ok([facts::messages(messages)?, facts.changed_conversations()?, facts.changed_participants()?])
}

fn conversation_id(row: &QueryResult) -> Result<ConversationId, Failure> {
    Ok(row.try_get_by_index::<Uuid>(0)?.into())
}

impl Failed {
    fn at_commit(error: &DbErr) -> Self {
        Self::Unavailable(format!("the commit of a batch of messages failed: {}", Cause::of(error)))
    }
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Database(error) if is_contention(&error) => Self::Contended(Cause::of(&error).to_string()),
            Failure::Database(error) => match store_error(&error) {
                StoreError::Unavailable(source) => Self::Unavailable(source.to_string()),
                error => Self::AtFault(error),
            },
            failure => Self::AtFault(failure.into()),
        }
    }
}
