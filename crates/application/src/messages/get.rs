//! Read one message.

use confab_domain::{ConversationId, MessageId, Operation, Relation, may};

use super::former::former_history;
use super::inspected::inspected_history;
use crate::views::MessageView;
use crate::{App, Error, Resource, Viewer};

/// One message of a conversation.
///
/// # Errors
/// [`Error::NotFound`] where there is none, or the viewer neither takes part in the conversation nor may still read it: the same answer.
pub async fn get(
    app: &App,
    viewer: &Viewer,
    conversation_id: ConversationId,
    id: MessageId,
) -> Result<MessageView, Error> {
    may(Operation::ReadHistory, viewer.user.role, Relation::Member)?;
    let found = app.store.messages().find(viewer.user.id, conversation_id, id).await?;
    let found = match (found, former_history(app, viewer)) {
        (None, Some(former)) => former.find(viewer.user.id, conversation_id, id).await?,
        (found, _) => found,
    };
    let found = match (found, inspected_history(app, viewer, conversation_id)) {
        (None, Some((inspected, inspection))) => inspected.find(&inspection, id).await?,
        (found, _) => found,
    };
    found.ok_or(Error::NotFound(Resource::Message))
}
