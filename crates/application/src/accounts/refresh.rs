//! Refresh a pair of tokens.

use confab_domain::{AuditEntry, AuditKind, Origin, SessionUse};

use super::tokens::{self, TokenPair};
use crate::{App, Error, Unauthenticated};

/// Exchanges a refresh token for the next pair. The token stays good until the next one is used, so that a client whose
/// answer was lost can ask again: then the pair that it never got is replaced (ADR 18).
///
/// A token that was replaced before that is in the wrong hands, or its successor is: the session ends.
///
/// # Errors
/// [`Unauthenticated::InvalidRefreshToken`] where it is unknown, used up or expired, or its account is not active.
pub async fn refresh(app: &App, token: &str, origin: &Origin) -> Result<TokenPair, Error> {
    let now = app.clock.now();
    let hash = app.refresh_tokens.hash(token);
    let (next_token, next) = tokens::of(app, app.refresh_tokens.renew(token)?, now);
    let by = SessionUse { at: now, address: origin.address, user_agent: origin.user_agent.clone() };

    let tx = app.store.begin().await?;
    let Some(session) = tx.sessions().rotate(&hash, &next, &by).await? else {
        if let Some(ended) = tx.sessions().end_reused(&hash, &next.family).await? {
            let entry = app.audit_entry(AuditKind::RefreshTokenReused, Some(ended.user_id), origin);
            tx.audit().append(&AuditEntry { session_id: Some(ended.id), ..entry }).await?;
            let committed = tx.commit().await;
            app.sessions.forget(ended.user_id);
            committed?;
        }
        return Err(Unauthenticated::InvalidRefreshToken.into());
    };
    let users = tx.users().find_many(&[session.user_id]).await?;
    if !users.iter().any(|user| user.active) {
        return Err(Unauthenticated::InvalidRefreshToken.into());
    }
    let pair = tokens::pair(app, session.user_id, session.id, next_token, now)?;
    tx.commit().await?;
    Ok(pair)
}
