//! Throw-away PostgreSQL servers: `initdb` into a temporary folder, a free port, as an unprivileged account when run as
//! root. A test may crash its own and start it again.

mod account;
mod cluster;
pub mod process;
mod programs;

pub use cluster::Cluster;
pub use programs::Programs;
