//! Delete an account.

use confab_domain::{
    AuditEntry, AuditKind, Operation, Origin, Password, PasswordHash, Relation, TokenPurpose, User, UserId, may,
};

use super::depart;
use crate::accounts::{record_failure, wrong_password};
use crate::ports::{Credentials, Transaction, Verdict};
use crate::{App, Conflict, Error, Resource, Unauthenticated, Viewer};

/// Deletes the viewer's own account, for whoever knows its password. Its sessions end, and what tells who its person was is
/// gone, in one transaction. What they have said stays, under the name of a deleted user (ADR 23). Then they leave their
/// conversations: see [`finish_departures`](super::finish_departures).
///
/// # Errors
/// [`Error::Invalid`] for a wrong password, which is counted and told in the audit as a failed log-in is;
/// [`Conflict::LastAdmin`]; [`Unauthenticated`] where the session has just ended;
/// [`Busy::LogIns`](crate::Busy::LogIns).
pub async fn delete_account(
    app: &App,
    viewer: &Viewer,
    current_password: String,
    origin: &Origin,
) -> Result<(), Error> {
    let id = viewer.user.id;
    let known = app.store.accounts().find_credentials(&viewer.user.email).await?;
    let known = known.filter(|found| found.user.id == id).ok_or(Unauthenticated::InvalidToken)?;
    let verdict = match Password::attempt(current_password) {
        Some(attempt) => app.passwords.verify(attempt, Some(known.password_hash.clone())).await?,
        None => Verdict::Wrong,
    };
    if verdict == Verdict::Wrong {
        record_failure(app, Some(id), origin).await?;
        return Err(Error::Invalid(vec![wrong_password()]));
    }
    let tx = app.store.begin().await?;
    let (is_last_admin, found) = find(tx.as_ref(), id).await?;
    let user = match found {
        Some(Credentials { user, .. }) if !user.active => return Err(Unauthenticated::InvalidToken.into()),
        // Somebody else has changed it meanwhile.
        Some(Credentials { password_hash, .. }) if password_hash != known.password_hash => {
            return Err(Error::Invalid(vec![wrong_password()]));
        }
        found => found.ok_or(Unauthenticated::InvalidToken)?.user,
    };
    may(Operation::DeleteOwnAccount, user.role, Relation::None)?;
    let entry = app.own_audit_entry(AuditKind::AccountDeleted, id, &without_place(origin));
    erase(app, tx, &user, is_last_admin, entry).await
}

/// Deletes an account likewise, on behalf of an operator of the server.
///
/// # Errors
/// [`Error::NotFound`]; [`Conflict::LastAdmin`].
pub async fn delete_account_as_operator(app: &App, id: UserId) -> Result<(), Error> {
    let tx = app.store.begin().await?;
    let (is_last_admin, found) = find(tx.as_ref(), id).await?;
    let user = found.map(|found| found.user).filter(|user| user.deleted_at.is_none());
    let user = user.ok_or(Error::NotFound(Resource::User))?;
    let entry = app.audit_entry(AuditKind::AccountDeleted, Some(id), &Origin::default());
    erase(app, tx, &user, is_last_admin, entry).await
}

/// The user, and whether they are the only admin. Of two admins who delete themselves at once, one waits for the other.
async fn find(tx: &dyn Transaction, id: UserId) -> Result<(bool, Option<Credentials>), Error> {
    let admins = tx.users().find_admins_for_update().await?;
    let is_last_admin = matches!(admins.as_slice(), [admin] if admin.id == id);
    Ok((is_last_admin, tx.users().find_for_deletion(id).await?))
}

async fn erase(
    app: &App,
    tx: Box<dyn Transaction>,
    user: &User,
    is_last_admin: bool,
    entry: AuditEntry,
) -> Result<(), Error> {
    if is_last_admin {
        return Err(Conflict::LastAdmin.into());
    }
    let id = user.id;
    tx.users().update(&user.deleted(app.clock.now())).await?;
    tx.users().set_password_hash(id, &PasswordHash::of_nobody()).await?;
    tx.users().depart(id).await?;
    tx.blocks().remove_all(id).await?;
    tx.sessions().end_all(id, None).await?;
    for purpose in TokenPurpose::ALL {
        tx.mails().forget_tokens(id, purpose).await?;
    }
    tx.mails().forget_mails_to(&user.email).await?;
    tx.reports().forget_comments(id).await?;
    tx.audit().take_failed_log_ins(id).await?;
    tx.audit().forget_origins(id).await?;
    tx.audit().append(&entry).await?;
    let committed = tx.commit().await;
    app.sessions.forget(id);
    committed?;
    // What is not done here is done later: the account is deleted.
    if let Err(error) = depart::leave_some(app, id).await {
        tracing::warn!(user_id = %id, %error, "a deleted user has yet to leave their conversations");
    }
    Ok(())
}

/// The id of the request only: from where it came is not to be known of a deleted user.
fn without_place(origin: &Origin) -> Origin {
    Origin { request_id: origin.request_id.clone(), ..Origin::default() }
}
