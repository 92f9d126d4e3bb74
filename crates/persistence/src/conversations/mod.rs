//! Conversations and their participants.

mod list;
mod participants;
mod read;
mod unread;
mod write;
