//! Searching messages (ADR 18).

mod candidates;
pub(crate) mod fill;
mod read;
