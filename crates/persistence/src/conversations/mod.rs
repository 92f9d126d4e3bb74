//! Conversations and their participants.

pub(crate) mod catching_up;
mod list;
pub(crate) mod listings;
mod participants;
mod read;
mod unread;
mod write;
