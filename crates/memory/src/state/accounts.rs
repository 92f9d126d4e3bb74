//! Users and their log-ins.

use std::collections::BTreeSet;
use std::sync::Arc;

use confab_application::ports::{Constraint, Credentials, StoreError};
use confab_application::views::UserCard;
use confab_domain::{
    EmailAddress, Inconsistent, PasswordHash, RefreshToken, RefreshTokenHash, Session, SessionId, Timestamp, User,
    UserId,
};

use super::{State, require_free, require_row, require_target, retain};

impl State {
    pub(crate) fn user(&self, id: UserId) -> Option<&User> {
        self.users.get(&id).map(|row| &row.user)
    }

    pub(crate) fn find_users(&self, ids: &[UserId]) -> Vec<User> {
        let distinct: BTreeSet<UserId> = ids.iter().copied().collect();
        distinct.into_iter().filter_map(|id| self.user(id).cloned()).collect()
    }

    pub(crate) fn credentials(&self, email: &EmailAddress) -> Option<Credentials> {
        let id = self.users_by_email.get(email.key())?;
        self.users.get(id).map(|row| Credentials::clone(row))
    }

    pub(crate) fn credentials_of(&self, id: UserId) -> Option<Credentials> {
        self.users.get(&id).map(|row| Credentials::clone(row))
    }

    pub(crate) fn set_password_hash(&mut self, id: UserId, hash: &PasswordHash) -> Result<(), StoreError> {
        let row = require_row(self.users.get(&id), "users")?;
        let row = Credentials { password_hash: hash.clone(), ..Credentials::clone(row) };
        self.users.insert(id, Arc::new(row));
        Ok(())
    }

    pub(crate) fn session_user(&self, id: SessionId) -> Option<User> {
        self.user(self.sessions.get(&id)?.user_id).cloned()
    }

    /// What others see of a user to whom a row refers.
    pub(super) fn card(&self, id: UserId) -> Result<UserCard, StoreError> {
        self.user(id).map(UserCard::from).ok_or_else(|| StoreError::Corrupt {
            table: "users",
            id: id.to_string(),
            reason: Inconsistent { field: "id", reason: "rows refer to it, and it is not there" },
        })
    }

    pub(crate) fn insert_user_if_new(&mut self, user: &User, password_hash: &PasswordHash) -> Result<bool, StoreError> {
        if self.users_by_email.contains_key(user.email.key()) {
            return Ok(false);
        }
        self.insert_user(user, password_hash).map(|()| true)
    }

    pub(crate) fn insert_user(&mut self, user: &User, password_hash: &PasswordHash) -> Result<(), StoreError> {
        require_free(self.users.contains_key(&user.id), Constraint::UserId)?;
        require_free(self.users_by_email.contains_key(user.email.key()), Constraint::UserEmail)?;
        self.users_by_email.insert(user.email.key().into(), user.id);
        let row = Credentials { user: user.clone(), password_hash: password_hash.clone() };
        self.users.insert(user.id, Arc::new(row));
        Ok(())
    }

    pub(crate) fn update_user(&mut self, user: &User) -> Result<(), StoreError> {
        let row = require_row(self.users.get(&user.id), "users")?;
        let password_hash = row.password_hash.clone();
        self.users_by_email.remove(row.user.email.key());
        self.users.remove(&user.id);
        self.insert_user(user, &password_hash)
    }

    pub(crate) fn insert_session(&mut self, session: &Session) -> Result<(), StoreError> {
        let hash = session.refresh_token.hash;
        require_free(self.sessions.contains_key(&session.id), Constraint::SessionId)?;
        require_free(self.sessions_by_token.contains_key(&hash), Constraint::RefreshToken)?;
        require_target(self.user(session.user_id).is_some())?;
        self.sessions_by_token.insert(hash, session.id);
        self.sessions.insert(session.id, Arc::new(session.clone()));
        Ok(())
    }

    pub(crate) fn end_sessions(&mut self, user_id: UserId, kept: Option<SessionId>) {
        retain(&mut self.sessions, |id, session| session.user_id != user_id || kept == Some(*id));
        let sessions = &self.sessions;
        retain(&mut self.sessions_by_token, |_, id| sessions.contains_key(id));
    }

    pub(crate) fn rotate(
        &mut self,
        token: &RefreshTokenHash,
        next: &RefreshToken,
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError> {
        let Some(session) = self.sessions_by_token.get(token).and_then(|id| self.sessions.get(id)) else {
            return Ok(None);
        };
        if session.refresh_token.expires_at <= now {
            return Ok(None);
        }
        let rotated = Session { refresh_token: next.clone(), ..Session::clone(session) };
        self.sessions_by_token.remove(token);
        self.sessions.remove(&rotated.id);
        self.insert_session(&rotated)?;
        Ok(Some(rotated))
    }
}
