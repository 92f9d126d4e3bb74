//! Read who has reacted to a message.

use confab_domain::{ConversationId, Emoji, MessageId, Operation, Relation, Version, may};

use crate::ports::{Page, PageRequest};
use crate::views::ReactionView;
use crate::{App, Error, Resource, Viewer};

/// The reactions to a message, or those with one emoji.
///
/// # Errors
/// [`Error::NotFound`] where the viewer sees no such message.
pub async fn reactions(
    app: &App,
    viewer: &Viewer,
    conversation_id: ConversationId,
    id: MessageId,
    emoji: Option<Emoji>,
    page: &PageRequest<Version>,
) -> Result<Page<ReactionView>, Error> {
    may(Operation::ReadConversation, viewer.user.role, Relation::Member)?;
    let page = app.store.messages().reactions(viewer.user.id, conversation_id, id, emoji, page).await?;
    page.ok_or(Error::NotFound(Resource::Message))
}
