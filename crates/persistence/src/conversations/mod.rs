//! Conversations and their participants.

mod list;
pub(crate) mod listings;
mod participants;
mod read;
mod unread;
mod write;
