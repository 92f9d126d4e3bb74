//! How much a participant has not read.

use crate::{Conversation, Participant};

/// How many messages of others a participant has not read, up to a bound: "3", or "100+".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnreadCount {
    /// So many, at the most [`UnreadCount::MOST`].
    pub count: u64,
    /// Whether there may be more.
    pub is_capped: bool,
}

impl UnreadCount {
    /// No more are counted. Whatever is fewer is exact.
    pub const MOST: u64 = 100;

    /// No more messages after the cursor are looked at, the user's own and deleted ones among them. It bounds what a count
    /// costs for whoever marks a long monologue of their own unread; everyone else reaches [`UnreadCount::MOST`] first.
    pub const WINDOW: u64 = 1000;

    /// The count of one conversation, of which so many were counted within the window.
    pub fn of(counted: u64, participant: &Participant, conversation: &Conversation) -> Self {
        let after_cursor = conversation.last_seq.get().saturating_sub(participant.last_read_seq.get());
        let all = Self::of_all(counted);
        Self { is_capped: all.is_capped || after_cursor > Self::WINDOW, ..all }
    }

    /// The count of all conversations of a user.
    pub const fn of_all(counted: u64) -> Self {
        Self { count: if counted < Self::MOST { counted } else { Self::MOST }, is_capped: counted >= Self::MOST }
    }
}
