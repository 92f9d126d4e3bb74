//! Read a conversation's history.

use confab_domain::{ConversationId, Operation, Relation, Seq, may};

use crate::ports::{MessageFilter, Page, PageRequest};
use crate::views::MessageView;
use crate::{App, Error, Resource, Viewer};

/// Part of a conversation's history.
///
/// # Errors
/// [`Error::NotFound`] where the viewer does not take part in it.
pub async fn history(
    app: &App,
    viewer: &Viewer,
    id: ConversationId,
    filter: &MessageFilter,
    page: &PageRequest<Seq>,
) -> Result<Page<MessageView>, Error> {
    may(Operation::ReadConversation, viewer.user.role, Relation::Member)?;
    let page = app.store.messages().history(viewer.user.id, id, filter, page).await?;
    page.ok_or(Error::NotFound(Resource::Conversation))
}
