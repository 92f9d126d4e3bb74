//! One batch: a transaction of few statements, whatever its size.

use confab_application::ports::{AppendError, Appended, StoreError, Submission};
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

/// Judges and writes these submissions, in their order, in one transaction. The verdicts are true once this returns.
pub(super) async fn write(
    connections: &DatabaseConnection,
    submissions: &[&Submission],
    locks: Locks,
) -> Result<Vec<Verdict>, Failed> {
    if submissions.is_empty() {
        return Ok(Vec::new());
    }
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let transaction = connections.begin_with_options(options).await.map_err(Failure::from)?;
    let mut batch = Batch { texts: statements::texts(connections.get_database_backend()), transaction };
    let mut facts = batch.facts(submissions, locks).await?;
    let verdicts: Vec<Verdict> = submissions.iter().map(|submission| facts.judge(submission)).collect();
    if facts.has_changed() {
        batch.store(&verdicts, &facts).await?;
        batch.transaction.commit().await.map_err(|error| Failed::at_commit(&error))?;
    } else {
        // Nothing to keep. What was locked would make a commit go to the disk.
        batch.transaction.rollback().await.map_err(Failure::from)?;
    }
    Ok(verdicts)
}

/// Judges and writes one submission in two statements, of which the second is the transaction: it writes if what the first has
/// read is unchanged. None where it is not, or somebody holds the conversation, or the database has no such way: nothing is
/// written then.
pub(super) async fn write_unlocked(
    connections: &DatabaseConnection,
    submission: &Submission,
) -> Result<Option<Verdict>, Failed> {
    let backend = connections.get_database_backend();
    let Some(texts) = statements::texts(backend).unlocked else { return Ok(None) };
    let query = async |text: &str, values: Vec<Value>| {
        let statement = Statement::from_sql_and_values(backend, text, values);
        // All rows, for the last thing that the database says is whether it has committed.
        connections.query_all_raw(statement).await.map_err(Failure::from)
    };
    let mut facts = Facts::default();
    for row in query(texts.read, vec![facts::questions(&[submission])?.into()]).await? {
        facts.add(&row)?;
    }
    let version = facts.version(submission.conversation_id);
    let verdict = facts.judge(submission);
    let (Ok(Appended::New(message)), Some(version)) = (&verdict, version) else { return Ok(Some(verdict)) };
    let rows =
        [facts::messages(std::iter::once(message))?, facts.changed_conversations()?, facts.changed_participants()?];
    let values = rows.map(Value::from).into_iter().chain([version.as_i64().into()]).collect();
    let written = query(texts.store, values).await?;
    Ok((!written.is_empty()).then_some(verdict))
}

/// An open transaction.
struct Batch {
    texts: Texts,
    transaction: DatabaseTransaction,
}

impl Batch {
    /// Locks the conversations, and reads what the submissions are judged by.
    async fn facts(&mut self, submissions: &[&Submission], locks: Locks) -> Result<Facts, Failure> {
        let mut facts = Facts::default();
        let questions = facts::questions(submissions)?;
        let mut is_old = true;
        match locks {
            Locks::Wait => {
                is_old = false;
                for row in self.query(self.texts.lock_and_read, questions.clone()).await? {
                    is_old |= facts.add(&row)?;
                }
            }
            Locks::Skip => {
                for row in self.query(self.texts.lock_or_skip, questions.clone()).await? {
                    facts.add_conversation(&row)?;
                }
            }
        }
        // What was committed while the statement waited for the locks is seen by the next one alone.
        if is_old {
            facts.forget_senders();
            for row in self.query(self.texts.read, questions).await? {
                facts.add_sender(&row)?;
            }
        }
        Ok(facts)
    }

    /// Writes what has changed.
    async fn store(&mut self, verdicts: &[Verdict], facts: &Facts) -> Result<(), Failure> {
        let messages = verdicts.iter().filter_map(|verdict| match verdict {
            Ok(Appended::New(message)) => Some(message),
            Ok(Appended::Earlier(_)) | Err(AppendError::Refused(_) | AppendError::Full | AppendError::Store(_)) => None,
        });
        let values = [facts::messages(messages)?, facts.changed_conversations()?, facts.changed_participants()?];
        self.transaction.execute_raw(self.statement(self.texts.store, values)).await?;
        Ok(())
    }

    async fn query(&self, text: &str, value: String) -> Result<Vec<QueryResult>, DbErr> {
        self.transaction.query_all_raw(self.statement(text, [value])).await
    }

    fn statement<const N: usize>(&self, text: &str, values: [String; N]) -> Statement {
        let backend = self.transaction.get_database_backend();
        Statement::from_sql_and_values(backend, text, values.map(sea_orm::Value::from))
    }
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
