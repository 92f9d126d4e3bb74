//! Reports of messages.

mod read;
mod write;
