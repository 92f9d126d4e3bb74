//! What an operator can set of the connection to a database.

use std::fmt;
use std::time::Duration;

/// Which database, and how patiently to use it.
#[derive(Clone)]
pub struct Options {
    /// `sqlite://path/of/the/file`, or `postgres://user:password@host:port/database`.
    pub url: String,
    /// The most connections, beside those of the message log, which are `log_writers` and one for each thread: on PostgreSQL of all
    /// kinds, on SQLite for reading.
    pub max_connections: u32,
    /// How many connections the message log writes batches through, each the messages of its own conversations. Stores that share a
    /// database take turns where they have the same number. PostgreSQL only: on SQLite there is one that writes, whatever it writes.
    pub log_writers: u32,
    /// How long a message waits for its turn to be written. Whoever has waited for longer is told that it is too much, rather
    /// than be served when they may be gone.
    pub log_patience: Duration,
    /// How many threads will read and write through the store. On PostgreSQL each gets its share of the connections, if that
    /// is two or more: a connection works best for the thread on which it was opened.
    pub threads: u32,
    /// How long to wait for a free connection, or for a server that is just starting.
    pub acquire_timeout: Duration,
    /// How long a statement waits for a lock.
    pub lock_timeout: Duration,
    /// How long a batch of messages waits for its node's turn, before it goes on without one. PostgreSQL only.
    pub turn_timeout: Duration,
    /// How long a statement may take. PostgreSQL only.
    pub statement_timeout: Duration,
}

impl Options {
    /// A database by its URL, with everything else at its default.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            max_connections: 16,
            log_writers: 3,
            threads: 1,
            log_patience: Duration::from_secs(10),
            acquire_timeout: Duration::from_secs(5),
            lock_timeout: Duration::from_secs(5),
            turn_timeout: Duration::from_millis(500),
            statement_timeout: Duration::from_secs(30),
        }
    }
}

impl fmt::Debug for Options {
    /// Without the URL, in which there may be a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("max_connections", &self.max_connections)
            .field("log_writers", &self.log_writers)
            .field("threads", &self.threads)
            .field("log_patience", &self.log_patience)
            .field("acquire_timeout", &self.acquire_timeout)
            .field("lock_timeout", &self.lock_timeout)
            .field("turn_timeout", &self.turn_timeout)
            .field("statement_timeout", &self.statement_timeout)
            .finish_non_exhaustive()
    }
}
