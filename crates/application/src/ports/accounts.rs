//! Users and their log-ins.

use async_trait::async_trait;
use confab_domain::{
    EmailAddress, PasswordHash, RefreshToken, RefreshTokenHash, Session, SessionId, Timestamp, User, UserId,
};

use super::StoreError;

/// What a log-in is checked against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The account.
    pub user: User,
    /// Its password's hash.
    pub password_hash: PasswordHash,
}

/// Finds out who is calling. The only reader without a viewer, for it is what makes one.
#[async_trait]
pub trait AccountReader: Send + Sync {
    /// The account with this e-mail address, without regard to case.
    async fn find_credentials(&self, email: &EmailAddress) -> Result<Option<Credentials>, StoreError>;

    /// The user whose session this is.
    async fn find_session_user(&self, id: SessionId) -> Result<Option<User>, StoreError>;
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

    /// Replaces the password's hash of a user that was found for update; [`StoreError::Internal`] where there is none.
    async fn set_password_hash(&self, id: UserId, password_hash: &PasswordHash) -> Result<(), StoreError>;

    /// Those of these users that exist, in no order; each once.
    async fn find_many(&self, ids: &[UserId]) -> Result<Vec<User>, StoreError>;

    /// Replaces a user that was [found for update](Self::find_for_update); [`StoreError::Internal`] where there is none.
    /// The password's hash stays.
    async fn update(&self, user: &User) -> Result<(), StoreError>;
}

/// Writes log-ins.
#[async_trait]
pub trait SessionRepository: Send + Sync {
    /// Adds a session.
    async fn insert(&self, session: &Session) -> Result<(), StoreError>;

    /// Ends the sessions of a user, but for the one to be kept, if any.
    async fn end_all(&self, user_id: UserId, kept: Option<SessionId>) -> Result<(), StoreError>;

    /// Replaces the refresh token of the session whose token this is, if it has not expired, and returns the session as
    /// it then is. In one step: of several at once, one succeeds and the others find nothing.
    async fn rotate(
        &self,
        token: &RefreshTokenHash,
        next: &RefreshToken,
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError>;
}
