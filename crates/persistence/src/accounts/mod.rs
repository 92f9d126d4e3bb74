//! Users and their log-ins.

mod read;
mod sessions;
mod users;
