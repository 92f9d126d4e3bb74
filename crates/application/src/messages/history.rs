//! Read a conversation's history.

use confab_domain::{ConversationId, Operation, Relation, Seq, may};

use super::former::former_history;
use super::inspected::inspected_history;
use crate::ports::{MessageFilter, Page, PageRequest};
use crate::views::MessageView;
use crate::{App, Error, Resource, Viewer};

/// Part of a conversation's history.
///
/// # Errors
/// [`Error::NotFound`] where the viewer neither takes part in it, nor may still read it, nor inspects it.
pub async fn history(
    app: &App,
    viewer: &Viewer,
    id: ConversationId,
    filter: &MessageFilter,
    page: &PageRequest<Seq>,
) -> Result<Page<MessageView>, Error> {
    may(Operation::ReadHistory, viewer.user.role, Relation::Member)?;
    let found = app.store.messages().history(viewer.user.id, id, filter, page).await?;
    let found = match (found, former_history(app, viewer)) {
        (None, Some(former)) => former.history(viewer.user.id, id, filter, page).await?,
        (found, _) => found,
    };
    let found = match (found, inspected_history(app, viewer, id)) {
        (None, Some((inspected, inspection))) => inspected.history(&inspection, filter, page).await?,
        (found, _) => found,
    };
    found.ok_or(Error::NotFound(Resource::Conversation))
}
