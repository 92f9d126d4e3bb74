//! The schema goes up, down, and up again, once for all nodes.

use std::sync::Arc;

use confab_application::ports::{Store as _, StoreError};
use confab_domain::Block;
use confab_persistence::SeaOrmStore;
use confab_store_contract::testing::World;

use super::search::found;
use crate::support::Place;

pub async fn up_and_down_and_up_again(place: &impl Place) {
    let store = place.open().await;
    let all: Vec<String> = store.migrations().await.unwrap().into_iter().map(|migration| migration.name).collect();
    assert!(all.is_sorted() && !all.is_empty());
    let applied = async || store.migrations().await.unwrap().iter().filter(|migration| migration.applied).count();

    assert_eq!(applied().await, 0);
    assert!(matches!(store.check().await, Err(StoreError::Internal(cause)) if cause.to_string().contains(&all[0])));
    assert_eq!(store.migrate_up().await.unwrap(), all);
    assert_eq!(applied().await, all.len());
    store.check().await.unwrap();
    assert!(store.migrate_up().await.unwrap().is_empty());

    let last = all.last().unwrap();
    assert_eq!(store.migrate_down(1).await.unwrap(), [last.as_str()]);
    assert!(matches!(store.check().await, Err(StoreError::Internal(cause)) if cause.to_string().contains(last)));
    assert_eq!(store.migrate_up().await.unwrap(), [last.as_str()]);

    let mut reverted = store.migrate_down(u32::MAX).await.unwrap();
    reverted.reverse();
    assert_eq!(reverted, all);
    assert_eq!(applied().await, 0);
    assert_eq!(store.migrate_up().await.unwrap(), all);
    store.check().await.unwrap();
}

pub async fn what_was_blocked_before_is_known_to_its_conversation(place: &impl Place) {
    let store: Arc<SeaOrmStore> = Arc::new(place.store().await);
    let world = World::new(Arc::clone(&store));
    let users = world.hosts(3).await;
    let [ada, ben, eve] = users.as_slice() else { unreachable!() };
    let (blocked, open) = (world.direct(ada, ben).await, world.direct(ada, eve).await);
    let tx = world.begin().await;
    tx.blocks().insert(&Block { blocker_id: ben.id, blocked_id: ada.id, since: world.now() }).await.unwrap();
    tx.commit().await.unwrap();
    back_to(&store, "_blocked_conversations").await;
    store.migrate_up().await.unwrap();
    for (direct, is_blocked) in [(blocked, true), (open, false)] {
        let found = store.conversations().standing(ada.id, direct.id).await.unwrap().unwrap();
        assert_eq!(found.conversation.blocked, is_blocked);
    }
}

pub async fn messages_stay_as_they_are_where_their_table_is_made_anew(place: &impl Place) {
    let store = Arc::new(place.store().await);
    let world = World::new(Arc::clone(&store));
    let users = world.hosts(2).await;
    let [ada, ben] = users.as_slice() else { unreachable!() };
    let group = world.group(&[ada, ben]).await.id;
    let long = "plugh ".repeat(1000);
    let sent = world.post(group, ada, &["one", &long, "three"]).await;
    let referring = [
        ("message_revisions", "id, version, sent_at, 'before', NULL"),
        ("reactions", "id, version, sender_id, '👍'"),
        ("reaction_kinds", "id, '👍', version, 1"),
        ("hidden_messages", "sender_id, id"),
        ("reports", "id, conversation_id, id, sender_id, sender_id, 'spam', NULL, sent_at, 'open', NULL, NULL, NULL"),
    ];
    for (table, row) in referring {
        place.execute(&format!("INSERT INTO {table} SELECT {row} FROM messages WHERE seq = 3")).await;
    }
    let are_as_they_were = async || {
        for message in &sent {
            let found = store.messages().find(ben.id, group, message.id).await.unwrap().unwrap();
            assert_eq!(&found.message, message);
        }
        for (table, _) in referring {
            let is_of_it = "message_id = (SELECT id FROM messages WHERE seq = 3)";
            assert_eq!((place.count(table, is_of_it).await, place.count(table, "true").await), (1, 1), "{table}");
        }
        let refused = place.try_execute("DELETE FROM messages WHERE seq = 3").await;
        assert!(refused.is_err(), "what refers to a message is no longer kept from losing it");
        assert_eq!(found(&world, ben, "plugh").await, 1);
    };
    back_to(&store, "_message_order").await;
    are_as_they_were().await;
    store.migrate_up().await.unwrap();
    are_as_they_were().await;
    place.execute("DELETE FROM messages WHERE seq = 2").await;
    assert_eq!(world.post(group, ben, &["plugh"]).await[0].seq.get(), 4);
    assert_eq!(found(&world, ben, "plugh").await, 1);
}

pub async fn several_nodes_migrate_at_once(place: &impl Place) {
    let nodes = [place.open().await, place.open().await, place.open().await, place.open().await];
    let [a, b, c, d] = &nodes;
    let (a, b, c, d) = tokio::join!(a.migrate_up(), b.migrate_up(), c.migrate_up(), d.migrate_up());
    let mut applied = [a.unwrap(), b.unwrap(), c.unwrap(), d.unwrap()];
    applied.sort_by_key(Vec::len);
    let [none @ .., all] = &applied;
    assert!(none.iter().all(Vec::is_empty), "applied twice: {applied:?}");
    assert_eq!(all.len(), nodes[0].migrations().await.unwrap().len());
}

pub async fn a_newer_schema_still_serves(place: &impl Place) {
    let store = place.store().await;
    place.execute("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29990101_000001_later', 0)").await;
    store.check().await.unwrap();
    assert!(store.migrations().await.unwrap().iter().all(|migration| migration.applied));
    assert!(store.migrate_up().await.unwrap().is_empty());
    // To go anywhere from there, one has to know the way.
    assert_unknown(store.migrate_down(1).await);
    place.execute("DELETE FROM seaql_migrations WHERE version LIKE '%_messages'").await;
    assert_unknown(store.migrate_up().await);
}

/// Reverts the migration whose name ends so, and all after it.
async fn back_to(store: &SeaOrmStore, end: &str) {
    let all = store.migrations().await.unwrap();
    let back = all.iter().rev().position(|one| one.name.ends_with(end)).unwrap() as u32 + 1;
    assert_eq!(store.migrate_down(back).await.unwrap().len(), back as usize);
}

fn assert_unknown(result: Result<Vec<String>, StoreError>) {
    assert!(matches!(&result, Err(StoreError::Internal(cause)) if cause.to_string().contains("later")), "{result:?}");
}
