//! Remembers of which quiet conversations somebody has read all, so that what they have not is found without the rest
//! (ADR 32).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use confab_domain::UserId;
use sea_orm::prelude::Uuid;
use sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DbBackend, DbErr, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait as _,
};

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
      SELECT c.id FROM unnest(CAST($1 AS uuid[])) AS i(id) \
      JOIN conversations AS c ON c.id = i.id \
      JOIN participants AS me ON me.conversation_id = i.id AND me.user_id = $2 \
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
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    running: bool,
    asked: HashMap<UserId, Instant>,
}

impl CatchingUp {
    /// By one of these connections.
    pub(crate) fn new(readers: DatabaseConnection, writers: DatabaseConnection) -> Arc<Self> {
        Arc::new(Self { readers, writers, state: Mutex::default() })
    }

    /// Somebody asks for what is unread, which goes through whatever is not marked: marks it, unless they have asked just now, or it
    /// is being done for another.
    pub(crate) fn asked(self: &Arc<Self>, user: UserId) {
        if self.begin(user) {
            let this = Arc::clone(self);
            tokio::spawn(async move {
                if let Err(error) = this.mark(user).await {
                    tracing::warn!(%error, "what somebody has read was not marked");
                }
                this.state.lock().unwrap_or_else(PoisonError::into_inner).running = false;
            });
        }
    }

    fn begin(&self, user: UserId) -> bool {
        let now = Instant::now();
        let is_recent = |asked: &Instant| now.duration_since(*asked) < REST;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.running || state.asked.get(&user).is_some_and(is_recent) {
            return false;
        }
        if state.asked.len() >= KNOWN {
            state.asked.retain(|_, asked| is_recent(asked));
        }
        if state.asked.len() < KNOWN {
            state.asked.insert(user, now);
        }
        state.running = true;
        true
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
        if backend == DbBackend::Postgres {
            let ids = ids.iter().map(Uuid::to_string).collect::<Vec<_>>().join(",");
            let values = [format!("{{{ids}}}").into(), user.into()];
            let marked = self.writers.execute_raw(Statement::from_sql_and_values(backend, POSTGRES, values)).await?;
            return Ok(marked.rows_affected());
        }
        let ids = serde_json::to_string(ids).map_err(|error| DbErr::Custom(error.to_string()))?;
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
