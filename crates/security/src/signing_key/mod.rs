//! The key that access tokens are signed with.

mod error;
mod file;

use std::fmt;

pub use error::{KeyError, KeyFileError};

/// A secret of at least 32 bytes. Its file holds it as one line of base64url.
///
/// Whoever has it can issue access tokens for anybody; without it, those that were issued are no good.
#[derive(Clone)]
pub struct SigningKey(Vec<u8>);

impl SigningKey {
    /// The fewest bytes: as many as the hash has (RFC 7518, section 3.2).
    pub const MIN_BYTES: usize = 32;

    /// Takes a key.
    ///
    /// # Errors
    /// [`KeyError::TooShort`] below [`SigningKey::MIN_BYTES`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        if bytes.len() < Self::MIN_BYTES {
            return Err(KeyError::TooShort { actual: bytes.len() });
        }
        Ok(Self(bytes.to_vec()))
    }

    /// A new key from the system's random generator.
    ///
    /// # Errors
    /// [`KeyError::NoRandomness`] where the system has none to give.
    pub fn generate() -> Result<Self, KeyError> {
        let mut bytes = vec![0; Self::MIN_BYTES];
        getrandom::fill(&mut bytes).map_err(|error| KeyError::NoRandomness(error.to_string()))?;
        Ok(Self(bytes))
    }

    /// The key itself. For signing only.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_32_bytes_at_least_and_shows_none_of_them() {
        assert!(SigningKey::from_bytes(&[7; 32]).is_ok());
        let error = SigningKey::from_bytes(&[7; 31]).unwrap_err();
        assert_eq!(error.to_string(), "has 31 bytes, and must have at least 32");
        assert_eq!(format!("{:?}", SigningKey::generate().unwrap()), "SigningKey(…)");
    }

    #[test]
    fn each_generated_key_is_another() {
        assert_ne!(SigningKey::generate().unwrap().0, SigningKey::generate().unwrap().0);
    }
}
