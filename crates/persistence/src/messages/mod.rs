//! Messages.

mod history;
mod read;
pub(crate) mod view;
mod write;
