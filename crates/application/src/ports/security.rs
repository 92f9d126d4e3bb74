//! Passwords and tokens.

use async_trait::async_trait;
use confab_domain::{Password, PasswordHash, RefreshTokenHash, SessionId, Timestamp, UserId};

/// Judges, hashes and compares passwords, which is slow by intent and must not stop anything else.
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// What makes a new password easy to guess, if anything does, for somebody who knows these words about its owner.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] where too many wait already.
    async fn judge(&self, password: &Password, about: &[&str]) -> Result<Option<Weakness>, PasswordError>;

    /// Hashes a new password with a new salt.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] where too many wait already.
    async fn hash(&self, password: Password) -> Result<PasswordHash, PasswordError>;

    /// Whether this is the password that was hashed. Without a hash, or with one that cannot be read, it is not, and it
    /// takes as long to say so.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] where too many wait already.
    async fn verify(&self, attempt: Password, hash: Option<PasswordHash>) -> Result<Verdict, PasswordError>;
}

/// What an attempt at a password is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Not the password.
    Wrong,
    /// The password.
    Right,
    /// The password, whose hash is not one as [`PasswordHasher::hash`] makes today: of another algorithm or another cost.
    Outdated,
}

/// Why a new password would soon be guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weakness {
    /// Many have it, or it follows a simple pattern.
    Common,
    /// Whoever knows its owner can guess it.
    Personal,
}

/// Why a password was neither hashed nor verified.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too many wait already.
    #[error("too many passwords wait to be hashed")]
    Busy,
    /// The hasher failed.
    #[error("the password hasher failed: {0}")]
    Failed(String),
}

/// What an access token says: who, in which log-in, and until when. Never what they may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessClaims {
    /// The user.
    pub user_id: UserId,
    /// The log-in.
    pub session_id: SessionId,
    /// When it was issued, to the second.
    pub issued_at: Timestamp,
    /// From when on it is no good, to the second.
    pub expires_at: Timestamp,
}

/// Issues and verifies access tokens.
pub trait AccessTokens: Send + Sync {
    /// A signed token that says this.
    ///
    /// # Errors
    /// [`TokenError::Failed`] where it cannot be signed.
    fn issue(&self, claims: &AccessClaims) -> Result<String, TokenError>;

    /// What a token says, if this server signed it and it has not expired by `now`.
    ///
    /// # Errors
    /// [`TokenError::Invalid`] or [`TokenError::Expired`].
    fn verify(&self, token: &str, now: Timestamp) -> Result<AccessClaims, TokenError>;
}

/// Why a token is no good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is no token of this server's.
    #[error("the token is not valid")]
    Invalid,
    /// It was good until a moment ago.
    #[error("the token has expired")]
    Expired,
    /// The signer failed.
    #[error("the token could not be signed: {0}")]
    Failed(String),
}

/// Makes refresh tokens.
pub trait RefreshTokens: Send + Sync {
    /// A new token with at least 128 bits from the system's random generator (RFC 6749, section 10.10).
    ///
    /// # Errors
    /// [`TokenError::Failed`] where the system has no randomness to give.
    fn generate(&self) -> Result<String, TokenError>;

    /// A new token of the same family as this one: what they have in common tells that they are of one session.
    ///
    /// # Errors
    /// [`TokenError::Failed`] where the system has no randomness to give.
    fn renew(&self, token: &str) -> Result<String, TokenError>;

    /// What storage knows a token by.
    fn hash(&self, token: &str) -> RefreshTokenHash;

    /// What storage knows the token's family by.
    fn family(&self, token: &str) -> RefreshTokenHash;
}
