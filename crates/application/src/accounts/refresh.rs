//! Refresh a pair of tokens.

use super::tokens::{self, TokenPair};
use crate::{App, Error, Unauthenticated};

/// Exchanges a refresh token for the next pair. A token is good once.
///
/// # Errors
/// [`Unauthenticated::InvalidRefreshToken`] where it is unknown, used up or expired, or its account is not active.
pub async fn refresh(app: &App, token: &str) -> Result<TokenPair, Error> {
    let now = app.clock.now();
    let (next_token, next) = tokens::new_refresh_token(app, now)?;

    let tx = app.store.begin().await?;
    let session = tx
        .sessions()
        .rotate(&app.refresh_tokens.hash(token), &next, now)
        .await?
        .ok_or(Unauthenticated::InvalidRefreshToken)?;
    let users = tx.users().find_many(&[session.user_id]).await?;
    if !users.iter().any(|user| user.active) {
        return Err(Unauthenticated::InvalidRefreshToken.into());
    }
    let pair = tokens::pair(app, session.user_id, session.id, next_token, now)?;
    tx.commit().await?;
    Ok(pair)
}
