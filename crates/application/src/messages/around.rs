//! Read a conversation's history around a message.

use confab_domain::{ConversationId, MessageId, Operation, Relation, Seq, may};

use super::former::former_history;
use super::inspected::inspected_history;
use crate::ports::{Limit, MessageFilter, Page};
use crate::views::MessageView;
use crate::{App, Error, FieldError, Resource, Viewer};

/// A message that others lie around.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// By its place, whether there is a message or not.
    Seq(Seq),
    /// By its id.
    Message(MessageId),
}

/// The messages around one, half of the page on either side, as far as there are so many.
///
/// # Errors
/// [`Error::NotFound`] where the viewer neither takes part in the conversation nor may still read it; [`Error::Invalid`] for a message that the
/// viewer does not see.
pub async fn around(
    app: &App,
    viewer: &Viewer,
    id: ConversationId,
    filter: &MessageFilter,
    anchor: Anchor,
    limit: Limit,
) -> Result<Page<MessageView>, Error> {
    may(Operation::ReadHistory, viewer.user.role, Relation::Member)?;
    let (messages, viewer_id) = (app.store.messages(), viewer.user.id);
    let mut seq = match anchor {
        Anchor::Seq(seq) => Some(seq),
        Anchor::Message(message) => messages.find(viewer_id, id, message).await?.map(|view| view.message.seq),
    };
    let found = messages.around(viewer_id, id, filter, seq.unwrap_or(Seq::ZERO), limit).await?;
    let found = match (found, former_history(app, viewer)) {
        (None, Some(former)) => {
            if let Anchor::Message(message) = anchor {
                seq = former.find(viewer_id, id, message).await?.map(|view| view.message.seq);
            }
            former.around(viewer_id, id, filter, seq.unwrap_or(Seq::ZERO), limit).await?
        }
        (found, _) => found,
    };
    let found = match (found, inspected_history(app, viewer, id)) {
        (None, Some((inspected, inspection))) => {
            if let Anchor::Message(message) = anchor {
                seq = inspected.find(&inspection, message).await?.map(|view| view.message.seq);
            }
            inspected.around(&inspection, filter, seq.unwrap_or(Seq::ZERO), limit).await?
        }
        (found, _) => found,
    };
    let page = found.ok_or(Error::NotFound(Resource::Conversation))?;
    if seq.is_none() {
        let message = "there is no message with this id that you see in this conversation";
        return Err(Error::Invalid(vec![FieldError::new("around", "message_unavailable", message)]));
    }
    Ok(page)
}
