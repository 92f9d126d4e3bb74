//! Block a user, and lift it.

use confab_domain::{Block, MAX_BLOCKS, Operation, Relation, Role, UserId, may};

use crate::{App, Conflict, Error, Resource, Unauthenticated, Viewer};

/// Blocks a user; whoever is blocked already stays so.
///
/// # Errors
/// [`Error::NotFound`], the same for a user who is not there and for one with whom the viewer shares no conversation, if they are
/// no admin; [`Conflict::BlockOfOneself`]; [`Conflict::TooManyBlocks`].
pub async fn block(app: &App, viewer: &Viewer, id: UserId) -> Result<(), Error> {
    may(Operation::BlockUsers, viewer.user.role, Relation::None)?;
    let me = viewer.user.id;
    if id == me {
        return Err(Conflict::BlockOfOneself.into());
    }
    let not_found = || Error::NotFound(Resource::User);
    let tx = app.store.begin().await?;
    let user = tx.users().find_for_update(me).await?.filter(|user| user.active);
    let user = user.ok_or(Unauthenticated::InvalidToken)?;
    let facts = tx.blocks().find_facts(me, id).await?;
    if facts.is_blocked {
        return Ok(());
    }
    if !facts.exists || !facts.is_known && user.role != Role::Admin {
        return Err(not_found());
    }
    if facts.count >= MAX_BLOCKS {
        return Err(Conflict::TooManyBlocks.into());
    }
    tx.blocks().insert(&Block { blocker_id: me, blocked_id: id, since: app.clock.now() }).await?;
    // The row that refers to them keeps them from being deleted; they may have been just before.
    if !tx.users().find_many(&[id]).await?.iter().any(|user| user.deleted_at.is_none()) {
        return Err(not_found());
    }
    Ok(tx.commit().await?)
}

/// Lifts the viewer's block of a user; where there is none, nothing changes, whether there is such a user or not.
///
/// # Errors
/// [`Unauthenticated`] where the viewer's account has just been suspended or deleted.
pub async fn unblock(app: &App, viewer: &Viewer, id: UserId) -> Result<(), Error> {
    may(Operation::BlockUsers, viewer.user.role, Relation::None)?;
    let me = viewer.user.id;
    let tx = app.store.begin().await?;
    let user = tx.users().find_for_update(me).await?.filter(|user| user.active);
    user.ok_or(Unauthenticated::InvalidToken)?;
    if tx.blocks().remove(me, id).await? {
        tx.commit().await?;
    }
    Ok(())
}
