//! Who takes part in a conversation.

mod add;
mod hand_on;
mod remove;

pub use add::add;
pub use hand_on::hand_on;
pub(crate) use remove::dismiss;
pub use remove::remove;
