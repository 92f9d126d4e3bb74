//! Passwords and tokens that hide nothing.

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use confab_application::ports::{
    AccessClaims, AccessTokens, PasswordError, PasswordHasher, RefreshTokens, TokenError, Verdict, Weakness,
};
use confab_domain::{Password, PasswordHash, RefreshTokenHash, SessionId, Timestamp, UserId};

/// Keeps passwords as they are.
#[derive(Debug, Clone, Copy)]
pub struct PlainPasswords;

#[async_trait]
impl PasswordHasher for PlainPasswords {
    /// What begins with `common` is common; what begins with one of the words is personal.
    async fn judge(&self, password: &Password, about: &[&str]) -> Result<Option<Weakness>, PasswordError> {
        let begins = |word: &&str| !word.is_empty() && password.reveal().starts_with(*word);
        Ok(match password.reveal() {
            common if common.starts_with("common") => Some(Weakness::Common),
            _ if about.iter().any(begins) => Some(Weakness::Personal),
            _ => None,
        })
    }

    async fn hash(&self, password: Password) -> Result<PasswordHash, PasswordError> {
        Ok(PasswordHash::restore(format!("$plain${}", password.reveal())))
    }

    /// A hash that begins with `$old$` is outdated.
    async fn verify(&self, attempt: Password, hash: Option<PasswordHash>) -> Result<Verdict, PasswordError> {
        Ok(match hash {
            Some(hash) if hash == self.hash(attempt.clone()).await? => Verdict::Right,
            Some(hash) if hash.as_str() == format!("$old${}", attempt.reveal()) => Verdict::Outdated,
            _ => Verdict::Wrong,
        })
    }
}

/// Writes access tokens as text: the user, the session, and the two times in microseconds.
#[derive(Debug, Clone, Copy)]
pub struct PlainAccessTokens;

impl AccessTokens for PlainAccessTokens {
    fn issue(&self, claims: &AccessClaims) -> Result<String, TokenError> {
        let (from, until) = (claims.issued_at.as_micros(), claims.expires_at.as_micros());
        Ok(format!("{}.{}.{from}.{until}", claims.user_id, claims.session_id))
    }

    fn verify(&self, token: &str, now: Timestamp) -> Result<AccessClaims, TokenError> {
        let claims = read(token).ok_or(TokenError::Invalid)?;
        if claims.expires_at <= now { Err(TokenError::Expired) } else { Ok(claims) }
    }
}

fn read(token: &str) -> Option<AccessClaims> {
    let mut parts = token.split('.');
    let claims = AccessClaims {
        user_id: UserId::parse(parts.next()?).ok()?,
        session_id: SessionId::parse(parts.next()?).ok()?,
        issued_at: Timestamp::from_micros(parts.next()?.parse().ok()?)?,
        expires_at: Timestamp::from_micros(parts.next()?.parse().ok()?)?,
    };
    parts.next().is_none().then_some(claims)
}

/// Counts: `1.refresh-1`, `1.refresh-2`, and of another session `3.refresh-3` …
#[derive(Debug, Default)]
pub struct SequentialRefreshTokens(AtomicU64);

impl RefreshTokens for SequentialRefreshTokens {
    fn generate(&self) -> Result<String, TokenError> {
        let number = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        Ok(format!("{number}.refresh-{number}"))
    }

    fn renew(&self, token: &str) -> Result<String, TokenError> {
        Ok(format!("{}.refresh-{}", family(token), self.0.fetch_add(1, Ordering::SeqCst) + 1))
    }

    /// The token's first 32 bytes.
    fn hash(&self, token: &str) -> RefreshTokenHash {
        let mut bytes = [0; 32];
        bytes.iter_mut().zip(token.bytes()).for_each(|(to, from)| *to = from);
        RefreshTokenHash::new(bytes)
    }

    fn family(&self, token: &str) -> RefreshTokenHash {
        self.hash(family(token))
    }
}

fn family(token: &str) -> &str {
    token.split('.').next().unwrap_or(token)
}
