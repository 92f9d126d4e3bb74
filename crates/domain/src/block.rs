//! That one user has blocked another.

use crate::{Timestamp, UserId};

/// How many users one can have blocked.
pub const MAX_BLOCKS: u64 = 1000;

/// That one user has blocked another. It holds for both of them, and only the first one can lift it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// Who has blocked.
    pub blocker_id: UserId,
    /// Who is blocked.
    pub blocked_id: UserId,
    /// Since when.
    pub since: Timestamp,
}
