//! System messages: what happened to a conversation, told among what was said in it.

use crate::{Timestamp, Title, UserId};

/// What a system message tells. Its sender is whoever did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SystemMessage {
    /// The sender added these users.
    ParticipantsAdded {
        /// Who they are, at least one.
        user_ids: Vec<UserId>,
    },
    /// This user takes part no longer: has left, where it is the sender, or was removed by the sender.
    ParticipantLeft {
        /// Who it was.
        user_id: UserId,
    },
    /// The group has another owner.
    OwnerChanged {
        /// The new one.
        user_id: UserId,
    },
    /// The group has another title, or none.
    Renamed {
        /// The new one.
        title: Option<Title>,
    },
    /// Nobody can send to the conversation any more.
    Closed,
    /// The conversation is open again.
    Reopened,
    /// The sender, an admin, reads the conversation without taking part in it.
    Inspected {
        /// Until then.
        until: Timestamp,
    },
}

impl SystemMessage {
    /// The users whom it names.
    pub fn user_ids(&self) -> &[UserId] {
        match self {
            Self::ParticipantsAdded { user_ids } => user_ids,
            Self::ParticipantLeft { user_id } | Self::OwnerChanged { user_id } => std::slice::from_ref(user_id),
            Self::Renamed { .. } | Self::Closed | Self::Reopened | Self::Inspected { .. } => &[],
        }
    }
}
