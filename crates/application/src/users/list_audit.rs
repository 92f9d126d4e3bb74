//! Read what happened to one's own account.

use confab_domain::{AuditEntry, AuditEntryId, Operation, Relation, may};

use crate::ports::{Page, PageRequest};
use crate::{App, Error, Viewer};

/// A page of what happened to the viewer's account, the newest first.
///
/// # Errors
/// [`Error::Denied`], by the permission table.
pub async fn list_audit(
    app: &App,
    viewer: &Viewer,
    page: &PageRequest<AuditEntryId>,
) -> Result<Page<AuditEntry>, Error> {
    may(Operation::ReadOwnAudit, viewer.user.role, Relation::None)?;
    Ok(app.store.audit().list(viewer.user.id, page).await?)
}
