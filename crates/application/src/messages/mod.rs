//! Messages.

mod get;
mod history;
mod readers;
mod send;

pub use get::get;
pub use history::history;
pub use readers::readers;
pub use send::{NewMessage, Sent, send};
