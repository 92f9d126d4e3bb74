//! What every use-case is given.

use std::sync::Arc;

use confab_domain::{Policy, SessionId, User};

use crate::accounts::SessionCache;
use crate::ports::{AccessTokens, Clock, IdGenerator, MessageLog, PasswordHasher, RefreshTokens, Store};

/// The ports, and the settings that the use-cases heed. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// Where messages are appended.
    pub log: Arc<dyn MessageLog>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn IdGenerator>,
    /// Hashes and verifies passwords.
    pub passwords: Arc<dyn PasswordHasher>,
    /// Issues and verifies access tokens.
    pub access_tokens: Arc<dyn AccessTokens>,
    /// Makes and hashes refresh tokens.
    pub refresh_tokens: Arc<dyn RefreshTokens>,
    /// Who is behind a session, as this process remembers it.
    pub sessions: Arc<SessionCache>,
    /// What an operator can set.
    pub settings: Settings,
}

/// What an operator can set of the use-cases' behaviour.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The debatable cells of the permission table.
    pub policy: Policy,
    /// How long an access token is good, in seconds.
    pub access_token_seconds: u32,
    /// How long a refresh token is good, in seconds.
    pub refresh_token_seconds: u32,
    /// Whether log-in needs a verified address.
    pub require_verified_email: bool,
    /// Whether nobody learns at registration that an address has an account already; log-in then needs a verified address
    /// too, for it would tell the same.
    pub conceal_registration: bool,
    /// How long a mailed token to set a new password is good, in seconds.
    pub password_reset_seconds: u32,
    /// How long a mailed token to verify an address is good, in seconds.
    pub email_verification_seconds: u32,
    /// What links in mails begin with; none where mails show the token only.
    pub mail_link_base: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            access_token_seconds: 600,
            refresh_token_seconds: 30 * 24 * 3600,
            require_verified_email: false,
            conceal_registration: false,
            password_reset_seconds: 3600,
            email_verification_seconds: 24 * 3600,
            mail_link_base: None,
        }
    }
}

/// The user on whose behalf something is done, as they were when the request came in, or at most the age of the
/// [`SessionCache`] before.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// The user.
    pub user: Arc<User>,
    /// The log-in that the request belongs to.
    pub session_id: SessionId,
}
