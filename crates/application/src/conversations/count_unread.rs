//! Count what one has not read.

use confab_domain::{Operation, Relation, UnreadCount, may};

use crate::{App, Error, Viewer};

/// How many messages of others the viewer has not read, in all conversations together that they have not muted.
///
/// # Errors
/// [`Error::Store`] where storage fails.
pub async fn count_unread(app: &App, viewer: &Viewer) -> Result<UnreadCount, Error> {
    may(Operation::MarkAllRead, viewer.user.role, Relation::None)?;
    let unread = app.store.conversations().count_all_unread(viewer.user.id, app.clock.now()).await?;
    Ok(UnreadCount::of_all(unread))
}
