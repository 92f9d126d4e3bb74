//! Users and their profiles.

mod change_profile;
mod read_profile;

pub use change_profile::{ProfilePatch, change_profile};
pub use read_profile::read_profile;
