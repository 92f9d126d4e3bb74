//! Read what a message said before it was edited.

use confab_domain::{ConversationId, MessageId, Operation, Relation, Revision, Version, may};

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
    may(Operation::ReadConversation, viewer.user.role, Relation::Member)?;
    let page = app.store.messages().revisions(viewer.user.id, conversation_id, id, page).await?;
    page.ok_or(Error::NotFound(Resource::Message))
}
