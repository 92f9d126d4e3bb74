//! A throw-away PostgreSQL server for the tests.

mod account;
mod cluster;
pub mod guard;
mod programs;

pub use programs::Programs;
