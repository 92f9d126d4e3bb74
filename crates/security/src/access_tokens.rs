//! Access tokens: JWTs (RFC 7519) signed with HMAC-SHA-256.

use confab_application::ports::{AccessClaims, AccessTokens, TokenError};
use confab_domain::{SessionId, Timestamp, UserId};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::SigningKey;

/// Who issues the tokens, and whom they are for.
const CONFAB: &str = "confab";
/// The longest token that is looked at, in bytes. One of ours has some 330.
const MAX_TOKEN_BYTES: usize = 4096;

/// Issues and verifies JWTs of one kind: HS256, `iss` and `aud` "confab". Whatever else a token says of itself, it is
/// not believed.
pub struct JwtAccessTokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

/// What is in the token.
#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    sid: String,
    iat: i64,
    exp: i64,
}

impl JwtAccessTokens {
    /// Tokens signed with this key.
    pub fn new(key: &SigningKey) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[CONFAB]);
        validation.set_audience(&[CONFAB]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // It would read the system's clock, and allow a minute more. We ask the clock port, below.
        validation.validate_exp = false;
        Self {
            encoding: EncodingKey::from_secret(key.as_bytes()),
            decoding: DecodingKey::from_secret(key.as_bytes()),
            validation,
        }
    }
}

impl AccessTokens for JwtAccessTokens {
    fn issue(&self, claims: &AccessClaims) -> Result<String, TokenError> {
        let claims = Claims {
            iss: CONFAB.to_owned(),
            aud: CONFAB.to_owned(),
            sub: claims.user_id.to_string(),
            sid: claims.session_id.to_string(),
            iat: claims.issued_at.as_seconds(),
            exp: claims.expires_at.as_seconds(),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
            .map_err(|error| TokenError::Failed(error.to_string()))
    }

    fn verify(&self, token: &str, now: Timestamp) -> Result<AccessClaims, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::Invalid);
        }
        let claims = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation)
            .ok()
            .and_then(|token| token.claims.read())
            .ok_or(TokenError::Invalid)?;
        if now < claims.expires_at { Ok(claims) } else { Err(TokenError::Expired) }
    }
}

impl Claims {
    fn read(&self) -> Option<AccessClaims> {
        Some(AccessClaims {
            user_id: UserId::parse(&self.sub).ok()?,
            session_id: SessionId::parse(&self.sid).ok()?,
            issued_at: at_second(self.iat)?,
            expires_at: at_second(self.exp)?,
        })
    }
}

