//! End the sessions of somebody else.

use confab_domain::{AuditEntry, AuditKind, Facts, Operation, Origin, Relation, Role, UserId, may};

use crate::{App, Error, Resource, Unauthenticated, Viewer};

/// Ends all sessions of an account, on behalf of an admin. Where there are none, nothing happens.
///
/// # Errors
/// [`Error::Denied`] for whoever is no admin; [`Error::NotFound`].
pub async fn end_sessions(app: &App, viewer: &Viewer, id: UserId, origin: &Origin) -> Result<(), Error> {
    may(Operation::EndSessions, viewer.user.role, Relation::None)?;
    let tx = app.store.begin().await?;
    let found = tx.users().find_many(&[viewer.user.id, id]).await?;
    // As it is now, and not as it was remembered.
    if !found.iter().any(|user| user.id == viewer.user.id && user.active && user.role == Role::Admin) {
        return Err(Unauthenticated::InvalidToken.into());
    }
    if !found.iter().any(|user| user.id == id && user.deleted_at.is_none()) {
        return Err(Error::NotFound(Resource::User));
    }
    let ended = tx.sessions().end_all(id, None).await?;
    if ended == 0 {
        return Ok(());
    }
    let after = Some(Facts::of("ended", &ended.to_string()));
    let entry = app.audit_entry(AuditKind::AllSessionsEnded, Some(id), origin);
    tx.audit().append(&AuditEntry { actor_id: Some(viewer.user.id), after, ..entry }).await?;
    let committed = tx.commit().await;
    app.sessions.forget(id);
    Ok(committed?)
}
