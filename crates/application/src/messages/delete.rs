//! Delete a message for all.

use confab_domain::{Change, ChangeRefused, Content, ConversationId, Denied, MessageId, Reason, Terms};

use super::changing::Changing;
use crate::fields::Fields;
use crate::{App, Error, Viewer};

/// Deletes a message for all: its place remains, and what it said is gone, from its revisions too. One that is deleted already
/// stays so.
///
/// # Errors
/// [`Error::NotFound`] where the viewer sees no such message; [`Error::Denied`]; [`Error::Unchanged`];
/// [`Error::Invalid`] where it takes a reason.
pub async fn delete(
    app: &App,
    viewer: &Viewer,
    conversation_id: ConversationId,
    id: MessageId,
    reason: Option<&str>,
) -> Result<(), Error> {
    let mut fields = Fields::default();
    let reason = fields.take_optional("reason", reason, Reason::parse);
    fields.check()?;
    let mut changing = Changing::begin(app, viewer, conversation_id, id).await?;
    let message = changing.message.clone();
    if matches!(message.content, Content::Deleted(_)) {
        return Ok(());
    }
    let terms = changing.changer.may_delete(&message, app.settings.policy, changing.now)?;
    // Whoever needs none has nothing to explain: it is not kept.
    let reason = reason.filter(|_| terms == Terms::WithReason);
    if terms == Terms::WithReason && reason.is_none() {
        return Err(ChangeRefused::Denied(Denied::ReasonNeeded).into());
    }
    let event = changing.record(Change::MessageDeleted { message_id: id, reason });
    changing.tx.messages().erase(&message.deleted(&event)).await?;
    changing.commit(&event).await
}
