//! What a database means to do for a statement.

use sea_orm::sqlx::{AssertSqlSafe, Executor as _, Row as _, query, query_scalar};

use crate::support::postgres::Database;
use crate::support::sqlite::File;

/// What the statement of the first participants of listed conversations has in it, and no other.
const FIRST_PARTICIPANTS: &str = r#""participants" AS "f""#;

/// What the statement of a page of conversations has in it, and no other.
const LISTINGS: &str = r#") AS "walk""#;

/// What the statement of a search has in it, and no other: on SQLite and on PostgreSQL.
const SEARCHES: [&str; 2] = ["message_search", "array_to_tsvector"];

/// Asserts that no table is read from end to end.
///
/// Returns whether it reads the first participants, and no more.
pub async fn assert_indexed_on_sqlite(file: &File, sql: &str) -> bool {
    let mut connection = file.connection().await;
    // As the connection has one that writes.
    connection.execute("CREATE TEMP TABLE stale (conversation_id BLOB PRIMARY KEY) WITHOUT ROWID").await.unwrap();
    let plan = query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")));
    let plan: Vec<String> =
        plan.fetch_all(&mut connection).await.unwrap().iter().map(|row| row.get("detail")).collect();
    // Not `page`, which is also what a statement within the statement is called.
    for table in [
        "users",
        "sessions",
        "conversations",
        "participants",
        "messages",
        "events",
        "audit_events",
        "a",
        "e",
        "me",
        "c",
        "f",
        "l",
        "m",
        "p",
        "r",
        "s",
        "mails",
        "u",
    ] {
        assert!(!plan.iter().any(|step| *step == format!("SCAN {table}")), "{sql}\n{plan:#?}");
    }
    if sql.contains(LISTINGS) {
        // The rows of a page, and before them the walk that tells its last hour: in the index's order, up to the limit.
        let steps: Vec<_> = plan.iter().filter(|step| step.starts_with("SEARCH l ")).collect();
        let in_order = |step: &&String| {
            step.contains("COVERING INDEX listings_user_idx (user_id=?")
                || step.contains("COVERING INDEX listings_kind_idx (user_id=? AND is_direct=?")
                || (sql.contains("caught_up") && step.contains("INDEX listings_behind_idx (user_id=?"))
        };
        assert!(steps.len() == 2 && steps.iter().all(in_order), "{sql}\n{plan:#?}");
        assert!(steps.iter().any(|step| step.contains("hour")), "{sql}\n{plan:#?}");
        let walk = plan.iter().position(|step| step == "CO-ROUTINE walk").unwrap();
        let sorts = plan.iter().skip(walk).take_while(|step| *step != "SEARCH walk").any(|step| step.contains("TEMP"));
        assert!(!sorts, "{sql}\n{plan:#?}");
    }
    if sql.contains("caught_up") {
        // What is read is not even looked at.
        let behind = plan.iter().any(|step| step.contains("INDEX listings_behind_idx (user_id=?"));
        assert!(behind, "{sql}\n{plan:#?}");
        assert!(!plan.iter().any(|step| step.contains("listings_user_idx")), "{sql}\n{plan:#?}");
    }
    if sql.contains(SEARCHES[0]) {
        // The page is sorted, and the one before it that tells its last hour; what is found in a conversation comes in order.
        let sorts = plan.iter().filter(|step| step.contains("TEMP B-TREE")).count();
        let looks_up = plan.iter().filter(|step| step.starts_with("SCAN f VIRTUAL TABLE INDEX")).count();
        assert!(looks_up > 0 && sorts == looks_up, "{sql}\n{plan:#?}");
    }
    let first_participants = sql.contains(FIRST_PARTICIPANTS);
    if first_participants {
        // In the order of the key, so that the walk ends at the limit; and nobody beyond.
        let walk = plan.iter().position(|step| step.starts_with("SEARCH f ") && step.ends_with("(conversation_id=?)"));
        let walk = walk.unwrap_or_else(|| panic!("{sql}\n{plan:#?}"));
        assert!(!plan.get(walk + 1).is_some_and(|step| step.contains("TEMP B-TREE FOR ORDER")), "{sql}\n{plan:#?}");
        let up_to_there =
            |step: &String| step.starts_with("SEARCH p ") && step.ends_with("(conversation_id=? AND user_id<?)");
        assert!(plan.iter().any(up_to_there), "{sql}\n{plan:#?}");
    }
    first_participants
}

/// The same.
pub async fn assert_indexed_on_postgres(database: &Database, sql: &str) -> bool {
    let mut connection = database.connection().await;
    // However small a table is.
    connection.execute("SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan").await.unwrap();
    connection.execute(AssertSqlSafe(format!("PREPARE read AS {sql}"))).await.unwrap();
    let parameters = query_scalar("SELECT cardinality(parameter_types) FROM pg_prepared_statements");
    let parameters: i32 = parameters.fetch_one(&mut connection).await.unwrap();
    let nulls = vec!["NULL"; parameters.unsigned_abs() as usize].join(", ");
    let plan = format!("EXPLAIN EXECUTE read({nulls})").replace("()", "");
    let plan: Vec<String> = query_scalar(AssertSqlSafe(plan)).fetch_all(&mut connection).await.unwrap();
    assert!(!plan.iter().any(|step| step.contains("Seq Scan")), "{sql}\n{plan:#?}");
    if sql.contains(LISTINGS) {
        let walk = plan.iter().position(|step| {
            step.contains("using listings_user_idx on listings l_1")
                || step.contains("using listings_kind_idx on listings l_1")
                || step.contains("using listings_behind_idx on listings l_1")
        });
        let walk = walk.unwrap_or_else(|| panic!("{sql}\n{plan:#?}"));
        let limit = plan.iter().take(walk).rposition(|step| step.contains("->  Limit")).unwrap();
        assert!(!plan[limit..walk].iter().any(|step| step.contains("Sort")), "{sql}\n{plan:#?}");
    }
    if sql.contains("caught_up") {
        assert!(plan.iter().any(|step| step.contains("listings_behind_idx")), "{sql}\n{plan:#?}");
        assert!(!plan.iter().any(|step| step.contains("listings_user_idx")), "{sql}\n{plan:#?}");
    }
    if sql.contains(SEARCHES[1]) {
        // One mark after the other, up to the limit.
        let in_turn = plan.iter().filter(|step| step.contains("Presorted Key: number")).count();
        let looks_up = plan.iter().filter(|step| step.contains("Bitmap Index Scan on messages_search_idx")).count();
        assert!(looks_up > 0 && in_turn == looks_up, "{sql}\n{plan:#?}");
    }
    let first_participants = sql.contains(FIRST_PARTICIPANTS);
    if first_participants {
        // A limit straight above the walk: nothing sorts or counts everyone first.
        let limit = plan.iter().position(|step| step.contains("->  Limit"));
        let limit = limit.unwrap_or_else(|| panic!("{sql}\n{plan:#?}"));
        assert!(plan[limit + 1].contains("Index Scan using participants_pkey on participants f"), "{sql}\n{plan:#?}");
    }
    first_participants
}
