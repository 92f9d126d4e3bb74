//! Messages.

mod changes;
mod former;
pub(crate) mod history;
mod inspected;
pub(crate) mod read;
mod readers;
pub(crate) mod view;
mod write;
