//! Access tokens: JWTs (RFC 7519) signed with HMAC-SHA-256.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use confab_application::ports::{AccessClaims, AccessTokens, TokenError};
use confab_domain::{SessionId, Timestamp, UserId};
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::Keyring;

/// Who issues the tokens, and whom they are for.
const CONFAB: &str = "confab";
/// The longest token that is looked at, in bytes. One of ours has some 400.
const MAX_TOKEN_BYTES: usize = 4096;

/// Issues and verifies JWTs of one kind: HS256, `iss` and `aud` "confab". Its `kid` picks one of our keys; whatever else a token
/// says of itself, it is not believed.
pub struct JwtAccessTokens {
    keys: Arc<Keyring>,
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
    /// Random. Tokens from before they had one have none.
    #[serde(default)]
    jti: String,
}

impl JwtAccessTokens {
    /// Tokens signed with these keys.
    pub fn new(keys: Arc<Keyring>) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[CONFAB]);
        validation.set_audience(&[CONFAB]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // It would read the system's clock, and allow a minute more. We ask the clock port, below.
        validation.validate_exp = false;
        Self { keys, validation }
    }
}

impl AccessTokens for JwtAccessTokens {
    fn issue(&self, claims: &AccessClaims) -> Result<String, TokenError> {
        let failed = |error: &dyn std::fmt::Display| TokenError::Failed(error.to_string());
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|error| failed(&error))?;
        let keys = self.keys.current();
        let (id, key) = keys.signing(claims.issued_at).ok_or_else(|| failed(&"there is no key"))?;
        let header = Header { kid: Some(id.to_owned()), ..Header::new(Algorithm::HS256) };
        let claims = Claims {
            iss: CONFAB.to_owned(),
            aud: CONFAB.to_owned(),
            sub: claims.user_id.to_string(),
            sid: claims.session_id.to_string(),
            iat: claims.issued_at.as_seconds(),
            exp: claims.expires_at.as_seconds(),
            jti: URL_SAFE_NO_PAD.encode(random),
        };
        jsonwebtoken::encode(&header, &claims, &key).map_err(|error| failed(&error))
    }

    fn verify(&self, token: &str, now: Timestamp) -> Result<AccessClaims, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::Invalid);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenError::Invalid)?;
        let key = self.keys.current().verifying(header.kid.as_deref(), now).ok_or(TokenError::Invalid)?;
        let claims = jsonwebtoken::decode::<Claims>(token, &key, &self.validation)
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
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
    use jsonwebtoken::EncodingKey;

    use super::*;
    use crate::{KeySet, SigningKey};

    const ISSUED: &str = "2026-01-31T09:30:00Z";
    const EXPIRES: &str = "2026-01-31T09:40:00Z";

    fn key(byte: u8) -> SigningKey {
        SigningKey::from_bytes(&[byte; 32]).unwrap()
    }

    /// Tokens with one key, from before there could be several.
    fn tokens(byte: u8) -> JwtAccessTokens {
        JwtAccessTokens::new(Arc::new(Keyring::new(key(byte).into())))
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
        let token = tokens(1).issue(&claims()).unwrap();
        part(&token, 1).split(r#","jti""#).next().unwrap().to_owned() + "}"
    }

    fn part(token: &str, number: usize) -> String {
        String::from_utf8(BASE64.decode(token.split('.').nth(number).unwrap()).unwrap()).unwrap()
    }

    fn verify(token: &str) -> Result<AccessClaims, TokenError> {
        tokens(1).verify(token, time(ISSUED))
    }

    #[test]
    fn a_token_says_what_it_was_told_and_only_that() {
        let token = tokens(1).issue(&claims()).unwrap();
        assert_eq!(verify(&token), Ok(claims()));
        assert!(token.len() < 450, "{}", token.len());
        assert_eq!(part(&token, 0), format!(r#"{{"typ":"JWT","alg":"HS256","kid":"{}"}}"#, key(1).id()));
        let jti = |token: &str| part(token, 1).split_once(r#""jti":""#).unwrap().1.trim_end_matches("\"}").to_owned();
        assert_eq!(jti(&token).len(), 22);
        assert_ne!(jti(&token), jti(&tokens(1).issue(&claims()).unwrap()), "each token is another");
        assert_eq!(
            claims_json(),
            r#"{"iss":"confab","aud":"confab","sub":"0198c5a2-6f3e-7c41-9d2b-3f5a7c9e1b20","sid":"0198c5a2-6f3e-7c41-9d2b-3f5a7c9e1b21","iat":1769851800,"exp":1769852400}"#
        );
        assert_eq!(verify(&signed(Algorithm::HS256, HS256, &claims_json())), Ok(claims()));
    }

    #[test]
    fn it_expires_at_its_second_without_leeway() {
        let tokens = tokens(1);
        let token = tokens.issue(&claims()).unwrap();
        assert!(tokens.verify(&token, time("2026-01-31T09:39:59.999999Z")).is_ok());
        assert_eq!(tokens.verify(&token, time(EXPIRES)), Err(TokenError::Expired));
        assert_eq!(tokens.verify(&token, time("2036-01-31T09:30:00Z")), Err(TokenError::Expired));
    }

    #[test]
    fn fractions_of_a_second_are_dropped() {
        let tokens = tokens(1);
        let expires_at = time("2026-01-31T09:40:00.999999Z");
        let token = tokens.issue(&AccessClaims { expires_at, ..claims() }).unwrap();
        assert_eq!(tokens.verify(&token, time(EXPIRES)), Err(TokenError::Expired));
    }

    #[test]
    fn another_key_or_a_changed_token_is_refused() {
        let token = tokens(2).issue(&claims()).unwrap();
        assert_eq!(verify(&token), Err(TokenError::Invalid));

        let good = tokens(1).issue(&claims()).unwrap();
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
        let good = tokens(1).issue(&claims()).unwrap();
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

    #[test]
    fn a_token_outlives_the_change_of_the_key_that_signed_it() {
        let now = time(ISSUED);
        let ring = Arc::new(Keyring::new(key(1).into()));
        let tokens = JwtAccessTokens::new(Arc::clone(&ring));
        let old = tokens.issue(&claims()).unwrap();
        let from_before_ids = signed(Algorithm::HS256, HS256, &claims_json());
        ring.replace(ring.current().rotate(now, now).unwrap());
        let new = tokens.issue(&claims()).unwrap();
        assert_ne!(part(&old, 0), part(&new, 0));
        for token in [&old, &from_before_ids, &new] {
            assert_eq!(tokens.verify(token, now), Ok(claims()));
        }
        // Whoever steals a key can sign no longer with it than tokens could live.
        let late = AccessClaims { expires_at: time("2999-01-01T00:00:00Z"), ..claims() };
        let forged = self::tokens(1).issue(&late).unwrap();
        assert!(tokens.verify(&forged, now).is_ok());
        let retired = now.plus_seconds(KeySet::VERIFIES_SECONDS);
        assert_eq!(tokens.verify(&forged, retired), Err(TokenError::Invalid));
    }

    #[test]
    fn the_id_of_a_key_picks_that_key_and_no_other() {
        let now = time(ISSUED);
        let set = KeySet::generate(now).unwrap().rotate(now, now).unwrap();
        let [first, second] = [&set.list(now)[0].id, &set.list(now)[1].id].map(Clone::clone);
        let tokens = JwtAccessTokens::new(Arc::new(Keyring::new(set)));
        let good = tokens.issue(&claims()).unwrap();
        let [header, rest] = good.split_once('.').map(|(header, rest)| [header, rest]).unwrap();
        let header = String::from_utf8(BASE64.decode(header).unwrap()).unwrap();
        assert_eq!(tokens.verify(&good, now), Ok(claims()));
        let kid = format!(r#""kid":"{second}""#);
        let long = format!(r#""kid":"{}""#, "x".repeat(3000));
        let other = format!(r#""kid":"{first}""#);
        for hostile in [
            &other,
            &long,
            r#""kid":"""#,
            r#""kid":"../../../../dev/null""#,
            r#""kid":"/var/lib/confab/signing.key""#,
            r#""kid":"' UNION SELECT 'x' --""#,
            r#""kid":null"#,
            r#""kid":0"#,
            r#""kid":["x"]"#,
            r#""jwk":{"kty":"oct","k":"AAAA"}"#,
            r#""jku":"https://evil.example/keys""#,
        ] {
            let changed = header.replace(&kid, hostile);
            assert_ne!(changed, header);
            let token = format!("{}.{rest}", BASE64.encode(changed));
            assert_eq!(tokens.verify(&token, now), Err(TokenError::Invalid), "{hostile:.40}");
            // Signed well, but with a key that is none of ours.
            let message = format!("{}.{}", BASE64.encode(header.replace(&kid, hostile)), BASE64.encode(claims_json()));
            let theirs = EncodingKey::from_secret(&[0; 32]);
            let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &theirs, Algorithm::HS256).unwrap();
            assert_eq!(
                tokens.verify(&format!("{message}.{signature}"), now),
                Err(TokenError::Invalid),
                "{hostile:.40}"
            );
        }
    }
}
