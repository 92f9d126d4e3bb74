//! The parts of the program: command line, configuration, wiring, telemetry and shutdown. It has no rule of its own.
//!
//! A library, so that the benchmark can serve variants of the program that are wired as the program is. Nothing else is
//! meant to use it.

pub mod checks;
pub mod cli;
pub mod commands;
pub mod config;
pub mod failure;
pub mod keys;
pub mod mailing;
pub mod signals;
pub mod storage;
pub mod system;
pub mod telemetry;
pub mod wiring;

/// Also in place of the C library's, which SQLite asks: see docs/performance.md.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
