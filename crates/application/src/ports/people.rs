//! What users may know of each other.

use async_trait::async_trait;
use confab_domain::{EmailAddress, PhoneNumber, UserId};

use super::StoreError;
use crate::views::UserCard;

/// Reads other users on behalf of one of them.
#[async_trait]
pub trait PeopleReader: Send + Sync {
    /// The card of a user, if the viewer is that user, or takes part in a conversation with them.
    async fn find_known(&self, viewer: UserId, id: UserId) -> Result<Option<UserCard>, StoreError>;

    /// The card of any user. For admins, and nobody else.
    async fn find_any(&self, id: UserId) -> Result<Option<UserCard>, StoreError>;

    /// The active users who have this address, without regard to case, and let themselves be found by it: one at the most.
    async fn find_by_email(&self, email: &EmailAddress) -> Result<Vec<UserCard>, StoreError>;

    /// The active users who have this telephone number and let themselves be found by it, by their ids, at most as many.
    async fn find_by_phone(&self, number: &PhoneNumber, at_most: u64) -> Result<Vec<UserCard>, StoreError>;
}
