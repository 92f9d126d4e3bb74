//! Change one's own password.

use confab_domain::{AuditEntry, AuditKind, MailKind, Operation, Origin, Password, Relation, TokenPurpose, may};

use super::{judge_password, record_failure};
use crate::fields::Fields;
use crate::mail;
use crate::ports::{Credentials, Verdict};
use crate::{App, Error, FieldError, Unauthenticated, Viewer};

/// Gives the viewer a new password, and ends all their other sessions. It takes the current one: whoever finds a phone that
/// is logged in has not yet got the account.
///
/// # Errors
/// [`Error::Invalid`]; a wrong password is counted and told in the audit as a failed log-in is. [`Unauthenticated`] where the session has just ended; [`Busy::LogIns`](crate::Busy::LogIns).
pub async fn change_password(
    app: &App,
    viewer: &Viewer,
    current: String,
    new: String,
    origin: &Origin,
) -> Result<(), Error> {
    let mut fields = Fields::default();
    let new = fields.take("new_password", Password::parse(new));
    let current = Password::attempt(current);
    let known = app.store.accounts().find_credentials(&viewer.user.email).await?;
    let known = known.filter(|found| found.user.id == viewer.user.id).ok_or(Unauthenticated::InvalidToken)?;
    let verdict = match current {
        Some(current) => app.passwords.verify(current, Some(known.password_hash.clone())).await?,
        None => Verdict::Wrong,
    };
    if verdict == Verdict::Wrong {
        record_failure(app, Some(viewer.user.id), origin).await?;
        fields.refuse(wrong_password());
    }
    let new = fields.need(new)?;
    // Whoever does not know the current one is told nothing more.
    fields.check()?;
    judge_password(app, &mut fields, "new_password", &new, &known.user).await?;
    fields.check()?;
    let hash = app.passwords.hash(new).await?;

    let now = app.clock.now();
    let tx = app.store.begin().await?;
    let user = match tx.users().find_credentials_for_update(known.user.id).await? {
        Some(Credentials { user, .. }) if !user.active => return Err(Unauthenticated::InvalidToken.into()),
        Some(Credentials { user, password_hash }) if password_hash == known.password_hash => user,
        // Somebody else has changed it meanwhile.
        Some(_) => return Err(Error::Invalid(vec![wrong_password()])),
        None => return Err(Unauthenticated::InvalidToken.into()),
    };
    may(Operation::ChangeOwnPassword, user.role, Relation::None)?;
    tx.users().set_password_hash(user.id, &hash).await?;
    tx.sessions().end_all(user.id, Some(viewer.session_id)).await?;
    tx.mails().forget_tokens(user.id, TokenPurpose::ResetPassword).await?;
    let entry = app.own_audit_entry(AuditKind::PasswordChanged, user.id, origin);
    tx.audit().append(&AuditEntry { session_id: Some(viewer.session_id), ..entry }).await?;
    mail::enqueue(app, tx.as_ref(), MailKind::PasswordChanged, &user.email, now).await?;
    let committed = tx.commit().await;
    app.sessions.forget(user.id);
    Ok(committed?)
}

/// The fault of a password that is not the caller's.
pub(crate) fn wrong_password() -> FieldError {
    FieldError::new("current_password", "wrong_password", "is not your password")
}
