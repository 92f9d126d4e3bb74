//! A writer's connection, for as long as it writes a batch; and its turn, where other nodes write to the same conversations.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use confab_domain::{ConversationId, Meanwhile, Timestamp};
use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::{self, Postgres, Sqlite};
use sea_orm::{DatabaseConnection, DbBackend, DbErr, QueryResult, RuntimeErr};

use super::batch::{Failed, Locks, conversation_id};
use super::rows::Rows;
use super::statements::{self, STORE_ONE_IN_POSTGRES, Texts};
use crate::error::Failure;

/// The turns of a writer, of which each lasts for one batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn {
    /// What they are known by to other nodes.
    pub(super) number: i64,
    /// How long to wait for one.
    pub(super) timeout: Duration,
}

/// A connection of one writer.
pub(super) struct Session {
    texts: Texts,
    connection: Driver,
}

enum Driver {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(Holder),
}

/// A connection to PostgreSQL, and what it holds beyond a transaction.
struct Holder {
    /// None once it is left to be closed.
    connection: Option<PoolConnection<Postgres>>,
    /// The turn that it may have, which its next batch gives up.
    turn: Option<i64>,
}

impl Session {
    /// Takes the connection.
    pub(super) async fn begin(connections: &DatabaseConnection) -> Result<Self, Failed> {
        let backend = connections.get_database_backend();
        let acquired = match backend {
            DbBackend::Sqlite => connections.get_sqlite_connection_pool().acquire().await.map(Driver::Sqlite),
            _ => connections
                .get_postgres_connection_pool()
                .acquire()
                .await
                .map(|connection| Driver::Postgres(Holder { connection: Some(connection), turn: None })),
        };
        Ok(Self { texts: statements::texts(backend), connection: acquired.map_err(failure)? })
    }

    /// Waits for a turn, which PostgreSQL gives to those who wait in their order. The next batch that is stored ends it
    /// with its commit. On SQLite there is nobody to wait for.
    ///
    /// It protects nothing, for which there is the conversation's own lock. It lets a node know when it will not have to wait for that
    /// one, so that until then it can gather.
    pub(super) async fn take_turn(&mut self, turn: Turn) -> Result<(), Failed> {
        const LOCK: &str = "SELECT set_config('lock_timeout', $2, true), pg_advisory_lock($1)";
        let Driver::Postgres(holder) = &mut self.connection else { return Ok(()) };
        // Whether it has come is not known until the answer is there.
        holder.turn = Some(turn.number);
        let query = sqlx::query(LOCK).bind(turn.number).bind(turn.timeout.as_millis().to_string());
        query.execute(holder.connection()?).await.map_err(failure)?;
        Ok(())
    }

    /// Reads what these questions ask.
    pub(super) async fn read(&mut self, questions: String) -> Result<Vec<QueryResult>, Failed> {
        let text = self.texts.read;
        match &mut self.connection {
            Driver::Sqlite(connection) => found(sqlx::query(text).bind(questions).fetch_all(&mut **connection).await),
            Driver::Postgres(holder) => found(sqlx::query(text).bind(questions).fetch_all(holder.connection()?).await),
        }
    }

    /// Stores a batch by what is a transaction by itself: the conversations to which it has written, and what others have sent to
    /// them before. All rows are read, for the last thing that the database says is whether it has committed.
    pub(super) async fn store(
        &mut self,
        locks: Locks,
        rows: &Rows<'_>,
    ) -> Result<HashMap<ConversationId, Meanwhile>, Failed> {
        let text = locks.choose(self.texts.store_unlocked);
        match &mut self.connection {
            Driver::Sqlite(connection) => {
                let [messages, conversations, readers, senders] = rows.json()?;
                let query = sqlx::query(text).bind(messages).bind(conversations).bind(readers).bind(senders);
                let stored = query.fetch_all(&mut **connection).await;
                // SQLite may have taken it back itself, which the driver does not know; what is left open ends with the connection.
                if stored.is_err() && sqlx::query("ROLLBACK").execute(&mut **connection).await.is_err() {
                    connection.close_on_drop();
                }
                let stale = found(stored)?.iter().map(conversation_id).collect::<Result<HashSet<_>, _>>()?;
                let conversations = rows.conversations.iter().map(|row| row.id);
                Ok(conversations.filter(|id| !stale.contains(id)).map(|id| (id, Meanwhile::NOTHING)).collect())
            }
            Driver::Postgres(holder) => {
                // Whoever has a turn waits.
                let one = match locks {
                    Locks::Skip => rows.bind_one(sqlx::query(STORE_ONE_IN_POSTGRES)),
                    Locks::Wait => None,
                };
                let query = one.unwrap_or_else(|| rows.bind(sqlx::query(text)).bind(holder.turn));
                let stored = query.fetch_all(holder.connection()?).await;
                if stored.is_ok() {
                    holder.turn = None;
                }
                let written = found(stored)?;
                Ok(written
                    .iter()
                    .map(|row| Ok((conversation_id(row)?, meanwhile(row)?)))
                    .collect::<Result<_, Failure>>()?)
            }
        }
    }

    /// Gives the connection back, and up its turn, if it still has one.
    pub(super) async fn end(mut self) {
        const UNLOCK: &str = "SELECT pg_advisory_unlock_all()";
        if let Driver::Postgres(holder) = &mut self.connection
            && holder.turn.is_some()
            && let Ok(connection) = holder.connection()
            && sqlx::query(UNLOCK).execute(connection).await.is_ok()
        {
            holder.turn = None;
        }
    }
}

impl Holder {
    fn connection(&mut self) -> Result<&mut sqlx::PgConnection, Failed> {
        let closed = || failure(sqlx::Error::PoolClosed);
        Ok(self.connection.as_deref_mut().ok_or_else(closed)?)
    }
}

impl Drop for Holder {
    /// What was given up half-way is closed, for else nobody would get a turn any more.
    fn drop(&mut self) {
        if self.turn.is_some()
            && let Some(connection) = self.connection.take()
        {
            drop(connection.detach());
        }
    }
}

fn meanwhile(row: &QueryResult) -> Result<Meanwhile, Failure> {
    let messages: i64 = row.try_get_by_index(1)?;
    let last_activity_at = Timestamp::from_micros(row.try_get_by_index(2)?);
    let last_activity_at = last_activity_at.ok_or_else(|| DbErr::Type("a time is out of range".to_owned()))?;
    Ok(Meanwhile { messages: messages.unsigned_abs(), last_activity_at })
}

fn found<R>(rows: Result<Vec<R>, sqlx::Error>) -> Result<Vec<QueryResult>, Failed>
where
    QueryResult: From<R>,
{
    Ok(rows.map_err(failure)?.into_iter().map(QueryResult::from).collect())
}

fn failure(error: sqlx::Error) -> Failure {
    DbErr::Query(RuntimeErr::SqlxError(error.into())).into()
}
