//! The driver: clients on keep-alive connections, in a closed loop (each sends its next request when the last is
//! answered) or an open one (requests come at a fixed rate, and latency counts from when each should have been sent).
//!
//! It is lean, since it shares the machine with what it measures: one thread, one connection and one buffer for each
//! client, and a parser of heads (`httparse`) rather than a client library.

mod alarm;
mod client;
mod clients;
mod connection;
mod key;
mod run;
mod tally;

pub use client::{Client, Expected};
pub use clients::{Echo, Histories, Lists, Mixed, Senders};
pub use connection::{Answer, Connection};
pub use key::{Key, Keys};
pub use run::{Assigned, Load, Loop, Phase, Running, start};
pub use tally::{Outcome, Tally};

/// The messages that were acknowledged: key and seq.
pub type Acknowledged = [(Key, u64)];
