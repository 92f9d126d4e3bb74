//! Read one message.

use confab_domain::{ConversationId, MessageId, Operation, Relation, may};

use crate::views::MessageView;
use crate::{App, Error, Resource, Viewer};

/// One message of a conversation.
///
/// # Errors
/// [`Error::NotFound`] where there is none, or the viewer does not take part in the conversation: the same answer.
pub async fn get(
    app: &App,
    viewer: &Viewer,
    conversation_id: ConversationId,
    id: MessageId,
) -> Result<MessageView, Error> {
    may(Operation::ReadConversation, viewer.user.role, Relation::Member)?;
    let message = app.store.messages().find(viewer.user.id, conversation_id, id).await?;
    message.ok_or(Error::NotFound(Resource::Message))
}
