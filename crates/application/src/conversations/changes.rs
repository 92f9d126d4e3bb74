//! Read what has changed in a conversation.

use confab_domain::{ConversationId, Operation, Relation, Version, may};

use crate::ports::Limit;
use crate::views::Changes;
use crate::{App, Error, FieldError, Resource, Viewer};

/// The first changes after a version, in their order and without a gap, as far as the viewer may see them.
///
/// # Errors
/// [`Error::NotFound`] where the viewer does not take part in it; [`Error::Invalid`] for a version that the conversation
/// does not have yet: whoever knows it has read of another history.
pub async fn changes(
    app: &App,
    viewer: &Viewer,
    id: ConversationId,
    after: Version,
    limit: Limit,
) -> Result<Changes, Error> {
    may(Operation::ReadConversation, viewer.user.role, Relation::Member)?;
    let changes = app.store.events().after(viewer.user.id, id, after, limit).await?;
    let changes = changes.ok_or(Error::NotFound(Resource::Conversation))?;
    if after > changes.version {
        let message = format!("the conversation is at version {}: read it anew", changes.version.get());
        return Err(Error::Invalid(vec![FieldError::new("after", "out_of_range", message)]));
    }
    Ok(changes)
}
