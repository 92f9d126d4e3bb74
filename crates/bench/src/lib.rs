//! The benchmark: drives the real binary over HTTP, and measures it in the same run against yardsticks.
//!
//! * [`world`] numbers the people and conversations, [`fill`] writes them and their messages into a database;
//! * [`load`] is the driver: closed and open loop over HTTP/1.1;
//! * [`stage`] starts servers, copies databases, counts processor time and memory, and checks the laws afterwards;
//! * [`scenarios`] says what is run, [`report`] what came of it, [`picture`] draws it;
//! * [`yardsticks`] are the servers to compare with, which are no part of the product; so is [`pgbench`].
//!
//! How the cores are shared: the driver's load runs on one thread, so it never takes more than one core; server and
//! database have the rest, and the system's scheduler gives them what the driver leaves. Every figure comes with the
//! driver's share of a core, so that one can see whether the driver was what held things up. `--pin` keeps that thread
//! on the last core.

pub mod fill;
pub mod load;
pub mod options;
pub mod pgbench;
pub mod picture;
pub mod report;
pub mod scenarios;
pub mod stage;
pub mod world;
pub mod yardsticks;

/// What goes wrong here is told to whoever runs the benchmark, and ends it.
pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;
