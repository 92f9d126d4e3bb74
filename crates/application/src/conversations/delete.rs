//! Delete a conversation.

use confab_domain::{Change, ConversationId, Operation};

use super::held::{Grounds, Held};
use crate::{App, Error, Viewer};

/// Deletes a conversation for everyone: nobody takes part in it any more, and to nobody is it there. Its rows stay, for
/// whoever has to find out.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Denied`] for whoever is no admin; [`Error::Invalid`] without a reason.
pub async fn delete(app: &App, viewer: &Viewer, id: ConversationId, grounds: &Grounds) -> Result<(), Error> {
    let mut held = Held::begin(app, viewer, id, Operation::DeleteConversation, grounds).await?;
    held.tx.conversations().remove_all_participants(&held.conversation, held.now).await?;
    held.conversation = held.conversation.delete(held.now);
    held.tell(Change::ConversationDeleted).await?;
    held.keep().await?;
    Ok(())
}
