//! Users and their profiles.

mod change_profile;
mod change_standing;
mod list_audit;
mod read_profile;

pub use change_profile::{ProfilePatch, change_profile, tag};
pub use change_standing::{StandingChange, change_standing, change_standing_as_operator};
pub use list_audit::list_audit;
pub use read_profile::read_profile;
