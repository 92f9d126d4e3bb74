//! One batch: a transaction of few statements, whatever its size.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use confab_application::ports::{AppendError, Appended, StoreError, Submission};
use confab_domain::ConversationId;
use sea_orm::prelude::Uuid;
use sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DatabaseTransaction, DbErr, QueryResult, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait as _,
};

use super::facts::Facts;
use super::recall::Recall;
use super::rows::{self, MessageRow, Rows};
use super::session::Session;
use super::statements::{self, Lock, Texts};
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

impl Locks {
    pub(super) const fn choose(self, lock: Lock) -> &'static str {
        match self {
            Self::Wait => lock.wait,
            Self::Skip => lock.skip,
        }
    }
}

/// A submission, and the tokens by which its message will be found.
pub(super) struct Draft<'a> {
    pub(super) submission: &'a Submission,
    pub(super) search_tokens: &'a str,
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
    Judged {
        verdict: Verdict,
        /// Whether others have sent to its conversation since it was judged.
        beside_others: bool,
    },
    /// What was remembered of its conversation is no longer so, and nothing is written to it.
    Stale,
    /// Somebody holds its conversation, or was quicker to change it, and nothing is written to it.
    Held,
}

/// Judges and writes these submissions in two statements, of which the second is the transaction: it writes to each conversation
/// that has had no other change than messages since the first has read it. What is remembered is not read, so that where all is,
/// one statement does it.
pub(super) async fn write_unlocked(
    session: &mut Session,
    recall: &Mutex<Recall>,
    drafts: &[Draft<'_>],
    locks: Locks,
) -> Result<Vec<Outcome>, Failed> {
    let mut facts = Facts::default();
    let mut verdicts = recalled(&mut facts, recall, drafts);
    let unread = || drafts.iter().zip(&verdicts).filter(|(_, verdict)| verdict.is_none()).map(|(of, _)| of.submission);
    if unread().next().is_some() {
        for row in session.read(rows::questions(unread())?).await? {
            facts.add(&row)?;
        }
    }
    let mut verdicts: Vec<Verdict> = drafts
        .iter()
        .zip(&mut verdicts)
        .map(|(of, verdict)| verdict.take().unwrap_or_else(|| facts.judge(of.submission)))
        .collect();
    let mut written = HashMap::new();
    if facts.has_changed() {
        let rows = rows(drafts, &verdicts, &facts)?;
        written = session.store(locks, &rows).await?;
        for (id, meanwhile) in &written {
            facts.come_after(*id, *meanwhile);
        }
    }
    // A retry too, of what the same batch has made.
    for verdict in &mut verdicts {
        if let Ok(Appended::New(message) | Appended::Earlier(message)) = verdict
            && facts.is_of_this_batch(message)
            && let Some(meanwhile) = written.get(&message.conversation_id)
        {
            *message = meanwhile.before(message);
        }
    }
    // With what is not written goes what was judged by it.
    let outcomes = verdicts.into_iter().zip(drafts).map(|(verdict, of)| {
        let id = of.submission.conversation_id;
        match written.get(&id) {
            Some(meanwhile) => Outcome::Judged { verdict, beside_others: meanwhile.messages > 0 },
            None if !facts.has_changed_in(id) => Outcome::Judged { verdict, beside_others: false },
            None if facts.is_recalled(id) => Outcome::Stale,
            None => Outcome::Held,
        }
    });
    let outcomes = outcomes.collect();
    learn(recall, facts, |id| written.contains_key(&id));
    Ok(outcomes)
}

/// Remembers what was written, and forgets what was not.
fn learn(recall: &Mutex<Recall>, facts: Facts, is_written: impl Fn(ConversationId) -> bool) {
    let mut recall = locked(recall);
    for known in facts.learned() {
        if is_written(known.conversation.id) {
            recall.learn(known);
        } else {
            recall.forget([known.conversation.id]);
        }
    }
}

fn locked(recall: &Mutex<Recall>) -> MutexGuard<'_, Recall> {
    recall.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Judges the drafts by what is remembered, as far as it admits them; the others are to be read.
fn recalled(facts: &mut Facts, recall: &Mutex<Recall>, drafts: &[Draft<'_>]) -> Vec<Option<Verdict>> {
    for known in locked(recall).of(drafts.iter().map(|of| of.submission)) {
        facts.recall(known);
    }
    let conversation = |of: &Draft<'_>| of.submission.conversation_id;
    let judge = |of: &Draft<'_>| facts.is_recalled(conversation(of)).then(|| facts.judge(of.submission));
    let mut verdicts: Vec<Option<Verdict>> = drafts.iter().map(judge).collect();
    let is_refused = |verdict: &Option<Verdict>| verdict.as_ref().is_some_and(Result::is_err);
    let refused = drafts.iter().zip(&verdicts).filter(|(_, verdict)| is_refused(verdict));
    let refused: HashSet<_> = refused.map(|(of, _)| conversation(of)).collect();
    for (of, verdict) in drafts.iter().zip(&mut verdicts) {
        if refused.contains(&conversation(of)) {
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
        drafts: &[Draft<'_>],
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
            let questions = rows::questions(drafts.iter().map(|of| of.submission))?;
            let rows = batch.query(locks.choose(lock), questions).await?;
            batch.locked = Some(rows.iter().map(conversation_id).collect::<Result<_, _>>()?);
        }
        Ok(batch)
    }

    /// Judges and writes these drafts, in their order. The verdicts are true once this returns. Those for a conversation that is not
    /// held are unavailable.
    pub(super) async fn write(self, drafts: &[Draft<'_>]) -> Result<Vec<Verdict>, Failed> {
        let mut facts = Facts::default();
        // A statement of its own: it sees what was committed while the one before waited for the locks.
        let questions = rows::questions(drafts.iter().map(|of| of.submission))?;
        for row in self.query(self.texts.read, questions).await? {
            facts.add(&row)?;
        }
        if let Some(locked) = &self.locked {
            facts.keep(locked);
        }
        let verdicts: Vec<Verdict> = drafts.iter().map(|of| facts.judge(of.submission)).collect();
        if facts.has_changed() {
            let rows = self.statement(self.texts.store, rows(drafts, &verdicts, &facts)?.written()?);
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

/// What is to be written: the messages, the conversations and the senders' cursors; and what is to be asked for again.
fn rows<'a>(drafts: &'a [Draft<'_>], verdicts: &'a [Verdict], facts: &Facts) -> Result<Rows<'a>, Failure> {
    let messages = drafts.iter().zip(verdicts).filter_map(|(of, verdict)| match verdict {
        Ok(Appended::New(message)) => Some(MessageRow::of(message, of.search_tokens)),
        Ok(Appended::Earlier(_)) | Err(AppendError::Refused(_) | AppendError::Full | AppendError::Store(_)) => None,
    });
    Ok(Rows {
        messages: messages.collect::<Result<_, _>>()?,
        conversations: facts.changed_conversations(),
        readers: facts.changed_participants(),
        senders: facts.recalled_senders(drafts.iter().map(|of| of.submission)),
    })
}

pub(super) fn conversation_id(row: &QueryResult) -> Result<ConversationId, Failure> {
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
