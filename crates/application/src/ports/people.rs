//! What users may know of each other.

use async_trait::async_trait;
use confab_domain::{Block, EmailAddress, PhoneNumber, Timestamp, UserId};

use super::{Page, PageRequest, StoreError};
use crate::views::{BlockView, UserCard};

/// A block's place in a list: the newest first, and among equals the one of the greater id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BlockKey {
    /// Since when.
    pub since: Timestamp,
    /// Who is blocked.
    pub blocked_id: UserId,
}

impl BlockKey {
    /// The place of this block.
    pub fn of(block: &BlockView) -> Self {
        Self { since: block.since, blocked_id: block.user.id }
    }
}

/// What there is to know before one user blocks another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockFacts {
    /// Whether there is such another, who was not deleted.
    pub exists: bool,
    /// Whether the two take part in a conversation.
    pub is_known: bool,
    /// Whether the one has blocked the other.
    pub is_blocked: bool,
    /// How many the one has blocked.
    pub count: u64,
}

/// Reads other users on behalf of one of them.
#[async_trait]
pub trait PeopleReader: Send + Sync {
    /// The card of a user, if the viewer is that user, or takes part in a conversation with them that is not
    /// [blocked](confab_domain::ConversationState::blocked).
    async fn find_known(&self, viewer: UserId, id: UserId) -> Result<Option<UserCard>, StoreError>;

    /// The card of any user. For admins, and nobody else.
    async fn find_any(&self, id: UserId) -> Result<Option<UserCard>, StoreError>;

    /// The active users who have this address, without regard to case, and let themselves be found by it: one at the most. Where
    /// they or the viewer have blocked the other, only if the viewer [knows](Self::find_known) them.
    async fn find_by_email(&self, viewer: UserId, email: &EmailAddress) -> Result<Vec<UserCard>, StoreError>;

    /// The active users who have this telephone number and let themselves be found by it likewise, by their ids, at most as many.
    async fn find_by_phone(
        &self,
        viewer: UserId,
        number: &PhoneNumber,
        at_most: u64,
    ) -> Result<Vec<UserCard>, StoreError>;

    /// Those whom the viewer has blocked, in the order of [`BlockKey`].
    async fn blocks(&self, viewer: UserId, page: &PageRequest<BlockKey>) -> Result<Page<BlockView>, StoreError>;
}

/// Writes who has blocked whom.
#[async_trait]
pub trait BlockRepository: Send + Sync {
    /// What a block of the one by the other depends on. Whoever blocks is locked.
    async fn find_facts(&self, blocker: UserId, blocked: UserId) -> Result<BlockFacts, StoreError>;

    /// Those of these users who have blocked this one, or whom this one has blocked; each once, in no order.
    async fn find_apart(&self, user: UserId, others: &[UserId]) -> Result<Vec<UserId>, StoreError>;

    /// Adds a block.
    async fn insert(&self, block: &Block) -> Result<(), StoreError>;

    /// Removes a block, and tells whether there was one.
    async fn remove(&self, blocker: UserId, blocked: UserId) -> Result<bool, StoreError>;

    /// Removes the blocks that a user has made, and those of that user.
    async fn remove_all(&self, user: UserId) -> Result<(), StoreError>;
}
