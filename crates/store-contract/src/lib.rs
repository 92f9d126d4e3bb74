//! The suite that every storage adapter must pass, whoever wrote it.
//!
//! Say how to make a fresh store, and each of the [`cases`] becomes a test of its own:
//!
//! ```
//! use std::sync::Arc;
//!
//! use confab_memory::MemoryStore;
//!
//! /// A fresh, empty store, and whatever must live as long as it does: a temporary folder, a database to drop.
//! async fn fresh() -> (Arc<MemoryStore>, ()) {
//!     (Arc::new(MemoryStore::new()), ())
//! }
//!
//! confab_store_contract::suite!(fresh);
//! ```
//!
//! Where one type is not both the store and the log of messages, give an [`Adapter`] in its place.
//!
//! Each case runs on a runtime of its own with several threads, and fails after [`DEADLINE`].
//!
//! One case reads real conversations, from the folder that `CONFAB_IRC_CORPUS` names or else `../shared/data/irc` beside
//! the workspace: see [`cases::text::irc_corpus_texts_come_back_byte_for_byte`].
//!
//! [`testing`] has what tests of use-cases need beside a store.
#![expect(clippy::unwrap_used, reason = "it is test code: where it cannot go on, it has failed")]

mod adapter;
pub mod cases;
mod list;
mod run;
pub mod testing;

pub use adapter::Adapter;
pub use run::DEADLINE;

/// What [`suite!`] expands to.
#[doc(hidden)]
pub mod __private {
    pub use crate::run::run;
}
