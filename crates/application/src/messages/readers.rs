//! See who has read a message.

use confab_domain::{ConversationId, MessageId, Operation, Relation, UserId, may};

use crate::ports::{Page, PageRequest};
use crate::views::UserCard;
use crate::{App, Error, Resource, Viewer};

/// The participants who have read a message, by their ids. Whoever sent it is not among them, nor is whoever joined after
/// it.
///
/// # Errors
/// [`Error::NotFound`] where there is no such message, or the viewer does not take part in the conversation: the same
/// answer.
pub async fn readers(
    app: &App,
    viewer: &Viewer,
    conversation_id: ConversationId,
    id: MessageId,
    page: &PageRequest<UserId>,
) -> Result<Page<UserCard>, Error> {
    may(Operation::ListReaders, viewer.user.role, Relation::Member)?;
    let page = app.store.messages().readers(viewer.user.id, conversation_id, id, page).await?;
    page.ok_or(Error::NotFound(Resource::Message))
}
