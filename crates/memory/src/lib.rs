//! The in-memory adapter of the storage ports, for tests and for trying things out. Nothing outlives the process.
//!
//! Architecture invariant: it is no kinder than PostgreSQL. It has the same constraints, its readers see nothing that is
//! not committed, and after an error a transaction is over.

mod export;
mod former;
mod inspected;
mod log;
mod state;
mod store;
mod transaction;

pub use store::{LOCK_WAIT, MemoryStore};
