//! The commands, one a file.

pub mod check;
pub mod config;
pub mod keys;
pub mod mail;
pub mod migrate;
pub mod openapi;
pub mod permissions;
pub mod personal_data;
pub mod serve;
pub mod user;
mod welcome;
