//! Keeps what the use-cases keep in SQLite or PostgreSQL, through SeaORM.
//!
//! Architecture invariant: only this crate and the migrations know SQL. Whoever reads on behalf of a viewer is scoped to
//! what the viewer may see inside the statement itself; the number of statements of an operation never depends on how
//! much it reads.

mod accounts;
mod audit;
mod checks;
mod connect;
mod connection;
mod constraints;
mod conversations;
mod entities;
mod error;
mod events;
mod export;
mod inventory;
mod kept;
mod log;
mod mails;
mod messages;
mod migrations;
mod options;
mod reading;
mod reports;
mod search;
mod select;
mod store;
mod transaction;

pub use inventory::{Class, Column, TABLES, Table, personal_data_markdown};
pub use migrations::Migration;
pub use options::Options;
pub use store::SeaOrmStore;
