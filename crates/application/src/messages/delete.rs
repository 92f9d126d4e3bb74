//! Delete a message for all.

use confab_domain::{
    AuditEntry, AuditKind, Change, ChangeRefused, Content, ConversationId, Denied, Facts, MessageId, Operation,
    Relation, Terms, judge,
};

use super::changing::Changing;
use crate::conversations::Grounds;
use crate::{App, Error, Viewer};

/// Deletes a message for all: its place remains, and what it said is gone, from its revisions too. One that is deleted already
/// stays so. Whoever may do it only with a reason is in the audit with it.
///
/// # Errors
/// [`Error::NotFound`] where the viewer sees no such message, nor may delete it from outside; [`Error::Denied`];
/// [`Error::Unchanged`]; [`Error::Invalid`] where it takes a reason.
pub async fn delete(
    app: &App,
    viewer: &Viewer,
    conversation_id: ConversationId,
    id: MessageId,
    grounds: &Grounds,
) -> Result<(), Error> {
    let reason = grounds.reason()?;
    let policy = app.settings.policy;
    let mut changing = match Changing::begin(app, viewer, conversation_id, id).await {
        Err(Error::NotFound(_))
            if judge(Operation::DeleteAnyMessage, viewer.user.role, Relation::None, policy).is_ok() =>
        {
            if reason.is_none() {
                return Err(ChangeRefused::Denied(Denied::ReasonNeeded).into());
            }
            Changing::begin_from_outside(app, viewer, conversation_id, id).await?
        }
        begun => begun?,
    };
    let message = changing.message.clone();
    if matches!(message.content, Content::Deleted(_)) {
        return Ok(());
    }
    let terms = changing.changer.may_delete(&message, policy, changing.now)?;
    // Whoever needs none has nothing to explain: it is not kept.
    let reason = reason.filter(|_| terms == Terms::WithReason);
    if terms == Terms::WithReason {
        let reason = reason.as_ref().ok_or(ChangeRefused::Denied(Denied::ReasonNeeded))?;
        let facts = Facts::of("operation", Operation::DeleteAnyMessage.as_str())
            .and("conversation_id", &conversation_id.to_string())
            .and("message_id", &id.to_string())
            .and("reason", reason.as_str());
        let entry = AuditEntry {
            actor_id: Some(viewer.user.id),
            after: Some(facts),
            ..app.audit_entry(AuditKind::ConversationTouched, None, &grounds.origin)
        };
        changing.tx.audit().append(&entry).await?;
    }
    let event = changing.record(Change::MessageDeleted { message_id: id, reason });
    changing.tx.messages().erase(&message.deleted(&event)).await?;
    changing.commit(&event).await
}
