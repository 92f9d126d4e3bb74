//! Users and their log-ins.

pub(crate) mod cards;
mod people;
mod read;
mod sessions;
mod users;
