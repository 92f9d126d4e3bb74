//! Conversations.

mod change;
mod changes;
mod count;
mod count_unread;
mod create;
mod delete;
mod get;
pub(crate) mod held;
mod inspect;
mod list;
mod mark_all_read;
mod mark_read;
mod set_preferences;

pub use change::{ConversationPatch, MetadataPatch, change, tag};
pub use changes::changes;
pub use count::{COUNTED, count};
pub use count_unread::count_unread;
pub use create::{Created, NewConversation, create};
pub use delete::delete;
pub use get::{NESTED_MESSAGES, get};
pub use held::Grounds;
pub use inspect::{MAX_INSPECTION_MINUTES, inspect};
pub use list::list;
pub use mark_all_read::mark_all_read;
pub use mark_read::{ReadState, mark_delivered, mark_read, mark_unread};
pub use set_preferences::{PreferencesPatch, set_preferences};
