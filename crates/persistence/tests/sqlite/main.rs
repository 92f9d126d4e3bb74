//! The suite of every storage adapter, and what is SQLite's own.
#![expect(clippy::unwrap_used, reason = "where a test cannot go on, it has failed")]

mod errors;
mod file;
#[path = "../shared/mod.rs"]
mod shared;
#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "each test uses a part of it")]
mod support;

mod suite {
    confab_store_contract::suite!(crate::support::sqlite::fresh);
}

mod adapter {
    crate::shared::on!(crate::support::sqlite::File);
}
