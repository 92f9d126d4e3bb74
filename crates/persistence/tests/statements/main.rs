//! How many statements each read and write takes, and that each read has an index for what it looks up.
//!
//! One test, for it reads the log of every statement of the process.
#![expect(clippy::unwrap_used, reason = "where a test cannot go on, it has failed")]

mod log;
mod plans;
mod reads;
#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "each test uses a part of it")]
mod support;
mod writes;

use support::Place as _;
use support::postgres::Database;
use support::sqlite::File;

/// Lists with something in them, of which each reads participants: by two filters, little and much.
const LISTS: usize = 4;

#[tokio::test(flavor = "multi_thread")]
async fn everything_takes_few_statements_however_much_there_is_and_each_read_has_its_index() {
    log::start();
    let file = File::new().await;
    let mut first_participants = 0;
    for sql in reads::reads(&file).await {
        first_participants += usize::from(plans::assert_indexed_on_sqlite(&file, &sql).await);
    }
    assert!(first_participants >= LISTS, "{first_participants} statements read the first participants");
    for sql in writes::writes(&File::new().await).await {
        // The log sends several at once.
        for sql in sql.split("; ") {
            plans::assert_indexed_on_sqlite(&file, sql).await;
        }
    }

    let database = Database::new().await;
    let mut first_participants = 0;
    for sql in reads::reads(&database).await {
        first_participants += usize::from(plans::assert_indexed_on_postgres(&database, &sql).await);
    }
    assert!(first_participants >= LISTS, "{first_participants} statements read the first participants");
    for sql in writes::writes(&Database::new().await).await {
        plans::assert_indexed_on_postgres(&database, &sql).await;
    }
}
