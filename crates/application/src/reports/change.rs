//! Deal with a report.

use confab_domain::{
    AuditEntry, AuditKind, Facts, Operation, Origin, Relation, Remark, Report, ReportChange, ReportId, ReportState, may,
};

use crate::fields::Fields;
use crate::{App, Error, Precondition, Resource, Viewer};

/// What is to change, as it came in; what is `None` stays (RFC 7396).
#[derive(Debug, Clone, Default)]
pub struct ReportPatch {
    /// Another state.
    pub state: Option<String>,
    /// Another note, or `Some(None)` for none.
    pub note: Option<Option<String>>,
}

/// The tag of a report's state.
pub fn tag(report: &Report) -> String {
    format!("r{}", report.updated_at().as_micros())
}

/// Changes a report, on behalf of an admin, and returns it as it then is. A change that changes something is in the audit,
/// but not what the note says: that may be of persons, whom the audit would outlive.
///
/// # Errors
/// [`Error::Denied`] for whoever is no admin; [`Error::Invalid`]; [`Error::NotFound`]; [`Error::PreconditionFailed`] where
/// somebody else has changed it meanwhile.
pub async fn change(
    app: &App,
    viewer: &Viewer,
    id: ReportId,
    patch: ReportPatch,
    expected: &Precondition,
    origin: &Origin,
) -> Result<Report, Error> {
    let mut fields = Fields::default();
    let change = ReportChange {
        state: fields.take_optional("state", patch.state.as_deref(), ReportState::parse),
        note: patch.note.map(|note| fields.take_optional("note", note.as_deref(), Remark::parse)),
    };
    fields.check()?;
    may(Operation::ChangeReports, viewer.user.role, Relation::None)?;

    let tx = app.store.begin().await?;
    let report = tx.reports().find_for_update(id).await?.ok_or(Error::NotFound(Resource::Report))?;
    if !expected.admits(&tag(&report)) {
        return Err(Error::PreconditionFailed);
    }
    let changed = report.changed(change, viewer.user.id, app.clock.now());
    if changed == report {
        return Ok(report);
    }
    tx.reports().update(&changed).await?;
    let facts = Facts::of("report_id", &id.to_string()).and("state", changed.state.as_str());
    let facts = if changed.note == report.note { facts } else { facts.and("note", "changed") };
    let entry = AuditEntry {
        actor_id: Some(viewer.user.id),
        before: Some(Facts::of("state", report.state.as_str())),
        after: Some(facts),
        ..app.audit_entry(AuditKind::ReportChanged, None, origin)
    };
    tx.audit().append(&entry).await?;
    tx.commit().await?;
    Ok(changed)
}
