//! Messages.

pub(crate) mod history;
pub(crate) mod read;
pub(crate) mod view;
mod write;
