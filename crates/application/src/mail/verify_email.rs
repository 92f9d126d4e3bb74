//! Verify an e-mail address.

use confab_domain::TokenPurpose;

use super::{invalid_token, token_hash};
use crate::{App, Error};

/// Takes note that an address is its user's own, by the token that was mailed there.
///
/// # Errors
/// [`Error::Invalid`] for the token.
pub async fn verify_email(app: &App, token: &str) -> Result<(), Error> {
    let now = app.clock.now();
    let tx = app.store.begin().await?;
    let taken = tx.mails().take_token(&token_hash(app, token), TokenPurpose::VerifyEmail, now).await?;
    let id = taken.ok_or_else(invalid_token)?;
    let user = tx.users().find_for_update(id).await?.filter(|user| user.active);
    let user = user.ok_or_else(invalid_token)?;
    tx.users().update(&user.with_verified_email(now)).await?;
    tx.mails().forget_tokens(id, TokenPurpose::VerifyEmail).await?;
    let committed = tx.commit().await;
    app.sessions.forget(id);
    Ok(committed?)
}
