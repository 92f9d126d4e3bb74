//! Users and their log-ins.

pub(crate) mod cards;
mod read;
mod sessions;
mod users;
