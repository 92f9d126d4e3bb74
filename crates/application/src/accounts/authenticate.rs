//! Find out who is calling.

use crate::{App, Error, Unauthenticated, Viewer};

/// The viewer whom an access token names. Its session and its account are looked up, or remembered from a moment ago
/// ([`SessionCache`](super::SessionCache)), so that authority ends at once.
///
/// # Errors
/// [`Unauthenticated`] where the token is no good, its session is over, or its account is not active.
pub async fn authenticate(app: &App, token: &str) -> Result<Viewer, Error> {
    let now = app.clock.now();
    let claims = app.access_tokens.verify(token, now)?;
    match app.sessions.find(app.store.accounts(), claims.session_id, claims.user_id, now).await? {
        Some(user) if user.id == claims.user_id && user.active => Ok(Viewer { user, session_id: claims.session_id }),
        _ => Err(Unauthenticated::InvalidToken.into()),
    }
}
