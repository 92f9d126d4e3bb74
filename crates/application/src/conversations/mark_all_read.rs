//! Mark all one's conversations read.

use confab_domain::{Operation, Relation, may};

use crate::{App, Error, Viewer};

/// Moves the viewer's cursors to the end of every conversation, and tells in how many they were not there.
///
/// # Errors
/// [`Error::Store`] where storage fails.
pub async fn mark_all_read(app: &App, viewer: &Viewer) -> Result<u64, Error> {
    may(Operation::MarkAllRead, viewer.user.role, Relation::None)?;
    let tx = app.store.begin().await?;
    let moved = tx.conversations().mark_all_read(viewer.user.id).await?;
    tx.commit().await?;
    Ok(moved)
}
