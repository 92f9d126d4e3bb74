//! Messages.

mod history;
mod read;
mod view;
mod write;
