//! The commands, one a file.

pub mod mail;
pub mod migrate;
pub mod openapi;
pub mod permissions;
pub mod serve;
pub mod user;
mod welcome;
