//! List one's own conversations.

use confab_domain::{Operation, Relation, may};

use crate::ports::{ActivityKey, ConversationFilter, Page, PageRequest, Participants};
use crate::views::ConversationView;
use crate::{App, Error, Viewer};

/// The viewer's conversations, newest activity first. A conversation that becomes active while someone pages through
/// moves to the start; no other is doubled or left out.
///
/// # Errors
/// [`Error::Store`] where storage fails.
pub async fn list(
    app: &App,
    viewer: &Viewer,
    filter: &ConversationFilter,
    page: &PageRequest<ActivityKey>,
    participants: Participants,
) -> Result<Page<ConversationView>, Error> {
    may(Operation::ListConversations, viewer.user.role, Relation::None)?;
    Ok(app.store.conversations().list(viewer.user.id, filter, page, participants).await?)
}
