//! The suite of every storage adapter, and what is PostgreSQL's own.
#![expect(clippy::unwrap_used, reason = "where a test cannot go on, it has failed")]

mod cancellation;
mod errors;
mod log;
mod log_faults;
mod nodes;
mod outages;
#[path = "../shared/mod.rs"]
mod shared;
mod strangers;
#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "each test uses a part of it")]
mod support;
mod turns;

mod suite {
    confab_store_contract::suite!(crate::support::postgres::fresh);
}

mod adapter {
    crate::shared::on!(crate::support::postgres::Database);
}
