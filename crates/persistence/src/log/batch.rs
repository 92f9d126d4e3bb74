//! One batch: a transaction of few statements, whatever its size.

use std::collections::HashSet;

use confab_application::ports::{AppendError, Appended, StoreError, Submission};
use confab_domain::ConversationId;
use sea_orm::prelude::Uuid;
use sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DatabaseTransaction, DbErr, QueryResult, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait as _, Value,
};

use super::facts::{self, Facts};
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

/// Judges and writes these submissions in two statements, of which the second is the transaction: it writes to each conversation
/// that is as the first has read it. Those for a conversation that is not, or that somebody holds, have no verdict: nothing is
/// written to it. None where the database has no such way.
pub(super) async fn write_unlocked(
    connections: &DatabaseConnection,
    submissions: &[&Submission],
) -> Result<Option<Vec<Option<Verdict>>>, Failed> {
    let backend = connections.get_database_backend();
    let texts = statements::texts(backend);
    let Some(store) = texts.store_unlocked else { return Ok(None) };
    let query = async |text: &str, values: Vec<Value>| {
        let statement = Statement::from_sql_and_values(backend, text, values);
        // All rows, for the last thing that the database says is whether it has committed.
        connections.query_all_raw(statement).await.map_err(Failure::from)
    };
    let mut facts = Facts::default();
    for row in query(texts.read, vec![facts::questions(submissions)?.into()]).await? {
        facts.add(&row)?;
    }
    let verdicts: Vec<Verdict> = submissions.iter().map(|submission| facts.judge(submission)).collect();
    let mut written = HashSet::new();
    if facts.has_changed() {
        for row in query(store, rows(&verdicts, &facts)?.map(Value::from).into()).await? {
            written.insert(conversation_id(&row)?);
        }
    }
    // With what is not written goes what was judged by it.
    let is_so = |id| written.contains(&id) || !facts.has_changed_in(id);
    let verdicts = verdicts.into_iter().zip(submissions);
    Ok(Some(verdicts.map(|(verdict, of)| is_so(of.conversation_id).then_some(verdict)).collect()))
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
            let rows = batch.query(text, facts::questions(submissions)?).await?;
            batch.locked = Some(rows.iter().map(conversation_id).collect::<Result<_, _>>()?);
        }
        Ok(batch)
    }

    /// Judges and writes these submissions, in their order. The verdicts are true once this returns. Those for a conversation that
    /// is not held are unavailable.
    pub(super) async fn write(self, submissions: &[&Submission]) -> Result<Vec<Verdict>, Failed> {
        let mut facts = Facts::default();
        // A statement of its own: it sees what was committed while the one before waited for the locks.
        for row in self.query(self.texts.read, facts::questions(submissions)?).await? {
            facts.add(&row)?;
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
        Ok(verdicts)
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
