//! Read one report.

use confab_domain::{Operation, Relation, Report, ReportId, may};

use crate::{App, Error, Resource, Viewer};

/// A report of a message, on behalf of an admin.
///
/// # Errors
/// [`Error::Denied`] for whoever is no admin; [`Error::NotFound`].
pub async fn get(app: &App, viewer: &Viewer, id: ReportId) -> Result<Report, Error> {
    may(Operation::ReadReports, viewer.user.role, Relation::None)?;
    app.store.reports().find(id).await?.ok_or(Error::NotFound(Resource::Report))
}
