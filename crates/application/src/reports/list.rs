//! List reports.

use confab_domain::{Operation, Relation, Report, ReportId, may};

use crate::ports::{Page, PageRequest, ReportFilter};
use crate::{App, Error, Viewer};

/// A page of the reports of messages, on behalf of an admin.
///
/// # Errors
/// [`Error::Denied`] for whoever is no admin.
pub async fn list(
    app: &App,
    viewer: &Viewer,
    filter: ReportFilter,
    page: &PageRequest<ReportId>,
) -> Result<Page<Report>, Error> {
    may(Operation::ReadReports, viewer.user.role, Relation::None)?;
    Ok(app.store.reports().list(filter, page).await?)
}
