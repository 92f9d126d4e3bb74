//! Set a new password by a token that was mailed.

use confab_domain::{AuditKind, MailKind, Origin, Password, TokenPurpose};

use super::{enqueue, invalid_token, token_hash};
use crate::accounts::judge_password;
use crate::fields::Fields;
use crate::{App, Error};

/// Gives the account whose token this is a new password, and ends all its sessions. Whoever has got the mail has the
/// address: it is verified by that too.
///
/// # Errors
/// [`Error::Invalid`] for the token, or for the password, which leaves the token good;
/// [`Busy::LogIns`](crate::Busy::LogIns).
pub async fn reset_password(app: &App, token: &str, new_password: String, origin: &Origin) -> Result<(), Error> {
    let mut fields = Fields::default();
    let password = fields.take("new_password", Password::parse(new_password));
    let password = fields.need(password)?;
    let (hash, purpose) = (token_hash(app, token), TokenPurpose::ResetPassword);
    let owner = app.store.mails().find_token_owner(&hash, purpose, app.clock.now()).await?;
    let owner = owner.filter(|user| user.active).ok_or_else(invalid_token)?;
    judge_password(app, &mut fields, "new_password", &password, &owner).await?;
    fields.check()?;
    let password_hash = app.passwords.hash(password).await?;

    let now = app.clock.now();
    let tx = app.store.begin().await?;
    let id = tx.mails().take_token(&hash, purpose, now).await?.ok_or_else(invalid_token)?;
    let user = tx.users().find_for_update(id).await?.filter(|user| user.active);
    let user = user.ok_or_else(invalid_token)?;
    tx.users().set_password_hash(id, &password_hash).await?;
    tx.users().update(&user.with_verified_email(now)).await?;
    tx.sessions().end_all(id, None).await?;
    tx.mails().forget_tokens(id, purpose).await?;
    tx.audit().append(&app.own_audit_entry(AuditKind::PasswordReset, id, origin)).await?;
    enqueue(app, tx.as_ref(), MailKind::PasswordChanged, &user.email, now).await?;
    let committed = tx.commit().await;
    app.sessions.forget(id);
    Ok(committed?)
}
