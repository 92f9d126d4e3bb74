//! Whoever is not in a conversation neither waits for it nor makes others wait.

use std::sync::Arc;
use std::time::Duration;

use confab_application::messages::{NewMessage, Sent, send};
use confab_application::ports::{Store, StoreError};
use confab_application::{App, Error, Resource};
use confab_domain::{ConversationId, User};
use confab_persistence::{Options, SeaOrmStore};
use confab_store_contract::testing::World;
use tokio::time::timeout;

use crate::support::Place as _;
use crate::support::postgres::Database;

/// Far longer than a statement takes, and far less than anybody waits for a lock here.
const AT_ONCE: Duration = Duration::from_secs(20);

async fn say(world: &World, app: &App, user: &User, id: ConversationId) -> Result<Sent, Error> {
    let message = NewMessage { body: "x".to_owned(), ..NewMessage::default() };
    let sent = timeout(AT_ONCE, send(app, &world.viewer(user), id, message)).await;
    sent.unwrap_or_else(|_| panic!("{} waits for a lock", user.email.as_str()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_does_not_wait_for_a_busy_conversation() {
    let database = Database::new().await;
    database.store().await;
    let with_lock_timeout = async |lock_timeout| {
        let options = Options { lock_timeout, statement_timeout: lock_timeout, ..database.options() };
        Arc::new(SeaOrmStore::connect(&options).await.unwrap())
    };
    let world = World::new(with_lock_timeout(Duration::from_secs(120)).await);
    let hasty = with_lock_timeout(Duration::from_millis(50)).await;
    let impatient = App { store: Arc::clone(&hasty) as Arc<dyn Store>, log: hasty, ..world.app.clone() };
    let (ada, eve) = (world.host("ada").await, world.host("eve").await);
    let group = world.group(&[&ada]).await.id;

    let busy = world.begin().await;
    assert!(busy.conversations().find_for_update(ada.id, group).await.unwrap().is_some());
    let waited = say(&world, &impatient, &ada, group).await;
    assert!(matches!(waited, Err(Error::Store(StoreError::Unavailable(_)))), "it is not locked: {waited:?}");
    for id in [group, world.id()] {
        let told = say(&world, &world.app, &eve, id).await;
        assert!(matches!(told, Err(Error::NotFound(Resource::Conversation))), "{told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_locks_nothing() {
    let database = Database::new().await;
    let world = World::new(Arc::new(database.store().await));
    let (ada, eve) = (world.host("ada").await, world.host("eve").await);
    let group = world.group(&[&ada]).await.id;
    let curious = world.begin().await;
    assert_eq!(curious.conversations().find_for_update(eve.id, group).await.unwrap(), None);
    assert_eq!(curious.conversations().find_participant_for_update(group, eve.id).await.unwrap(), None);
    assert!(say(&world, &world.app, &ada, group).await.unwrap().is_new);
}
