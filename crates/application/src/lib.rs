//! What Confab does: one use-case a file, over ports that adapters implement.
//!
//! Architecture invariant: a use-case reads, judges, changes, writes and commits, in that order, and is called alike by
//! every primary adapter. It knows no SQL, no HTTP and no serialisation; every trait that it needs is in [`ports`].

pub mod accounts;
mod app;
mod audit;
pub mod conversations;
mod error;
mod fields;
pub mod mail;
pub mod messages;
pub mod participants;
pub mod ports;
mod precondition;
pub mod reports;
pub mod users;
pub mod views;

pub use app::{App, Settings, Viewer};
pub use error::{Busy, Conflict, Error, FieldError, Resource, Unauthenticated};
pub use precondition::Precondition;
