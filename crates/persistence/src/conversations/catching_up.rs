//! Remembers of which quiet conversations somebody has read all, so that what they have not is found without the rest
//! (ADR 32).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use confab_domain::UserId;
use quick_cache::unsync::Cache;
use sea_orm::prelude::Uuid;
use sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DbBackend, DbErr, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait as _,
};
use tokio::sync::Semaphore;

/// For so long nothing is looked for again for whom it was.
const REST: Duration = Duration::from_secs(60);

/// Of so many it is known when that was.
const KNOWN: usize = 16_384;

/// So many conversations are marked at once.
const BATCH: usize = 1000;

/// The quiet conversations of which somebody has read all, and which are not marked. Quiet are those in which nothing has happened in
/// the last hour in which anything has in one of theirs.
const UNMARKED: &str = "SELECT l.conversation_id FROM listings AS l \
    CROSS JOIN participants AS me CROSS JOIN conversations AS c \
    WHERE l.user_id = $1 AND NOT l.caught_up AND l.hour < (SELECT max(hour) FROM listings WHERE user_id = $1) \
    AND me.conversation_id = l.conversation_id AND me.user_id = $1 \
    AND c.id = me.conversation_id AND me.last_read_seq >= c.last_seq LIMIT $2";

// Whoever posts, and whoever moves this cursor, has a row that is locked here: either is seen by the other. Nobody is waited for.
const POSTGRES: &str = "WITH quiet AS (\
      SELECT c.id FROM json_array_elements_text(CAST($1 AS json)) AS i(id) \
      JOIN conversations AS c ON c.id = CAST(i.id AS uuid) \
      JOIN participants AS me ON me.conversation_id = c.id AND me.user_id = $2 \
      WHERE me.last_read_seq >= c.last_seq FOR NO KEY UPDATE OF c, me SKIP LOCKED\
    ), marked AS (\
      UPDATE conversations AS c SET some_caught_up = true FROM quiet WHERE c.id = quiet.id\
    ) \
    UPDATE listings AS l SET caught_up = true FROM quiet WHERE l.conversation_id = quiet.id AND l.user_id = $2";

const SQLITE: [&str; 2] = [
    "UPDATE conversations SET some_caught_up = 1 WHERE id IN (SELECT unhex(value, '-') FROM json_each($1))",
    "UPDATE listings SET caught_up = 1 WHERE user_id = $2 AND conversation_id IN (\
       SELECT c.id FROM json_each($1) AS i CROSS JOIN conversations AS c CROSS JOIN participants AS me \
       WHERE c.id = unhex(i.value, '-') AND me.conversation_id = c.id AND me.user_id = $2 \
       AND me.last_read_seq >= c.last_seq)",
];

/// Marks in the background, for one at a time, what those have read who ask what they have not.
pub(crate) struct CatchingUp {
    readers: DatabaseConnection,
    writers: DatabaseConnection,
    /// For one at a time.
    turn: Arc<Semaphore>,
    asked: Mutex<Cache<UserId, Instant>>,
}

impl CatchingUp {
    /// By one of these connections.
    pub(crate) fn new(readers: DatabaseConnection, writers: DatabaseConnection) -> Arc<Self> {
        let (turn, asked) = (Arc::new(Semaphore::new(1)), Mutex::new(Cache::new(KNOWN)));
        Arc::new(Self { readers, writers, turn, asked })
    }

    /// Somebody asks for what is unread, which goes through whatever is not marked: marks it, unless they have asked just now, or it
    /// is being done for another.
    pub(crate) fn asked(self: &Arc<Self>, user: UserId) {
        let Ok(turn) = Arc::clone(&self.turn).try_acquire_owned() else { return };
        {
            let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            if asked.get(&user).is_some_and(|asked| asked.elapsed() < REST) {
                return;
            }
            asked.insert(user, Instant::now());
        }
        let this = Arc::clone(self);
        tokio::spawn(async move {
            let _turn = turn;
            if let Err(error) = this.mark(user).await {
                tracing::warn!(%error, "what somebody has read was not marked");
            }
        });
    }

    async fn mark(&self, user: UserId) -> Result<(), DbErr> {
        let backend = self.readers.get_database_backend();
        loop {
            let values = [user.as_uuid().into(), (BATCH as u64).into()];
            let rows = self.readers.query_all_raw(Statement::from_sql_and_values(backend, UNMARKED, values)).await?;
            let ids = rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<Vec<Uuid>, _>>()?;
            // Where none of them could be had, the next ones could be the same.
            if ids.is_empty() || self.mark_these(user, &ids).await? == 0 || ids.len() < BATCH {
                return Ok(());
            }
        }
    }

    /// How many of them it was.
    async fn mark_these(&self, user: UserId, ids: &[Uuid]) -> Result<u64, DbErr> {
        let user = user.as_uuid();
        let backend = self.writers.get_database_backend();
        let ids = serde_json::to_string(ids).map_err(|error| DbErr::Custom(error.to_string()))?;
        if backend == DbBackend::Postgres {
            let mark = Statement::from_sql_and_values(backend, POSTGRES, [ids.into(), user.into()]);
            return Ok(self.writers.execute_raw(mark).await?.rows_affected());
        }
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let transaction = self.writers.begin_with_options(options).await?;
        let [conversations, listings] = SQLITE;
        let conversations = Statement::from_sql_and_values(backend, conversations, [ids.clone().into()]);
        transaction.execute_raw(conversations).await?;
        let listings = Statement::from_sql_and_values(backend, listings, [ids.into(), user.into()]);
        let marked = transaction.execute_raw(listings).await?;
        transaction.commit().await?;
        Ok(marked.rows_affected())
    }
}
