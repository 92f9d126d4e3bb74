//! Conversations and their participants.

mod list;
mod listings;
mod participants;
mod read;
mod unread;
mod write;
