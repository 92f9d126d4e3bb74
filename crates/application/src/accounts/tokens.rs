//! The two tokens that a client gets.

use confab_domain::{RefreshToken, SessionId, Timestamp, UserId};

use crate::ports::AccessClaims;
use crate::{App, Error};

/// What a client gets for a log-in or a refresh (RFC 6749, section 5.1).
#[derive(Debug, Clone)]
pub struct TokenPair {
    /// Goes with every request.
    pub access_token: String,
    /// Gets the next pair, once.
    pub refresh_token: String,
    /// How long the access token is good, in seconds.
    pub expires_in: u32,
}

/// A new refresh token: what the client gets, and what storage keeps.
pub(super) fn new_refresh_token(app: &App, now: Timestamp) -> Result<(String, RefreshToken), Error> {
    Ok(of(app, app.refresh_tokens.generate()?, now))
}

/// A refresh token, and what storage keeps of it.
pub(super) fn of(app: &App, token: String, now: Timestamp) -> (String, RefreshToken) {
    let (hash, family) = (app.refresh_tokens.hash(&token), app.refresh_tokens.family(&token));
    let expires_at = now.plus_seconds(app.settings.refresh_token_seconds);
    (token, RefreshToken { hash, family, expires_at })
}

/// The pair for a session whose refresh token is stored.
pub(super) fn pair(
    app: &App,
    user_id: UserId,
    session_id: SessionId,
    refresh_token: String,
    now: Timestamp,
) -> Result<TokenPair, Error> {
    let expires_in = app.settings.access_token_seconds;
    let claims = AccessClaims { user_id, session_id, issued_at: now, expires_at: now.plus_seconds(expires_in) };
    let access_token = app.access_tokens.issue(&claims)?;
    Ok(TokenPair { access_token, refresh_token, expires_in })
}
