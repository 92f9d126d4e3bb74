//! Who takes part in a conversation.

mod add;
mod hand_on;
mod list;
mod remove;

pub use add::add;
pub use hand_on::hand_on;
pub use list::list;
pub(crate) use remove::dismiss;
pub use remove::remove;
