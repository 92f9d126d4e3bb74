//! The audit.

mod read;
mod write;
