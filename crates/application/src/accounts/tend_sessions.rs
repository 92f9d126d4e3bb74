//! Look after the sessions of everyone.

use crate::{App, Error};

/// How many sessions are written down, or removed, in one statement.
const AT_ONCE: usize = 1000;

/// Writes down which sessions were used since it was last done, and removes some of those that have expired. To be done now
/// and then: how often is how exact it is when a session was last used.
///
/// # Errors
/// Those of the store. What was not written down is lost, and nothing that matters.
pub async fn tend_sessions(app: &App) -> Result<(), Error> {
    let now = app.clock.now();
    let used = app.sessions.take_used();
    for ids in used.chunks(AT_ONCE) {
        let tx = app.store.begin().await?;
        tx.sessions().touch(ids, now).await?;
        tx.commit().await?;
    }
    let tx = app.store.begin().await?;
    let removed = tx.sessions().remove_expired(now, AT_ONCE as u32).await?;
    if removed > 0 {
        tx.commit().await?;
    }
    Ok(())
}
