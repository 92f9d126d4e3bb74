//! Report a message.

use confab_domain::{ConversationId, MessageId, Remark, Report, ReportReason};

use super::changing::Changing;
use crate::fields::Fields;
use crate::{App, Error, Unauthenticated, Viewer};

/// Why somebody reports a message, as it came in.
#[derive(Debug, Clone, Default)]
pub struct NewReport {
    /// What is wrong with it.
    pub reason: String,
    /// What else there is to say of it.
    pub comment: Option<String>,
}

/// A report, and whether it is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// The report.
    pub report: Report,
    /// Whether it was made now. A user reports a message once: whoever does again finds the first one as it is.
    pub is_new: bool,
}

/// Reports a message of somebody else to the admins. Nobody in the conversation learns of it.
///
/// # Errors
/// [`Error::Invalid`]; [`Error::NotFound`] where the viewer sees no such message; [`Error::Unchanged`] where it is the
/// viewer's own, deleted, or of the system; [`Unauthenticated`] where the account has just been deleted.
pub async fn report(
    app: &App,
    viewer: &Viewer,
    conversation_id: ConversationId,
    id: MessageId,
    new: NewReport,
) -> Result<Reported, Error> {
    let mut fields = Fields::default();
    let reason = fields.take("reason", ReportReason::parse(&new.reason));
    let comment = fields.take_optional("comment", new.comment.as_deref(), Remark::parse);
    fields.check()?;
    let reason = fields.need(reason)?;

    // Its lock has whoever reports twice at once find the first report.
    let Changing { tx, message, changer, now, .. } = Changing::begin(app, viewer, conversation_id, id).await?;
    if let Some(report) = tx.reports().find_own(viewer.user.id, id).await? {
        return Ok(Reported { report, is_new: false });
    }
    changer.may_report(&message, app.settings.policy)?;
    let report = Report::create(app.ids.next().into(), &message, viewer.user.id, reason, comment, now);
    tx.reports().insert(&report).await?;
    // The row that refers to them keeps them from being deleted; they may have been just before, and their comments with them.
    if !tx.users().find_many(&[viewer.user.id]).await?.iter().any(|user| user.active) {
        return Err(Unauthenticated::InvalidToken.into());
    }
    tx.commit().await?;
    Ok(Reported { report, is_new: true })
}
