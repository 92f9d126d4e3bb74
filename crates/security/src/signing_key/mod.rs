//! The keys that access tokens are signed with.

mod error;
mod file;
mod ring;
mod set;

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

pub use error::{KeyError, KeyFileError};
pub use ring::Keyring;
pub use set::{KeyInfo, KeySet, KeyState};

/// A secret of at least 32 bytes.
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

    /// Whether it is a text, or a few bytes over and over: none that was made at random is.
    pub fn is_guessable(&self) -> bool {
        let is_text = self.0.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ');
        let different = self.0.iter().collect::<std::collections::HashSet<_>>().len();
        is_text || different < Self::MIN_BYTES / 2
    }

    /// Its name: part of a hash, which tells nothing of the key.
    pub fn id(&self) -> String {
        let hash = Sha256::new().chain_update(b"confab signing key id").chain_update(&self.0).finalize();
        URL_SAFE_NO_PAD.encode(&hash[..12])
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
    fn a_key_that_was_thought_up_is_told_from_one_that_was_made() {
        let is_guessable = |bytes: &[u8]| SigningKey::from_bytes(bytes).unwrap().is_guessable();
        assert!(is_guessable(&[7; 32]) && is_guessable(b"please change this to a secret!!"));
        assert!((0..1000).all(|_| !SigningKey::generate().unwrap().is_guessable()));
    }

    #[test]
    fn each_generated_key_is_another() {
        let (one, two) = (SigningKey::generate().unwrap(), SigningKey::generate().unwrap());
        assert_ne!(one.0, two.0);
        assert_ne!(one.id(), two.id());
        assert_eq!((one.id(), one.id().len()), (one.clone().id(), 16));
    }
}
