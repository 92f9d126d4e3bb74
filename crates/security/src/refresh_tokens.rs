//! Refresh tokens: random, and known to storage by their hash only.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use confab_application::ports::{RefreshTokens, TokenError};
use confab_domain::RefreshTokenHash;
use sha2::{Digest as _, Sha256};

/// How many characters of a token name its family: more than 128 bits.
const FAMILY: usize = 22;

/// Makes refresh tokens of base64url: 22 characters that all tokens of a session have in common, and 43 that are 256 random
/// bits.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomRefreshTokens;

impl RefreshTokens for RandomRefreshTokens {
    fn generate(&self) -> Result<String, TokenError> {
        self.renew(&random::<16>()?)
    }

    fn renew(&self, token: &str) -> Result<String, TokenError> {
        Ok(format!("{}{}", family(token), random::<32>()?))
    }

    // A hash without a salt or a cost will do: nobody can guess 256 random bits.
    fn hash(&self, token: &str) -> RefreshTokenHash {
        RefreshTokenHash::new(Sha256::digest(token).into())
    }

    fn family(&self, token: &str) -> RefreshTokenHash {
        self.hash(family(token))
    }
}

fn random<const BYTES: usize>() -> Result<String, TokenError> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(|error| TokenError::Failed(error.to_string()))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn family(token: &str) -> &str {
    token.get(..FAMILY).unwrap_or(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_token_is_new_and_url_safe() {
        let (one, two) = (RandomRefreshTokens.generate().unwrap(), RandomRefreshTokens.generate().unwrap());
        assert_ne!(one, two);
        assert_eq!(one.len(), 22 + 43);
        assert!(one.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)), "{one}");
    }

    #[test]
    fn tokens_of_one_session_have_their_family_in_common_and_nothing_else() {
        let tokens = RandomRefreshTokens;
        let first = tokens.generate().unwrap();
        let next = tokens.renew(&first).unwrap();
        assert_eq!(tokens.family(&first), tokens.family(&next));
        assert_ne!(tokens.hash(&first), tokens.hash(&next));
        assert_ne!(first[22..], next[22..]);
        assert_ne!(tokens.family(&first), tokens.family(&tokens.generate().unwrap()));
        // As they were before there were families; and what is no token at all.
        let old = "x".repeat(43);
        assert_eq!(tokens.family(&old), tokens.family(&tokens.renew(&old).unwrap()));
        for garbage in ["", "é", "ééééééééééééééééééééé"] {
            assert_ne!(tokens.family(garbage), tokens.family(&first));
        }
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
