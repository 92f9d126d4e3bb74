//! Users and their log-ins.

mod blocks;
pub(crate) mod cards;
mod people;
mod read;
mod sessions;
mod users;
