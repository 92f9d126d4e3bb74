//! Searching messages (ADR 20).

mod candidates;
pub(crate) mod fill;
mod read;
