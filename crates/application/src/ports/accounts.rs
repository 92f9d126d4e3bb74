//! Users and their log-ins.

use async_trait::async_trait;
use confab_domain::{
    EmailAddress, PasswordHash, RefreshToken, RefreshTokenHash, Role, Session, SessionId, SessionUse, Timestamp, User,
    UserId,
};

use super::{Order, Page, PageRequest, StoreError};

/// What a log-in is checked against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The account.
    pub user: User,
    /// Its password's hash.
    pub password_hash: PasswordHash,
}

/// Which accounts to list, and in what order; each condition that is there must hold. Deleted ones are never listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// The order of the list, which is that of the ids.
    pub order: Order,
    /// It has this role.
    pub role: Option<Role>,
    /// Whether it is suspended.
    pub suspended: Option<bool>,
    /// Its e-mail address has this text in it, without regard to case: [`EmailAddress::search_key`] within
    /// [`EmailAddress::key`]. No character is special.
    pub email_contains: Option<String>,
}

/// Finds out who is calling, and lists accounts to whoever may see them all. The only reader without a viewer.
#[async_trait]
pub trait AccountReader: Send + Sync {
    /// The account with this e-mail address, without regard to case.
    async fn find_credentials(&self, email: &EmailAddress) -> Result<Option<Credentials>, StoreError>;

    /// The user whose session this is.
    async fn find_session_user(&self, id: SessionId) -> Result<Option<User>, StoreError>;

    /// A page of the accounts.
    async fn list(&self, filter: &UserFilter, page: &PageRequest<UserId>) -> Result<Page<User>, StoreError>;

    /// A user who [departs](UserRepository::depart), if there is one.
    async fn find_departing(&self) -> Result<Option<UserId>, StoreError>;
}

/// Writes users.
#[async_trait]
pub trait UserRepository: Send + Sync {
    /// Adds a user, unless another has the same address: then nothing, and `false`.
    async fn insert_if_new(&self, user: &User, password_hash: &PasswordHash) -> Result<bool, StoreError>;

    /// Adds a user.
    async fn insert(&self, user: &User, password_hash: &PasswordHash) -> Result<(), StoreError>;

    /// The user, locked until the transaction ends.
    async fn find_for_update(&self, id: UserId) -> Result<Option<User>, StoreError>;

    /// The user and what their log-ins are checked against, locked until the transaction ends.
    async fn find_credentials_for_update(&self, id: UserId) -> Result<Option<Credentials>, StoreError>;

    /// The same, for the account to be deleted: locked against whoever [adds](Self::find_joining) the user to something, too.
    async fn find_for_deletion(&self, id: UserId) -> Result<Option<Credentials>, StoreError>;

    /// Replaces the password's hash of a user that was found for update; [`StoreError::Internal`] where there is none.
    async fn set_password_hash(&self, id: UserId, password_hash: &PasswordHash) -> Result<(), StoreError>;

    /// Those of these users that exist, in no order; each once.
    async fn find_many(&self, ids: &[UserId]) -> Result<Vec<User>, StoreError>;

    /// The same, of users who are about to join a conversation, and of whoever adds them: until the transaction ends, none of them
    /// is deleted, or [blocks](super::BlockRepository) anyone, which takes the user [for update](Self::find_for_update).
    async fn find_joining(&self, ids: &[UserId]) -> Result<Vec<User>, StoreError>;

    /// Notes that a deleted user has yet to leave their conversations.
    async fn depart(&self, id: UserId) -> Result<(), StoreError>;

    /// Notes that a deleted user has left them all.
    async fn have_departed(&self, id: UserId) -> Result<(), StoreError>;

    /// The active admins, by their ids, locked until the transaction ends: whoever waits for it sees who is left.
    async fn find_admins_for_update(&self) -> Result<Vec<User>, StoreError>;

    /// Replaces a user that was [found for update](Self::find_for_update); [`StoreError::Internal`] where there is none.
    /// The password's hash stays.
    async fn update(&self, user: &User) -> Result<(), StoreError>;
}

/// Reads log-ins.
#[async_trait]
pub trait SessionReader: Send + Sync {
    /// The viewer's own sessions that have not expired, the newest first.
    async fn list(
        &self,
        viewer: UserId,
        now: Timestamp,
        page: &PageRequest<SessionId>,
    ) -> Result<Page<Session>, StoreError>;
}

/// Writes log-ins.
#[async_trait]
pub trait SessionRepository: Send + Sync {
    /// Adds a session.
    async fn insert(&self, session: &Session) -> Result<(), StoreError>;

    /// Replaces the refresh token of the session whose newest token this is, or whose token before the newest, if that has
    /// not expired. The given token is then the one before. Returns the session as it then is. In one step: of several
    /// uses at once each finds what the one before it has left, and the last one's token is the session's.
    async fn rotate(
        &self,
        token: &RefreshTokenHash,
        next: &RefreshToken,
        by: &SessionUse,
    ) -> Result<Option<Session>, StoreError>;

    /// Ends the session to whose family a token belongs, if it is neither the newest one nor the one before. Returns the
    /// session as it was.
    async fn end_reused(
        &self,
        token: &RefreshTokenHash,
        family: &RefreshTokenHash,
    ) -> Result<Option<Session>, StoreError>;

    /// Ends a session of this user. Whether there was one.
    async fn end(&self, user_id: UserId, id: SessionId) -> Result<bool, StoreError>;

    /// Ends all sessions of this user, but perhaps one. How many there were.
    async fn end_all(&self, user_id: UserId, except: Option<SessionId>) -> Result<u64, StoreError>;

    /// Writes down that these sessions were used at this time, where that is later than what is written there.
    async fn touch(&self, ids: &[SessionId], at: Timestamp) -> Result<(), StoreError>;

    /// Removes some of the sessions that have expired, at most as many. How many there were.
    async fn remove_expired(&self, now: Timestamp, at_most: u32) -> Result<u64, StoreError>;
}
