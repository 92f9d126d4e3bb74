//! Users and their profiles.

mod change_profile;
mod list_audit;
mod read_profile;

pub use change_profile::{ProfilePatch, change_profile};
pub use list_audit::list_audit;
pub use read_profile::read_profile;
