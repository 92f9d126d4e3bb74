//! A PostgreSQL server of a test's own.

use confab_test_postgres::{Cluster, Programs};

/// A server that nobody else uses, and that may be crashed.
///
/// # Panics
/// Where it cannot be started.
pub async fn cluster() -> Cluster {
    let start = || {
        let programs =
            Programs::find().ok_or("no PostgreSQL server programs: run `cargo xtask test`, which installs them");
        Cluster::start(programs?)
    };
    tokio::task::spawn_blocking(start).await.unwrap().unwrap_or_else(|reason| panic!("{reason}"))
}
