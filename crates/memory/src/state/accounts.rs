//! Users and their log-ins.

use std::collections::BTreeSet;
use std::sync::Arc;

use confab_application::ports::{Constraint, Credentials, Order, Page, PageRequest, Position, StoreError, UserFilter};
use confab_application::views::UserCard;
use confab_domain::{
    EmailAddress, Inconsistent, PasswordHash, PhoneNumber, RefreshToken, RefreshTokenHash, Role, Session, SessionId,
    SessionUse, Timestamp, User, UserId,
};

use super::{State, require_free, require_row, require_target};

impl State {
    pub(crate) fn user(&self, id: UserId) -> Option<&User> {
        self.users.get(&id).map(|row| &row.user)
    }

    pub(crate) fn find_users(&self, ids: &[UserId]) -> Vec<User> {
        let distinct: BTreeSet<UserId> = ids.iter().copied().collect();
        distinct.into_iter().filter_map(|id| self.user(id).cloned()).collect()
    }

    pub(crate) fn list_users(&self, filter: &UserFilter, page: &PageRequest<UserId>) -> Page<User> {
        let descending = (filter.order == Order::NewestFirst) != page.is_backwards();
        let rows: Box<dyn Iterator<Item = (&UserId, &Arc<Credentials>)>> = match page.position {
            None if descending => Box::new(self.users.iter().rev()),
            None => Box::new(self.users.iter()),
            Some(Position::After(key) | Position::Before(key)) if descending => Box::new(self.users.range(..key).rev()),
            Some(Position::After(key) | Position::Before(key)) => {
                Box::new(self.users.range(key..).filter(move |(id, _)| **id != key))
            }
        };
        let part = filter.email_contains.as_deref().map(EmailAddress::search_key);
        let is_wanted = |user: &&User| {
            user.deleted_at.is_none()
                && filter.role.is_none_or(|role| user.role == role)
                && filter.suspended.is_none_or(|suspended| user.active != suspended)
                && part.as_deref().is_none_or(|part| user.email.key().contains(part))
        };
        let users = rows.map(|(_, row)| &row.user).filter(is_wanted);
        Page::of_rows(users.take(page.rows()).cloned().collect(), page)
    }

    pub(crate) fn departing(&self) -> Option<UserId> {
        self.departing.get_min().copied()
    }

    pub(crate) fn depart(&mut self, id: UserId) -> Result<(), StoreError> {
        require_target(self.user(id).is_some())?;
        self.departing.insert(id);
        Ok(())
    }

    pub(crate) fn have_departed(&mut self, id: UserId) {
        self.departing.remove(&id);
    }

