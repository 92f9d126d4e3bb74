//! Reports of messages, as admins deal with them. [`messages::report`](crate::messages::report) makes them.

mod change;
mod get;
mod list;

pub use change::{ReportPatch, change, tag};
pub use get::get;
pub use list::list;
