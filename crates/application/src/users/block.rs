//! Block a user, and lift it.

use confab_domain::{Block, DirectPair, MAX_BLOCKS, Operation, Relation, Role, UserId, may};

use crate::ports::Transaction;
use crate::{App, Conflict, Error, Resource, Unauthenticated, Viewer};

/// Blocks a user; whoever is blocked already stays so. Once this returns, neither of the two reaches the other: no message is
/// taken in their direct conversation, neither starts one, and neither brings the other into a group (ADR 26).
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
    part(tx.as_ref(), me, id, true).await?;
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
        part(tx.as_ref(), me, id, false).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Tells the direct conversation of the two, if they have one, whether one of them has blocked the other: me, or else perhaps
/// the other one. Whoever starts one meanwhile waits for the lock of my row.
async fn part(tx: &dyn Transaction, me: UserId, id: UserId, by_me: bool) -> Result<(), Error> {
    let Some(pair) = DirectPair::new(me, id) else { return Ok(()) };
    let Some(direct) = tx.conversations().find_direct(pair).await? else { return Ok(()) };
    let Some(direct) = tx.conversations().find_for_update(me, direct).await? else { return Ok(()) };
    let blocked = by_me || tx.blocks().find_facts(id, me).await?.is_blocked;
    if direct.blocked != blocked {
        tx.conversations().update(&direct.with_block(blocked)).await?;
    }
    Ok(())
}
