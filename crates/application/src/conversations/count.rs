//! Count one's own conversations.

use confab_domain::{Operation, Relation, may};

use crate::ports::ConversationFilter;
use crate::{App, Error, Viewer};

/// The most conversations that are counted.
pub const COUNTED: u64 = 100;

/// How many of the viewer's conversations a filter wants; [`COUNTED`] stands for that many or more.
///
/// # Errors
/// [`Error::Store`] where storage fails.
pub async fn count(app: &App, viewer: &Viewer, filter: &ConversationFilter) -> Result<u64, Error> {
    may(Operation::ListConversations, viewer.user.role, Relation::None)?;
    Ok(app.store.conversations().count(viewer.user.id, filter, COUNTED).await?)
}
