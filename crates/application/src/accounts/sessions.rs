//! See and end one's own log-ins.

use confab_domain::{AuditEntry, AuditKind, Facts, Operation, Origin, Relation, Session, SessionId, may};

use crate::ports::{Page, PageRequest};
use crate::{App, Error, Resource, Viewer};

/// A page of the viewer's own sessions, the newest first.
///
/// # Errors
/// [`Error::Denied`], by the permission table.
pub async fn list_sessions(app: &App, viewer: &Viewer, page: &PageRequest<SessionId>) -> Result<Page<Session>, Error> {
    may(Operation::ReadOwnSessions, viewer.user.role, Relation::None)?;
    Ok(app.store.sessions().list(viewer.user.id, app.clock.now(), page).await?)
}

/// Ends the session that the viewer is in.
///
/// # Errors
/// [`Error::NotFound`] where another request has just ended it.
pub async fn log_out(app: &App, viewer: &Viewer, origin: &Origin) -> Result<(), Error> {
    end(app, viewer, viewer.session_id, AuditKind::LoggedOut, origin).await
}

/// Ends one of the viewer's own sessions.
///
/// # Errors
/// [`Error::NotFound`] where it is none of theirs.
pub async fn end_session(app: &App, viewer: &Viewer, id: SessionId, origin: &Origin) -> Result<(), Error> {
    end(app, viewer, id, AuditKind::SessionEnded, origin).await
}

async fn end(app: &App, viewer: &Viewer, id: SessionId, kind: AuditKind, origin: &Origin) -> Result<(), Error> {
    may(Operation::EndOwnSessions, viewer.user.role, Relation::None)?;
    let user_id = viewer.user.id;
    let tx = app.store.begin().await?;
    if !tx.sessions().end(user_id, id).await? {
        return Err(Error::NotFound(Resource::Session));
    }
    let entry = app.own_audit_entry(kind, user_id, origin);
    tx.audit().append(&AuditEntry { session_id: Some(id), ..entry }).await?;
    let committed = tx.commit().await;
    app.sessions.forget(user_id);
    Ok(committed?)
}

/// Ends all sessions of the viewer but the one that they are in.
///
/// # Errors
/// [`Error::Denied`], by the permission table.
pub async fn end_other_sessions(app: &App, viewer: &Viewer, origin: &Origin) -> Result<(), Error> {
    may(Operation::EndOwnSessions, viewer.user.role, Relation::None)?;
    let user_id = viewer.user.id;
    let tx = app.store.begin().await?;
    let ended = tx.sessions().end_all(user_id, Some(viewer.session_id)).await?;
    if ended == 0 {
        return Ok(());
    }
    let entry = app.own_audit_entry(AuditKind::OtherSessionsEnded, user_id, origin);
    let after = Some(Facts::of("ended", &ended.to_string()));
    tx.audit().append(&AuditEntry { session_id: Some(viewer.session_id), after, ..entry }).await?;
    let committed = tx.commit().await;
    app.sessions.forget(user_id);
    Ok(committed?)
}
