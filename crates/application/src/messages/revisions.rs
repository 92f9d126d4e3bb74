//! Read what a message said before it was edited.

use confab_domain::{ConversationId, MessageId, Operation, Relation, Revision, Version, may};

use super::former::former_history;
use crate::ports::{Page, PageRequest};
use crate::{App, Error, Resource, Viewer};

/// What a message said before each of its edits, the newest first.
///
/// # Errors
/// [`Error::NotFound`] where the viewer sees no such message.
pub async fn revisions(
    app: &App,
    viewer: &Viewer,
    conversation_id: ConversationId,
    id: MessageId,
    page: &PageRequest<Version>,
) -> Result<Page<Revision>, Error> {
    may(Operation::ReadHistory, viewer.user.role, Relation::Member)?;
    let found = app.store.messages().revisions(viewer.user.id, conversation_id, id, page).await?;
    let found = match (found, former_history(app, viewer)) {
        (None, Some(former)) => former.revisions(viewer.user.id, conversation_id, id, page).await?,
        (found, _) => found,
    };
    found.ok_or(Error::NotFound(Resource::Message))
}
