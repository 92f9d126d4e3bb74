//! The log of messages when a batch goes wrong in the middle.

use std::sync::Arc;
use std::time::Duration;

use confab_application::messages::{NewMessage, send};
use confab_application::ports::{AppendError, Appended, StoreError};
use confab_domain::{ClientMessageId, ConversationId, User};
use confab_persistence::{Options, SeaOrmStore};
use confab_store_contract::testing::World;
use sea_orm::sqlx::{AssertSqlSafe, Executor as _, PgConnection, query_scalar};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::shared::log::{HeldUp, begun, start, submission, texts};
use crate::support::Place as _;
use crate::support::postgres::Database;

/// Far longer than anything here takes.
const SOON: Duration = Duration::from_secs(20);

type Outcome = Result<Appended, AppendError>;

pub async fn one_writer(options: Options) -> World {
    let store = SeaOrmStore::connect(&Options { log_writers: 1, ..options }).await.unwrap();
    store.migrate_up().await.unwrap();
    World::new(Arc::new(store))
}

/// Waits until somebody waits for a lock. PostgreSQL has no signal for that, so this asks it again and again.
pub async fn until_someone_waits(admin: &mut PgConnection) {
    let count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let waits = async {
        while query_scalar::<_, i64>(count).fetch_one(&mut *admin).await.unwrap() == 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(SOON, waits).await.unwrap();
}

fn lock(id: ConversationId) -> AssertSqlSafe<String> {
    AssertSqlSafe(format!("SELECT FROM conversations WHERE id = '{id}' FOR UPDATE"))
}

/// Lets a batch that waits for the first of two conversations have it, and waits until it waits for the second.
async fn until_it_waits_for_the_second(database: &Database, first: ConversationId, mut holder: PgConnection) {
    let mut admin = database.connection().await;
    until_someone_waits(&mut admin).await;
    holder.execute("ROLLBACK").await.unwrap();
    let free = || AssertSqlSafe(format!("SELECT id FROM conversations WHERE id = '{first}' FOR UPDATE SKIP LOCKED"));
    let taken = async { while admin.fetch_optional(free()).await.unwrap().is_some() {} };
    timeout(SOON, taken).await.unwrap();
    until_someone_waits(&mut admin).await;
}

/// A connection that holds a conversation.
async fn holder(database: &Database, id: ConversationId) -> PgConnection {
    let mut connection = database.connection().await;
    connection.execute("BEGIN").await.unwrap();
    connection.execute(lock(id)).await.unwrap();
    connection
}

fn is_unavailable(outcome: &Outcome) -> bool {
    matches!(outcome, Err(AppendError::Store(StoreError::Unavailable(_))))
}

/// Sends again, with its text as its key, what may have been kept or not.
async fn again(world: &World, id: ConversationId, sender: &User, text: &str) {
    let message =
        NewMessage { body: text.to_owned(), client_message_id: Some(text.to_owned()), ..NewMessage::default() };
    send(&world.app, &world.viewer(sender), id, message).await.unwrap();
}

/// Appends with the text as the key too, on a task of its own.
async fn start_with_key(world: &World, id: ConversationId, sender: &User, text: &str) -> JoinHandle<bool> {
    let mut submission = submission(world, id, sender, text);
    submission.draft.client_message_id = Some(ClientMessageId::parse(text).unwrap());
    let log = Arc::clone(&world.app.log);
    begun(async move { log.append(submission).await.is_ok() }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_waited_for_too_long_is_refused_and_not_written() {
    let database = Database::new().await;
    // The one before waits for a lock for longer than the next one's patience lasts.
    let (lock_timeout, log_patience) = (Duration::from_millis(500), Duration::from_millis(100));
    let world = one_writer(Options { lock_timeout, log_patience, ..database.options() }).await;
    let ada = world.host("ada").await;
    let (locked, free) = (world.group(&[&ada]).await.id, world.group(&[&ada]).await.id);
    let _holder = holder(&database, locked).await;
    let before = start(&world, locked, &ada, "before").await;
    until_someone_waits(&mut database.connection().await).await;
    let late = start(&world, free, &ada, "late").await.await.unwrap();
    assert!(matches!(late, Err(AppendError::Full)), "{late:?}");
    assert!(is_unavailable(&before.await.unwrap()));
    start(&world, free, &ada, "in time").await.await.unwrap().unwrap();
    assert_eq!(texts(&world, &ada, free).await, ["in time"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_after_their_batch_has_begun_is_written_once() {
    let database = Database::new().await;
    let world = one_writer(database.options()).await;
    let ada = world.host("ada").await;
    let group = world.group(&[&ada]).await.id;
    let mut holder = holder(&database, group).await;
    let left = start_with_key(&world, group, &ada, "left").await;
    until_someone_waits(&mut database.connection().await).await;
    left.abort();
    assert!(left.await.unwrap_err().is_cancelled());
    holder.execute("COMMIT").await.unwrap();
    again(&world, group, &ada, "left").await;
    let after = start(&world, group, &ada, "after").await.await.unwrap().unwrap();
    assert!(matches!(after, Appended::New(message) if message.seq.get() == 2));
    assert_eq!(texts(&world, &ada, group).await, ["left", "after"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_dies_while_it_holds_locks_loses_and_doubles_nothing() {
    let database = Database::new().await;
    let world = one_writer(database.options()).await;
    let ada = world.host("ada").await;
    let mut groups = [world.group(&[&ada]).await.id, world.group(&[&ada]).await.id];
    groups.sort_unstable();
    let [first, second] = groups;
    let held_up = HeldUp::new(&world, &ada).await;
    until_someone_waits(&mut database.connection().await).await;
    let holder_of_first = holder(&database, first).await;
    let mut holder = holder(&database, second).await;
    let batch = [start(&world, first, &ada, "a").await, start(&world, second, &ada, "b").await];
    held_up.let_go().await;
    until_it_waits_for_the_second(&database, first, holder_of_first).await;
    let mut admin = database.connection().await;
    let end = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity \
               WHERE datname = current_database() AND wait_event_type = 'Lock'";
    admin.execute(end).await.unwrap();
    for task in batch {
        let outcome = task.await.unwrap();
        assert!(is_unavailable(&outcome), "{outcome:?}");
    }
    holder.execute("ROLLBACK").await.unwrap();
    for (id, text) in [(first, "a"), (second, "b")] {
        start(&world, id, &ada, text).await.await.unwrap().unwrap();
        assert_eq!(texts(&world, &ada, id).await, [text]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadlock_with_somebody_else_heals() {
    let database = Database::new().await;
    let world = one_writer(database.options()).await;
    let ada = world.host("ada").await;
    let mut groups = [world.group(&[&ada]).await.id, world.group(&[&ada]).await.id];
    groups.sort_unstable();
    let [first, second] = groups;
    let held_up = HeldUp::new(&world, &ada).await;
    until_someone_waits(&mut database.connection().await).await;
    let holder_of_first = holder(&database, first).await;
    let mut holder = holder(&database, second).await;
    let batch = [start_with_key(&world, first, &ada, "a").await, start_with_key(&world, second, &ada, "b").await];
    held_up.let_go().await;
    until_it_waits_for_the_second(&database, first, holder_of_first).await;
    // The other order: now each waits for the other, until PostgreSQL ends one of them.
    let other = holder.execute(lock(first)).await;
    let mut kept = Vec::new();
    for task in batch {
        kept.push(timeout(SOON, task).await.unwrap().unwrap());
    }
    // The other has both, or the batch has.
    assert_eq!(kept, [other.is_err(); 2]);
    holder.execute("ROLLBACK").await.unwrap();
    for (id, text) in [(first, "a"), (second, "b")] {
        again(&world, id, &ada, text).await;
        assert_eq!(texts(&world, &ada, id).await, [text]);
    }
    world.store().check().await.unwrap();
}
