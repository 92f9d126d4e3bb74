//! Conversations.

mod changes;
mod count_unread;
mod create;
mod get;
mod list;
mod mark_all_read;
mod mark_read;

pub use changes::changes;
pub use count_unread::count_unread;
pub use create::{Created, NewConversation, create};
pub use get::{NESTED_MESSAGES, get};
pub use list::list;
pub use mark_all_read::mark_all_read;
pub use mark_read::{ReadState, mark_delivered, mark_read, mark_unread};
