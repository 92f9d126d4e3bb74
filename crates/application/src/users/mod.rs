//! Users and their profiles.

mod block;
mod change_profile;
mod change_standing;
mod delete_account;
mod depart;
mod end_sessions;
mod export;
mod find;
mod list;
mod list_audit;
mod list_blocks;
mod read_card;
mod read_profile;
mod set_password;

pub use block::{block, unblock};
pub use change_profile::{ProfilePatch, change_profile, tag};
pub use change_standing::{StandingChange, change_standing, change_standing_as_operator};
pub use delete_account::{delete_account, delete_account_as_operator};
pub use depart::finish_departures;
pub use end_sessions::end_sessions;
pub use export::{Archive, Export, Part, begin_export};
pub use find::{MAX_FOUND, find};
pub use list::{list, list_as_operator};
pub use list_audit::list_audit;
pub use list_blocks::list_blocks;
pub use read_card::read_card;
pub use read_profile::read_profile;
pub use set_password::set_password_as_operator;
