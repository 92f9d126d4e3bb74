//! Log in.

use confab_domain::{EmailAddress, Password, PasswordHash, Session, SessionId};

use super::tokens::{self, TokenPair};
use crate::ports::{Credentials, PasswordError, Verdict};
use crate::{App, Error, Unauthenticated};

/// Begins a session for whoever knows an active account's address and password. A hash that is not as hashes are made today
/// is replaced by one that is.
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
    let verdict = app.passwords.verify(attempt.clone(), hash).await?;
    let known = match credentials {
        Some(found) if verdict != Verdict::Wrong && found.user.active => found,
        _ => return Err(Unauthenticated::WrongCredentials.into()),
    };
    let next_hash = if verdict == Verdict::Outdated { rehash(app, attempt).await? } else { None };

    let now = app.clock.now();
    let (token, refresh_token) = tokens::new_refresh_token(app, now)?;
    let tx = app.store.begin().await?;
    // Whoever changes a password ends the sessions that there are: none may begin with the old one after that.
    let user = match tx.users().find_credentials_for_update(known.user.id).await? {
        Some(Credentials { user, password_hash }) if user.active && password_hash == known.password_hash => user,
        _ => return Err(Unauthenticated::WrongCredentials.into()),
    };
    if let Some(hash) = next_hash {
        tx.users().set_password_hash(user.id, &hash).await?;
    }
    let session = Session { id: SessionId::from(app.ids.next()), user_id: user.id, created_at: now, refresh_token };
    tx.sessions().insert(&session).await?;
    let pair = tokens::pair(app, user.id, session.id, token, now)?;
    tx.commit().await?;
    Ok(pair)
}

/// Today's hash of a password that is right. None where there is too much to do: then at the next log-in.
async fn rehash(app: &App, password: Password) -> Result<Option<PasswordHash>, Error> {
    match app.passwords.hash(password).await {
        Ok(hash) => Ok(Some(hash)),
        Err(PasswordError::Busy) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
