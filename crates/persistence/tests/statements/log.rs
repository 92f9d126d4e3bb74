//! The log of every statement of the process.

use std::fmt::Debug;
use std::sync::{Mutex, PoisonError};

use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::{Layer, registry};

static LOG: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Begins to keep it.
pub fn start() {
    tracing::subscriber::set_global_default(registry().with(LevelFilter::DEBUG).with(Statements)).unwrap();
}

/// Asserts that something takes so many statements, and returns them.
pub async fn counted<T, E: Debug>(count: usize, read: impl Future<Output = Result<T, E>>) -> (T, Vec<String>) {
    let (value, statements) = counted_up_to(count, read).await;
    assert_eq!(statements.len(), count, "{statements:#?}");
    (value, statements)
}

/// Asserts that something takes so many statements at the most, and returns them.
pub async fn counted_up_to<T, E: Debug>(most: usize, read: impl Future<Output = Result<T, E>>) -> (T, Vec<String>) {
    LOG.lock().unwrap_or_else(PoisonError::into_inner).clear();
    let value = read.await.unwrap();
    let mut statements = std::mem::take(&mut *LOG.lock().unwrap_or_else(PoisonError::into_inner));
    statements.retain(|sql| !is_in_the_background(sql));
    assert!(statements.len() <= most, "{statements:#?}");
    (value, statements)
}

/// What marks that something is read, at some time after it was asked for what is not.
fn is_in_the_background(sql: &str) -> bool {
    [
        "SELECT l.conversation_id FROM listings",
        "WITH quiet AS",
        "UPDATE listings SET caught_up",
        "UPDATE conversations SET some",
    ]
    .iter()
    .any(|beginning| sql.starts_with(beginning))
}

/// Keeps the text of each statement that is logged.
struct Statements;

impl<S: tracing::Subscriber> Layer<S> for Statements {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" {
            let mut text = Text::default();
            event.record(&mut text);
            let sql = if text.statement.is_empty() { text.summary } else { text.statement };
            // Whenever the pool opens one more connection to a file; and what ends a transaction, which not every database
            // logs, and which it may do when nobody waits for it any more.
            let is_aside =
                sql.starts_with("PRAGMA foreign_keys = ON") || ["COMMIT", "ROLLBACK"].contains(&sql.as_str());
            if !is_aside {
                LOG.lock().unwrap_or_else(PoisonError::into_inner).push(sql);
            }
        }
    }
}

#[derive(Default)]
struct Text {
    summary: String,
    statement: String,
}

impl tracing::field::Visit for Text {
    fn record_str(&mut self, field: &tracing::field::Field, value: &str) {
        match field.name() {
            "summary" => value.clone_into(&mut self.summary),
            "db.statement" => value.trim().clone_into(&mut self.statement),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &tracing::field::Field, _: &dyn Debug) {}
}
