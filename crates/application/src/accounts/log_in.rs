//! Log in.

use confab_domain::{EmailAddress, Password, Session, SessionId};

use super::tokens::{self, TokenPair};
use crate::{App, Error, Unauthenticated};

/// Begins a session for whoever knows an active account's address and password.
///
/// # Errors
/// [`Unauthenticated::WrongCredentials`], the same whatever is wrong, and after the same work but for a password that is
/// longer than any can be; [`Busy::LogIns`](crate::Busy::LogIns).
pub async fn log_in(app: &App, email: &str, password: String) -> Result<TokenPair, Error> {
    let credentials = match EmailAddress::parse(email) {
        Ok(email) => app.store.accounts().find_credentials(&email).await?,
        Err(_) => None,
    };
    let attempt = Password::attempt(password).ok_or(Unauthenticated::WrongCredentials)?;
    let hash = credentials.as_ref().map(|found| found.password_hash.clone());
    let right = app.passwords.verify(attempt, hash).await?;
    let user = match credentials {
        Some(found) if right && found.user.active => found.user,
        _ => return Err(Unauthenticated::WrongCredentials.into()),
    };

    let now = app.clock.now();
    let (token, refresh_token) = tokens::new_refresh_token(app, now)?;
    let session = Session { id: SessionId::from(app.ids.next()), user_id: user.id, created_at: now, refresh_token };
    let pair = tokens::pair(app, user.id, session.id, token, now)?;

    let tx = app.store.begin().await?;
    tx.sessions().insert(&session).await?;
    tx.commit().await?;
    Ok(pair)
}
