//! Mails to users, and the tokens in them.

use std::fmt;

use crate::{EmailAddress, MailId, Timestamp, UserId, ValueError};

/// Why somebody is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MailKind {
    /// Somebody has registered with the address.
    Registration,
    /// Somebody asks for another mail to verify the address with.
    Verification,
    /// Somebody has forgotten the password.
    PasswordReset,
    /// The password was changed.
    PasswordChanged,
}

impl MailKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Registration, Self::Verification, Self::PasswordReset, Self::PasswordChanged];

    /// The stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::Verification => "verification",
            Self::PasswordReset => "password_reset",
            Self::PasswordChanged => "password_changed",
        }
    }

    /// The kind of this name.
    ///
    /// # Errors
    /// [`ValueError::Malformed`] where there is none.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or(ValueError::Malformed { expected: "a kind of mail" })
    }
}

/// A mail that is to be written and sent: to an address, whether or not somebody has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingMail {
    /// Its id.
    pub id: MailId,
    /// What it is about.
    pub kind: MailKind,
    /// Where it goes.
    pub email: EmailAddress,
    /// When it was asked for.
    pub created_at: Timestamp,
}

/// What a token in a mail is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenPurpose {
    /// To show that the address is one's own.
    VerifyEmail,
    /// To set a new password.
    ResetPassword,
}

impl TokenPurpose {
    /// Every purpose.
    pub const ALL: [Self; 2] = [Self::VerifyEmail, Self::ResetPassword];

    /// The stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::ResetPassword => "reset_password",
        }
    }
}

/// A token that was mailed, as storage knows it. It is good once, until it expires, for one purpose, and as long as the
/// user has the address that it went to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailToken {
    /// The SHA-256 of what was mailed.
    pub hash: MailTokenHash,
    /// What it is good for.
    pub purpose: TokenPurpose,
    /// Whose it is.
    pub user_id: UserId,
    /// Where it went.
    pub email: EmailAddress,
    /// From when on it is no good.
    pub expires_at: Timestamp,
}

/// The SHA-256 of a token in a mail. What is mailed is never stored.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MailTokenHash([u8; 32]);

impl MailTokenHash {
    /// Takes the 32 bytes of a SHA-256.
    pub const fn new(sha256: [u8; 32]) -> Self {
        Self(sha256)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for MailTokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailTokenHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_a_name() {
        for kind in MailKind::ALL {
            assert_eq!(MailKind::parse(kind.as_str()), Ok(kind));
        }
        assert!(MailKind::parse("spam").is_err());
    }
}
