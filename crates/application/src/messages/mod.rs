//! Messages.

mod around;
mod changing;
mod delete;
mod edit;
mod former;
mod get;
mod hide;
mod history;
mod inspected;
mod judge;
mod react;
mod reactions;
mod readers;
mod report;
mod revisions;
mod search;
mod send;

pub use around::{Anchor, around};
pub use delete::delete;
pub use edit::{MessageEdit, PayloadEdit, Precondition, edit};
pub use get::get;
pub use hide::hide;
pub use history::history;
pub use judge::{Judge, judge};
pub use react::{react, take_back};
pub use reactions::reactions;
pub use readers::readers;
pub use report::{NewReport, Reported, report};
pub use revisions::revisions;
pub use search::{Hit, Hits, MAX_SEARCH_CHARACTERS, search};
pub use send::{NewMessage, Sent, send};
