//! Nodes that send to the same conversations take turns, and need not.

use std::sync::Arc;
use std::time::Duration;

use confab_application::ports::{AppendError, StoreError};
use confab_domain::{ConversationId, User};
use confab_persistence::Options;
use confab_store_contract::testing::World;
use sea_orm::sqlx::{AssertSqlSafe, Executor as _, PgConnection, query_scalar};
use tokio::time::timeout;

use crate::log_faults::{one_writer, until_someone_waits};
use crate::shared::log::{HeldUp, start, submission, texts};
use crate::support::Place as _;
use crate::support::postgres::Database;

/// The number of the turns of nodes with one writer.
const TURN: i64 = 0x636f_6e66 << 32 | 1 << 16;

/// Far longer than anything here takes.
const LONG: Duration = Duration::from_secs(20);

/// A node, and a conversation that another one sends to as well, as it knows.
async fn shared(database: &Database, turn_timeout: Duration) -> (World, User, ConversationId) {
    let world = one_writer(Options { turn_timeout, ..database.options() }).await;
    let ada = world.host("ada").await;
    let id = world.group(&[&ada]).await.id;
    append(&world, id, &ada, "remembered").await.unwrap();
    world.post(id, &ada, &["of others"]).await;
    append(&world, id, &ada, "met").await.unwrap();
    (world, ada, id)
}

async fn append(world: &World, id: ConversationId, sender: &User, text: &str) -> Result<(), AppendError> {
    world.app.log.append(submission(world, id, sender, text)).await.map(drop)
}

/// A connection that has the turn.
async fn holder(database: &Database) -> PgConnection {
    let mut connection = database.connection().await;
    connection.execute(AssertSqlSafe(format!("SELECT pg_advisory_lock({TURN})"))).await.unwrap();
    connection
}

async fn is_free(database: &Database) -> bool {
    // And left so.
    let query = "SELECT CASE WHEN pg_try_advisory_lock($1) THEN pg_advisory_unlock($1) ELSE false END";
    query_scalar(query).bind(TURN).fetch_one(&mut database.connection().await).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_while_a_node_waits_for_its_turn_goes_with_it() {
    let database = Database::new().await;
    let mut holder = holder(&database).await;
    let (world, ada, id) = shared(&database, LONG).await;
    let mut sent = vec![start(&world, id, &ada, "a").await];
    until_someone_waits(&mut database.connection().await).await;
    for text in ["b", "c"] {
        sent.push(start(&world, id, &ada, text).await);
    }
    holder.execute("SELECT pg_advisory_unlock_all()").await.unwrap();
    for sent in sent {
        sent.await.unwrap().unwrap();
    }
    assert_eq!(texts(&world, &ada, id).await, ["remembered", "of others", "met", "a", "b", "c"]);
    let transactions = "SELECT count(DISTINCT xmin::text) FROM messages WHERE body IN ('a', 'b', 'c')";
    let mut connection = database.connection().await;
    assert_eq!(query_scalar::<_, i64>(transactions).fetch_one(&mut connection).await.unwrap(), 1);
    assert!(is_free(&database).await, "it has given up its turn");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_is_answered_before_the_rest_of_its_batch_has_its_turn() {
    let database = Database::new().await;
    let mut holder = holder(&database).await;
    let (world, ada, id) = shared(&database, 2 * LONG).await;
    let other = world.group(&[&ada]).await.id;
    let held_up = HeldUp::new(&world, &ada).await;
    until_someone_waits(&mut database.connection().await).await;
    let (waits, free) = (start(&world, id, &ada, "waits").await, start(&world, other, &ada, "free").await);
    held_up.let_go().await;
    timeout(LONG, free).await.unwrap().unwrap().unwrap();
    holder.execute("SELECT pg_advisory_unlock_all()").await.unwrap();
    waits.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_keeps_the_turn_keeps_nobody_from_writing() {
    let database = Database::new().await;
    let holder = holder(&database).await;
    let (world, ada, id) = shared(&database, Duration::from_millis(1)).await;
    for text in ["a", "b"] {
        append(&world, id, &ada, text).await.unwrap();
    }
    assert_eq!(texts(&world, &ada, id).await, ["remembered", "of others", "met", "a", "b"]);
    assert!(!is_free(&database).await);
    drop(holder);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_ends_with_a_batch_that_fails_and_with_one_that_writes_nothing() {
    let database = Database::new().await;
    let (world, ada, id) = shared(&database, LONG).await;
    let mallory = world.host("mallory").await;
    database.forbid("poison").await;
    let poisoned = append(&world, id, &ada, "poison").await;
    assert!(matches!(poisoned, Err(AppendError::Store(StoreError::Internal(_)))), "{poisoned:?}");
    assert!(is_free(&database).await);
    let refused = append(&world, id, &mallory, "of a stranger").await;
    assert!(matches!(refused, Err(AppendError::Refused(_))), "{refused:?}");
    assert!(is_free(&database).await);
    append(&world, id, &ada, "after").await.unwrap();
    assert_eq!(texts(&world, &ada, id).await, ["remembered", "of others", "met", "after"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_take_turns_leave_no_gap_and_lose_nothing() {
    const EACH: usize = 16;
    let database = Database::new().await;
    let (world, ada, id) = shared(&database, LONG).await;
    let other = one_writer(Options { turn_timeout: LONG, ..database.options() }).await.app.log;
    let mut sent = Vec::new();
    for number in 0..EACH {
        sent.push(start(&world, id, &ada, &format!("one {number}")).await);
        let (log, submission) = (Arc::clone(&other), submission(&world, id, &ada, &format!("other {number}")));
        sent.push(tokio::spawn(async move { log.append(submission).await }));
    }
    for sent in sent {
        sent.await.unwrap().unwrap();
    }
    let mut texts = texts(&world, &ada, id).await.split_off(3);
    texts.sort_unstable();
    let mut expected: Vec<_> =
        ["one", "other"].iter().flat_map(|node| (0..EACH).map(move |number| format!("{node} {number}"))).collect();
    expected.sort_unstable();
    assert_eq!(texts, expected);
    assert!(is_free(&database).await);
}
