//! Messages.

mod get;
mod history;
mod send;

pub use get::get;
pub use history::history;
pub use send::{NewMessage, Sent, send};
