//! The cases, by topic. Each takes a fresh, empty store, and panics where the store is at fault.

pub mod audit;
pub mod blocks;
pub mod concurrency;
pub mod constraints;
pub mod conversations;
pub mod deletion;
pub mod events;
mod expect;
pub mod export;
pub mod former;
pub mod history;
pub mod interleavings;
pub mod listing;
pub mod log;
pub mod mails;
pub mod memberships;
pub mod message_changes;
pub mod messages;
pub mod people;
pub mod read_state;
pub mod reports;
pub mod search;
pub mod sessions;
pub mod text;
pub mod transactions;
pub mod users;
pub mod visibility;
