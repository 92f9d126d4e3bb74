//! Give an account another role, suspend it, and restore it.

use confab_domain::{
    AuditEntry, AuditKind, Denied, Facts, Operation, Origin, Relation, Role, User, UserId, UserState, may,
};

use crate::ports::Transaction;
use crate::{App, Conflict, Error, Resource, Unauthenticated, Viewer};

/// What is to change of an account; what is `None` stays.
#[derive(Debug, Clone, Copy, Default)]
pub struct StandingChange {
    /// Another role.
    pub role: Option<Role>,
    /// Whether it may be used: `false` suspends it and ends its sessions, `true` restores it.
    pub active: Option<bool>,
}

/// Changes the standing of somebody else's account, on behalf of an admin.
///
/// # Errors
/// [`Error::Denied`] for whoever is no admin, and for oneself; [`Error::NotFound`]; [`Conflict::LastAdmin`].
pub async fn change_standing(
    app: &App,
    viewer: &Viewer,
    id: UserId,
    change: StandingChange,
    origin: &Origin,
) -> Result<User, Error> {
    let tx = app.store.begin().await?;
    let admins = tx.users().find_admins_for_update().await?;
    // As it is now, and not as it was remembered: of two admins who demote each other, one is too late.
    may(Operation::ChangeStanding, viewer.user.role, Relation::None)?;
    if !admins.iter().any(|admin| admin.id == viewer.user.id) {
        return Err(Unauthenticated::InvalidToken.into());
    }
    if id == viewer.user.id {
        return Err(Denied::NotOneself.into());
    }
    apply(app, tx, &admins, Some(viewer.user.id), id, change, origin).await
}

/// Changes the standing of an account, on behalf of an operator of the server.
///
/// # Errors
/// [`Error::NotFound`]; [`Conflict::LastAdmin`].
pub async fn change_standing_as_operator(app: &App, id: UserId, change: StandingChange) -> Result<User, Error> {
    let tx = app.store.begin().await?;
    let admins = tx.users().find_admins_for_update().await?;
    apply(app, tx, &admins, None, id, change, &Origin::default()).await
}

async fn apply(
    app: &App,
    tx: Box<dyn Transaction>,
    admins: &[User],
    actor_id: Option<UserId>,
    id: UserId,
    change: StandingChange,
    origin: &Origin,
) -> Result<User, Error> {
    let user = tx.users().find_for_update(id).await?.filter(|user| user.deleted_at.is_none());
    let user = user.ok_or(Error::NotFound(Resource::User))?;
    let (role, active) = (change.role.unwrap_or(user.role), change.active.unwrap_or(user.active));
    if (role, active) == (user.role, user.active) {
        return Ok(user);
    }
    let stays_admin = role == Role::Admin && active;
    if !stays_admin && admins.iter().all(|admin| admin.id == id) && !admins.is_empty() {
        return Err(Conflict::LastAdmin.into());
    }
    let changed = User::restore(UserState { role, active, updated_at: app.clock.now(), ..UserState::clone(&user) });
    tx.users().update(&changed).await?;
    let entry = |kind| AuditEntry { actor_id, ..app.audit_entry(kind, Some(id), origin) };
    if role != user.role {
        let (before, after) = (Facts::of("role", user.role.as_str()), Facts::of("role", role.as_str()));
        let entry = AuditEntry { before: Some(before), after: Some(after), ..entry(AuditKind::RoleChanged) };
        tx.audit().append(&entry).await?;
    }
    if active != user.active {
        tx.audit().append(&entry(if active { AuditKind::Restored } else { AuditKind::Suspended })).await?;
    }
    if !active {
        tx.sessions().end_all(id, None).await?;
    }
    let committed = tx.commit().await;
    app.sessions.forget(id);
    committed?;
    Ok(changed)
}
