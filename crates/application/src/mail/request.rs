//! Ask for a mail.

use confab_domain::{EmailAddress, MailKind};

use super::enqueue;
use crate::fields::Fields;
use crate::{App, Error};

/// Has a mail sent with which a new password can be set, if an active account has this address. Nobody can tell by the
/// outcome, nor by the time that it takes.
///
/// # Errors
/// [`Error::Invalid`] where it is no address.
pub async fn request_password_reset(app: &App, email: &str) -> Result<(), Error> {
    request(app, MailKind::PasswordReset, email).await
}

/// Has a mail sent with which the address can be verified, if an active account has it and has not verified it. Nobody can
/// tell by the outcome, nor by the time that it takes.
///
/// # Errors
/// [`Error::Invalid`] where it is no address.
pub async fn request_verification(app: &App, email: &str) -> Result<(), Error> {
    request(app, MailKind::Verification, email).await
}

async fn request(app: &App, kind: MailKind, email: &str) -> Result<(), Error> {
    let mut fields = Fields::default();
    let email = fields.take("email", EmailAddress::parse(email));
    let email = fields.need(email)?;
    let tx = app.store.begin().await?;
    enqueue(app, tx.as_ref(), kind, &email, app.clock.now()).await?;
    Ok(tx.commit().await?)
}
