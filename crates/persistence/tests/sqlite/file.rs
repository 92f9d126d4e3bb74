//! The file: where it may be, who may read it, and that it keeps what it was given.

use std::fs;
use std::sync::Arc;

use confab_application::conversations::Grounds;
use confab_application::messages::{self, MessageEdit, NewMessage, PayloadEdit, Precondition};
use confab_application::ports::{Store as _, StoreError};
use confab_persistence::{Options, SeaOrmStore};
use confab_store_contract::testing::World;

use crate::support::Place as _;
use crate::support::sqlite::File;

#[tokio::test]
async fn what_is_no_file_is_refused() {
    for url in [
        "sqlite::memory:",
        "sqlite://:memory:",
        "sqlite://",
        "sqlite:",
        "sqlite://a.db?mode=memory",
        "sqlite://a.db?cache=shared",
        "mysql://localhost/confab",
        "a.db",
        "",
    ] {
        let refused = SeaOrmStore::connect(&Options::new(url)).await;
        assert!(matches!(refused, Err(StoreError::Internal(_))), "{url} is not refused");
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_told() {
    let file = File::new().await;
    file.store().await;
    let below_a_file = Options::new(format!("sqlite://{}/confab.db", file.path().display()));
    assert!(matches!(SeaOrmStore::connect(&below_a_file).await, Err(StoreError::Unavailable(_))));
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt as _;

    let file = File::new().await;
    let _store = file.store().await;
    let mut seen = 0;
    for entry in fs::read_dir(file.path().parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", entry.path().display());
        seen += 1;
    }
    assert_eq!(seen, 3, "the file, its log and the log's index");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_keeps_what_it_was_given() {
    let file = File::new().await;
    let world = World::new(Arc::new(file.store().await));
    let ada = world.host("ada").await;
    let group = world.group(&[&ada]).await;
    let sent = world.post(group.id, &ada, &["one", "two"]).await;
    drop(world);

    let store = file.open().await;
    store.check().await.unwrap();
    assert!(store.migrate_up().await.unwrap().is_empty());
    let found = store.messages().find(ada.id, group.id, sent[1].id).await.unwrap().unwrap();
    assert_eq!(found.message, sent[1]);
    store.close().await;
    assert!(matches!(store.check().await, Err(StoreError::Unavailable(_))));
    let left: Vec<_> = fs::read_dir(file.path().parent().unwrap()).unwrap().collect();
    assert_eq!(left.len(), 1, "the log is folded into the file: {left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn stores_that_open_a_new_file_at_once_share_it() {
    let file = File::new().await;
    let (one, other) = tokio::join!(file.open(), file.open());
    one.migrate_up().await.unwrap();
    other.check().await.unwrap();
}

/// The bytes of the file and of what lies beside it.
fn bytes_of(file: &File) -> Vec<u8> {
    let folder = fs::read_dir(file.path().parent().unwrap()).unwrap();
    // The log goes with the last connection.
    folder.filter_map(|entry| fs::read(entry.unwrap().path()).ok()).flatten().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_was_deleted_is_in_the_file_no_more() {
    let file = File::new().await;
    let store = Arc::new(file.store().await);
    let world = World::new(Arc::clone(&store));
    let ada = world.host("ada").await;
    let (group, viewer) = (world.group(&[&ada]).await.id, world.viewer(&ada));
    let secrets = ["zanzibarometer", "quixotropolis", "flibbertigadget"];
    let has = |secret: &str| bytes_of(&file).windows(secret.len()).any(|found| found == secret.as_bytes());
    // Some text of others on every side of it, on the same page and on others.
    let padding = "x".repeat(700);
    world.post(group, &ada, &[padding.as_str(); 8]).await;
    let payload = Some(format!(r#"{{"secret":"{}"}}"#, secrets[1]));
    let message = NewMessage { body: secrets[0].repeat(40), payload, ..NewMessage::default() };
    let id = messages::send(&world.app, &viewer, group, message).await.unwrap().view.message.id;
    let to = MessageEdit { body: Some(secrets[2].repeat(400)), payload: PayloadEdit::Keep };
    messages::edit(&world.app, &viewer, group, id, &Precondition::Any, to).await.unwrap();
    world.post(group, &ada, &[padding.as_str(); 8]).await;
    for secret in secrets {
        assert!(has(secret), "{secret} is to be found, or the rest proves nothing");
    }
    messages::delete(&world.app, &viewer, group, id, &Grounds::default()).await.unwrap();
    store.close().await;
    drop(world);
    // The engine's own clean-up: the log goes into the file.
    file.execute("PRAGMA wal_checkpoint(TRUNCATE)").await;
    for secret in secrets {
        assert!(!has(secret), "{secret}");
    }
}
