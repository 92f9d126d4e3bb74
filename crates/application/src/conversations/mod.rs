//! Conversations.

mod changes;
mod create;
mod get;
mod list;
mod mark_read;

pub use changes::changes;
pub use create::{Created, NewConversation, create};
pub use get::{NESTED_MESSAGES, get};
pub use list::list;
pub use mark_read::{ReadState, mark_read};