fn at_second(seconds: i64) -> Option<Timestamp> {
    Timestamp::from_micros(seconds.checked_mul(1_000_000)?)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

    use super::*;

    const ISSUED: &str = "2026-01-31T09:30:00Z";
    const EXPIRES: &str = "2026-01-31T09:40:00Z";

    fn key(byte: u8) -> SigningKey {
        SigningKey::from_bytes(&[byte; 32]).unwrap()
    }

    fn time(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn claims() -> AccessClaims {
        AccessClaims {
            user_id: UserId::parse("0198c5a2-6f3e-7c41-9d2b-3f5a7c9e1b20").unwrap(),
            session_id: SessionId::parse("0198c5a2-6f3e-7c41-9d2b-3f5a7c9e1b21").unwrap(),
            issued_at: time(ISSUED),
            expires_at: time(EXPIRES),
        }
    }

    /// A token with our key and any header and claims, as JSON.
    fn signed(alg: Algorithm, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", BASE64.encode(header), BASE64.encode(claims));
        let signing = EncodingKey::from_secret(key(1).as_bytes());
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &signing, alg).unwrap();
        format!("{message}.{signature}")
    }

    const HS256: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

    fn claims_json() -> String {
        let token = JwtAccessTokens::new(&key(1)).issue(&claims()).unwrap();
        let payload = BASE64.decode(token.split('.').nth(1).unwrap()).unwrap();
        String::from_utf8(payload).unwrap()
    }

    fn verify(token: &str) -> Result<AccessClaims, TokenError> {
        JwtAccessTokens::new(&key(1)).verify(token, time(ISSUED))
    }

    #[test]
    fn a_token_says_what_it_was_told_and_only_that() {
        let token = JwtAccessTokens::new(&key(1)).issue(&claims()).unwrap();
        assert_eq!(verify(&token), Ok(claims()));
        assert!(token.len() < 400, "{}", token.len());
        assert_eq!(
            claims_json(),
            r#"{"iss":"confab","aud":"confab","sub":"0198c5a2-6f3e-7c41-9d2b-3f5a7c9e1b20","sid":"0198c5a2-6f3e-7c41-9d2b-3f5a7c9e1b21","iat":1769851800,"exp":1769852400}"#
        );
        assert_eq!(verify(&signed(Algorithm::HS256, HS256, &claims_json())), Ok(claims()));
    }

    #[test]
    fn it_expires_at_its_second_without_leeway() {
        let tokens = JwtAccessTokens::new(&key(1));
        let token = tokens.issue(&claims()).unwrap();
        assert!(tokens.verify(&token, time("2026-01-31T09:39:59.999999Z")).is_ok());
        assert_eq!(tokens.verify(&token, time(EXPIRES)), Err(TokenError::Expired));
        assert_eq!(tokens.verify(&token, time("2036-01-31T09:30:00Z")), Err(TokenError::Expired));
    }

    #[test]
    fn fractions_of_a_second_are_dropped() {
        let tokens = JwtAccessTokens::new(&key(1));
        let expires_at = time("2026-01-31T09:40:00.999999Z");
        let token = tokens.issue(&AccessClaims { expires_at, ..claims() }).unwrap();
        assert_eq!(tokens.verify(&token, time(EXPIRES)), Err(TokenError::Expired));
    }

    #[test]
    fn another_key_or_a_changed_token_is_refused() {
        let token = JwtAccessTokens::new(&key(2)).issue(&claims()).unwrap();
        assert_eq!(verify(&token), Err(TokenError::Invalid));

        let good = JwtAccessTokens::new(&key(1)).issue(&claims()).unwrap();
        let [header, payload, signature] = good.split('.').collect::<Vec<_>>().try_into().unwrap();
        let other = BASE64.encode(claims_json().replace("1b20", "1b2f"));
        let none = BASE64.encode(r#"{"alg":"none","typ":"JWT"}"#);
        let hs512 = BASE64.encode(r#"{"alg":"HS512","typ":"JWT"}"#);
        for changed in [
            format!("{header}.{other}.{signature}"),
            format!("{none}.{payload}.{signature}"),
            format!("{none}.{payload}."),
            format!("{none}.{payload}"),
            format!("{hs512}.{payload}.{signature}"),
            format!("{header}.{payload}."),
            format!("{header}.{payload}"),
            format!("{header}.{payload}.{signature}."),
            format!("{header}.{payload}.{signature}A"),
            format!("{header}.{payload}.{signature}="),
            format!(" {good}"),
            format!("{good}\n"),
        ] {
            assert_eq!(verify(&changed), Err(TokenError::Invalid), "{changed}");
        }
    }

    #[test]
    fn another_algorithm_is_refused_even_with_our_key() {
        for (alg, header) in
            [(Algorithm::HS384, r#"{"alg":"HS384","typ":"JWT"}"#), (Algorithm::HS512, r#"{"alg":"HS512","typ":"JWT"}"#)]
        {
            assert_eq!(verify(&signed(alg, header, &claims_json())), Err(TokenError::Invalid), "{header}");
        }
        for header in [r#"{"alg":"none"}"#, r#"{"alg":"RS256"}"#, r#"{"alg":"hs256"}"#, r"{}", r"[]", ""] {
            let token = signed(Algorithm::HS256, header, &claims_json());
            assert_eq!(verify(&token), Err(TokenError::Invalid), "{header}");
        }
    }

    #[test]
    fn claims_that_are_missing_or_not_ours_are_refused() {
        let good = claims_json();
        for (from, to) in [
            (r#""iss":"confab""#, r#""iss":"other""#),
            (r#""iss":"confab","#, ""),
            (r#""iss":"confab""#, r#""iss":["confab"]"#),
            (r#""aud":"confab""#, r#""aud":"other""#),
            (r#""aud":"confab","#, ""),
            (r#""aud":"confab""#, r#""aud":["confab","other"]"#),
            (r#""sub":"0198"#, r#""sub":"x198"#),
            (r#""sub":"0198c5a2-6f3e-7c41-9d2b-3f5a7c9e1b20","#, ""),
            (r#""sid":"0198"#, r#""sid":"x198"#),
            (r#""sid":"0198c5a2-6f3e-7c41-9d2b-3f5a7c9e1b21","#, ""),
            (r#","exp":1769852400"#, ""),
            ("1769852400", "\"1769852400\""),
            ("1769852400", "1769852400.5"),
            ("1769852400", "9223372036854775807"),
            ("1769852400", "99999999999999999999"),
            ("1769852400", "null"),
            (r#""iat":1769851800,"#, ""),
        ] {
            assert!(good.contains(from), "{from}");
            let token = signed(Algorithm::HS256, HS256, &good.replace(from, to));
            assert_eq!(verify(&token), Err(TokenError::Invalid), "{from} -> {to}");
        }
        let past = good.replace("1769852400", "-1");
        assert!(verify(&signed(Algorithm::HS256, HS256, &past)).is_err());
    }

    #[test]
    fn garbage_is_refused() {
        let good = JwtAccessTokens::new(&key(1)).issue(&claims()).unwrap();
        let long_header = format!(r#"{{"alg":"HS256","typ":"{}"}}"#, "x".repeat(8192));
        for garbage in [
            String::new(),
            ".".to_owned(),
            "..".to_owned(),
            "...".to_owned(),
            "a.b.c".to_owned(),
            "\0.\u{1F600}.é".to_owned(),
            "x".repeat(10_000_000),
            signed(Algorithm::HS256, &long_header, &claims_json()),
            format!("{}.{good}", good),
        ] {
            assert_eq!(verify(&garbage), Err(TokenError::Invalid), "{:.40}", garbage);
        }
    }
}
