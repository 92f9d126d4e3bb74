//! Whether the laws held: asked of the database, once the clients are gone.

use std::collections::HashMap;

use futures_util::TryStreamExt as _;
use sea_orm::sqlx::{self, PgPool, Row as _, SqlitePool};

use super::Database;
use crate::Result;
use crate::load::{Acknowledged, Key};

/// A connection to ask with.
pub enum Verifier {
    /// To PostgreSQL.
    Postgres(PgPool),
    /// To SQLite.
    Sqlite(SqlitePool),
}

/// What was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// All messages, by what the conversations say.
    pub messages: u64,
}

const COUNT: &str = "SELECT CAST(coalesce(sum(last_seq), 0) AS BIGINT) FROM conversations";
/// A conversation whose messages are not 1, 2, 3 … up to what it says.
const GAPS: &str = "SELECT count(*) FROM conversations AS c LEFT JOIN (\
                    SELECT conversation_id, count(*) AS n, min(seq) AS first, max(seq) AS last \
                    FROM messages GROUP BY conversation_id) AS m ON m.conversation_id = c.id \
                    WHERE coalesce(m.n, 0) <> c.last_seq OR coalesce(m.last, 0) <> c.last_seq OR coalesce(m.first, 1) <> 1";
/// What the benchmark's clients have sent: their keys begin like this, and no others do.
const SENT: &str = "SELECT client_message_id, seq FROM messages WHERE client_message_id LIKE 'bench-%'";

macro_rules! on {
    ($self:expr, $pool:ident => $body:expr) => {
        match $self {
            Verifier::Postgres($pool) => $body,
            Verifier::Sqlite($pool) => $body,
        }
    };
}

impl Verifier {
    /// One for this database.
    ///
    /// # Errors
    /// Where it cannot be reached.
    pub async fn new(database: &Database) -> Result<Self> {
        Ok(match database {
            Database::Postgres(url) => {
                Self::Postgres(sqlx::postgres::PgPoolOptions::new().max_connections(1).connect(url).await?)
            }
            Database::Sqlite(file) => {
                let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
                Self::Sqlite(sqlx::sqlite::SqlitePoolOptions::new().max_connections(1).connect_with(options).await?)
            }
        })
    }

    /// Counts.
    ///
    /// # Errors
    /// Where the database does not answer.
    pub async fn count(&self) -> Result<Counted> {
        let messages: i64 = on!(self, pool => sqlx::query_scalar(COUNT).fetch_one(pool).await?);
        Ok(Counted { messages: u64::try_from(messages)? })
    }

    /// The processes of the PostgreSQL server: its first one, which starts all others.
    ///
    /// # Errors
    /// Where it does not answer.
    pub async fn postmaster(&self) -> Result<Option<u32>> {
        let Self::Postgres(pool) = self else { return Ok(None) };
        let backend: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(pool).await?;
        Ok(super::usage::parent(u32::try_from(backend)?))
    }

    /// Whether no conversation has a gap, and every message that was acknowledged is there once, in its place.
    ///
    /// # Errors
    /// Says what is not.
    pub async fn laws(&self, acknowledged: &Acknowledged) -> Result<()> {
        let gaps: i64 = on!(self, pool => sqlx::query_scalar(GAPS).fetch_one(pool).await?);
        if gaps != 0 {
            return Err(format!("{gaps} conversations have a gap in their order").into());
        }
        let mut promised: HashMap<Key, (u64, u32)> = HashMap::with_capacity(acknowledged.len());
        for (key, seq) in acknowledged {
            if promised.insert(*key, (*seq, 0)).is_some() {
                return Err(format!("{key} was acknowledged twice").into());
            }
        }
        on!(self, pool => {
            let mut rows = sqlx::query(SENT).fetch(pool);
            while let Some(row) = rows.try_next().await? {
                let (key, seq): (&str, i64) = (row.try_get(0)?, row.try_get(1)?);
                // One that is not waited for was not acknowledged before the clients left.
                let Some((place, times)) = Key::parse(key).and_then(|key| promised.get_mut(&key)) else { continue };
                if *place != u64::try_from(seq)? {
                    return Err(format!("{key} was acknowledged as {place}, and is {seq}").into());
                }
                *times += 1;
            }
        });
        match promised.iter().find(|(_, (_, times))| *times != 1) {
            None => Ok(()),
            Some((key, (_, times))) => Err(format!("{key} was acknowledged, and is there {times} times").into()),
        }
    }

    /// Lets what was written settle, so that the next measurement does not pay for it.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn settle(&self) -> Result<()> {
        if let Self::Postgres(pool) = self {
            sqlx::query("CHECKPOINT").execute(pool).await?;
        }
        Ok(())
    }

    /// Closes the connection.
    pub async fn close(self) {
        on!(self, pool => pool.close().await);
    }
}
