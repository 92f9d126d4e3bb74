//! Passwords, in the clear and hashed. Neither shows itself in logs.

use std::fmt;

use crate::{Unit, ValueError};

/// A password that someone chose: at least 10 characters, at most 1,024 bytes.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// The fewest characters.
    pub const MIN_CHARACTERS: usize = 10;
    /// The most bytes; also the most that a log-in tries.
    pub const MAX_BYTES: usize = 1024;

    /// Takes a new password as it is.
    ///
    /// # Errors
    /// Too short or too long.
    pub fn parse(text: String) -> Result<Self, ValueError> {
        let actual = text.chars().count();
        if actual < Self::MIN_CHARACTERS {
            return Err(ValueError::TooShort { min: Self::MIN_CHARACTERS, actual, unit: Unit::Characters });
        }
        if text.len() > Self::MAX_BYTES {
            return Err(ValueError::TooLong { max: Self::MAX_BYTES, actual: text.len(), unit: Unit::Bytes });
        }
        Ok(Self(text))
    }

    /// Takes what someone typed to log in: a wrong password is wrong, not malformed. None above
    /// [`Password::MAX_BYTES`], which no account's password has.
    pub fn attempt(text: String) -> Option<Self> {
        (text.len() <= Self::MAX_BYTES).then_some(Self(text))
    }

    /// The password itself. For the hasher only.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// A password's hash in the PHC string format, which names its algorithm and parameters.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Takes a hash from the hasher or from storage.
    pub const fn restore(phc: String) -> Self {
        Self(phc)
    }

    /// What stands in place of a deleted user's: the hash of no password.
    pub const fn of_nobody() -> Self {
        Self(String::new())
    }

    /// The PHC string.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_limited_at_both_ends_and_debug_tells_nothing() {
        assert!(Password::parse("nine char".to_owned()).is_err());
        assert!(Password::parse("ten chars!".to_owned()).is_ok());
        assert!(Password::parse("x".repeat(1025)).is_err());
        assert!(Password::attempt("x".repeat(1025)).is_none());
        assert_eq!(format!("{:?}", Password::attempt("hunter2".to_owned())), "Some(Password(…))");
        assert_eq!(format!("{:?}", PasswordHash::restore("$argon2id$".to_owned())), "PasswordHash(…)");
    }
}
