//! Sessions: one log-in each, kept alive by refresh tokens.

use std::fmt;

use crate::{SessionId, Timestamp, UserId};

/// One log-in of a user. It has one refresh token at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The session's id.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// When the user logged in.
    pub created_at: Timestamp,
    /// What keeps it alive.
    pub refresh_token: RefreshToken,
}

/// A refresh token as storage knows it. It is good once, until it expires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// The SHA-256 of what the client holds.
    pub hash: RefreshTokenHash,
    /// From when on it is no good.
    pub expires_at: Timestamp,
}

/// The SHA-256 of a refresh token. What the client holds is never stored.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RefreshTokenHash([u8; 32]);

impl RefreshTokenHash {
    /// Takes the 32 bytes of a SHA-256.
    pub const fn new(sha256: [u8; 32]) -> Self {
        Self(sha256)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for RefreshTokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshTokenHash(…)")
    }
}
