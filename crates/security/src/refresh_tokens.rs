//! Refresh tokens: random, and known to storage by their hash only.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use confab_application::ports::{RefreshTokens, TokenError};
use confab_domain::RefreshTokenHash;
use sha2::{Digest as _, Sha256};

/// Makes refresh tokens of 256 random bits, written as 43 characters of base64url.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomRefreshTokens;

impl RefreshTokens for RandomRefreshTokens {
    fn generate(&self) -> Result<String, TokenError> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|error| TokenError::Failed(error.to_string()))?;
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    // A hash without a salt or a cost will do: nobody can guess 256 random bits.
    fn hash(&self, token: &str) -> RefreshTokenHash {
        RefreshTokenHash::new(Sha256::digest(token).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_token_is_new_and_url_safe() {
        let (one, two) = (RandomRefreshTokens.generate().unwrap(), RandomRefreshTokens.generate().unwrap());
        assert_ne!(one, two);
        assert_eq!(one.len(), 43);
        assert!(one.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)), "{one}");
    }

    #[test]
    fn the_hash_is_sha_256() {
        // The one-block message of FIPS 180-4's examples.
        let abc = RandomRefreshTokens.hash("abc");
        assert_eq!(abc.as_bytes()[..4], [0xba, 0x78, 0x16, 0xbf]);
        assert_eq!(abc.as_bytes()[28..], [0xf2, 0x00, 0x15, 0xad]);
        assert_ne!(abc, RandomRefreshTokens.hash("abd"));
    }
}
