//! Set the password of an account.

use confab_domain::{AuditKind, MailKind, Origin, Password, TokenPurpose, User, UserId};

use crate::accounts::judge_password;
use crate::fields::Fields;
use crate::ports::Credentials;
use crate::{App, Error, Resource, mail};

/// Gives an account a new password and ends all its sessions, on behalf of an operator of the server. Its person is told by
/// mail.
///
/// # Errors
/// [`Error::Invalid`]; [`Error::NotFound`]; [`Busy::LogIns`](crate::Busy::LogIns).
pub async fn set_password_as_operator(app: &App, known: &User, password: String) -> Result<UserId, Error> {
    let mut fields = Fields::default();
    let password = fields.take("password", Password::parse(password));
    let password = fields.need(password)?;
    judge_password(app, &mut fields, "password", &password, known).await?;
    fields.check()?;
    let hash = app.passwords.hash(password).await?;

    let tx = app.store.begin().await?;
    let user = match tx.users().find_credentials_for_update(known.id).await? {
        Some(Credentials { user, .. }) if user.deleted_at.is_none() => user,
        _ => return Err(Error::NotFound(Resource::User)),
    };
    tx.users().set_password_hash(user.id, &hash).await?;
    tx.sessions().end_all(user.id, None).await?;
    tx.mails().forget_tokens(user.id, TokenPurpose::ResetPassword).await?;
    tx.audit().append(&app.audit_entry(AuditKind::PasswordReset, Some(user.id), &Origin::default())).await?;
    mail::enqueue(app, tx.as_ref(), MailKind::PasswordChanged, &user.email, app.clock.now()).await?;
    let committed = tx.commit().await;
    app.sessions.forget(user.id);
    committed?;
    Ok(user.id)
}
