//! What has happened in conversations.

mod read;
mod write;
