//! Delete a message for oneself.

use confab_domain::{ConversationId, MessageId, Operation, may};

use super::changing::Changing;
use crate::{App, Error, Viewer};

/// Hides a message from the viewer, for ever; everyone else still sees it.
///
/// # Errors
/// [`Error::NotFound`] where the viewer sees no such message, or no longer does.
pub async fn hide(app: &App, viewer: &Viewer, conversation_id: ConversationId, id: MessageId) -> Result<(), Error> {
    let changing = Changing::begin(app, viewer, conversation_id, id).await?;
    may(Operation::HideMessage, changing.changer.role, changing.changer.relation)?;
    changing.tx.messages().hide(viewer.user.id, &changing.message).await?;
    Ok(changing.tx.commit().await?)
}