    pub(crate) fn admins(&self) -> Vec<User> {
        let active = self.users.values().map(|row| &row.user).filter(|user| user.active && user.role == Role::Admin);
        active.cloned().collect()
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

    /// What the viewer sees of a user with whom they take part in a conversation.
    pub(crate) fn known_card(&self, viewer: UserId, id: UserId) -> Option<UserCard> {
        self.user(id).filter(|_| viewer == id || self.share(viewer, id)).map(UserCard::from)
    }

    /// Whether two take part in a conversation. A blocked one is none.
    fn share(&self, one: UserId, other: UserId) -> bool {
        let mut both =
            self.participants.iter().filter(|(_, people)| people.contains_key(&one) && people.contains_key(&other));
        both.any(|(id, _)| self.conversation(*id).is_some_and(|conversation| !conversation.blocked))
    }

    fn may_find(&self, viewer: UserId, id: UserId) -> bool {
        !self.are_apart(viewer, id) || self.share(viewer, id)
    }

    pub(crate) fn found_by_email(&self, viewer: UserId, email: &EmailAddress) -> Vec<UserCard> {
        let user = self.users_by_email.get(email.key()).and_then(|id| self.user(*id));
        let user = user.filter(|user| user.active && user.discoverable.by_email && self.may_find(viewer, user.id));
        user.map(UserCard::from).into_iter().collect()
    }

    pub(crate) fn found_by_phone(&self, viewer: UserId, number: &PhoneNumber, at_most: u64) -> Vec<UserCard> {
        let users = self.users.values().map(|row| &row.user);
        let found = users.filter(|user| {
            user.active
                && user.discoverable.by_phone
                && user.profile.phone_number.as_ref() == Some(number)
                && self.may_find(viewer, user.id)
        });
        found.take(usize::try_from(at_most).unwrap_or(usize::MAX)).map(UserCard::from).collect()
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
        let token = &session.refresh_token;
        require_free(self.sessions.contains_key(&session.id), Constraint::SessionId)?;
        require_free(self.sessions_by_token.contains_key(&token.hash), Constraint::RefreshToken)?;
        require_target(self.user(session.user_id).is_some())?;
        self.sessions_by_token.insert(token.hash, session.id);
        self.sessions_by_family.insert(token.family, session.id);
        self.sessions_by_user.entry(session.user_id).or_default().insert(session.id);
        self.sessions.insert(session.id, Arc::new(session.clone()));
        Ok(())
    }

    pub(crate) fn list_sessions(&self, viewer: UserId, now: Timestamp, page: &PageRequest<SessionId>) -> Page<Session> {
        let Some(ids) = self.sessions_by_user.get(&viewer) else { return Page::of_rows(Vec::new(), page) };
        let ids: Box<dyn Iterator<Item = &SessionId>> = match page.position {
            None => Box::new(ids.iter().rev()),
            Some(Position::After(key)) => Box::new(ids.range(..key).rev()),
            Some(Position::Before(key)) => Box::new(ids.range(key..).filter(move |id| **id != key)),
        };
        let rows = ids.filter_map(|id| self.sessions.get(id)).filter(|row| row.refresh_token.expires_at > now);
        Page::of_rows(rows.take(page.rows()).map(|row| Session::clone(row)).collect(), page)
    }

    pub(crate) fn rotate(
        &mut self,
        token: &RefreshTokenHash,
        next: &RefreshToken,
        by: &SessionUse,
    ) -> Result<Option<Session>, StoreError> {
        // What is the token before of any session has its place in the family.
        let id = self.sessions_by_token.get(token).or_else(|| self.sessions_by_family.get(&next.family));
        let Some(session) = id.and_then(|id| self.sessions.get(id)).cloned() else { return Ok(None) };
        let is_good = session.refresh_token.hash == *token || session.previous_token == Some(*token);
        if !is_good || session.refresh_token.expires_at <= by.at {
            return Ok(None);
        }
        let rotated = Session {
            refresh_token: next.clone(),
            previous_token: Some(*token),
            last_use: by.clone(),
            ..Session::clone(&session)
        };
        self.remove_session(session.id);
        self.insert_session(&rotated)?;
        Ok(Some(rotated))
    }

    pub(crate) fn end_reused(&mut self, token: &RefreshTokenHash, family: &RefreshTokenHash) -> Option<Session> {
        let session = self.sessions.get(self.sessions_by_family.get(family)?)?;
        let is_good = session.refresh_token.hash == *token || session.previous_token == Some(*token);
        if is_good { None } else { self.remove_session(session.id) }
    }

    pub(crate) fn end_session(&mut self, user_id: UserId, id: SessionId) -> bool {
        let is_theirs = self.sessions.get(&id).is_some_and(|session| session.user_id == user_id);
        is_theirs && self.remove_session(id).is_some()
    }

    pub(crate) fn end_sessions(&mut self, user_id: UserId, except: Option<SessionId>) -> u64 {
        let ids = self.sessions_by_user.get(&user_id).cloned().unwrap_or_default();
        let ended = ids.iter().filter(|id| Some(**id) != except && self.remove_session(**id).is_some());
        ended.count() as u64
    }

    pub(crate) fn touch_sessions(&mut self, ids: &[SessionId], at: Timestamp) {
        for id in ids {
            if let Some(session) = self.sessions.get_mut(id)
                && session.last_use.at < at
            {
                Arc::make_mut(session).last_use.at = at;
            }
        }
    }

    pub(crate) fn remove_expired_sessions(&mut self, now: Timestamp, at_most: u32) -> u64 {
        let expired = self.sessions.iter().filter(|(_, session)| session.refresh_token.expires_at <= now);
        let ids: Vec<SessionId> = expired.take(at_most as usize).map(|(id, _)| *id).collect();
        ids.into_iter().filter(|id| self.remove_session(*id).is_some()).count() as u64
    }

    fn remove_session(&mut self, id: SessionId) -> Option<Session> {
        let session = self.sessions.remove(&id)?;
        self.sessions_by_token.remove(&session.refresh_token.hash);
        self.sessions_by_family.remove(&session.refresh_token.family);
        if let Some(ids) = self.sessions_by_user.get_mut(&session.user_id) {
            ids.remove(&id);
        }
        Some(Arc::unwrap_or_clone(session))
    }
}
