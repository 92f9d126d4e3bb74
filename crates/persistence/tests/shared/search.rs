//! The index of messages: it has what was said before it, and has not what is gone.

use std::sync::Arc;

use confab_application::messages::search;
use confab_application::ports::{Limit, PageRequest};
use confab_domain::User;
use confab_store_contract::testing::World;

use crate::support::Place;

/// How many messages a search finds.
pub async fn found(world: &World, viewer: &User, text: &str) -> usize {
    let page = PageRequest::first(Limit::DEFAULT);
    search(&world.app, &world.viewer(viewer), text, &page).await.unwrap().items.len()
}

pub async fn what_was_said_before_the_index_is_found(place: &impl Place) {
    let store = Arc::new(place.store().await);
    let world = World::new(Arc::clone(&store));
    let ada = world.host("ada").await;
    let group = world.group(&[&ada]).await.id;
    world.post(group, &ada, &["before 中国", "before", "…"]).await;
    place.execute("UPDATE messages SET search_tokens = NULL").await;
    assert_eq!(found(&world, &ada, "before").await, 0);
    // As a migration does: the last one, whatever it is, once more.
    store.migrate_down(1).await.unwrap();
    store.migrate_up().await.unwrap();
    assert_eq!((found(&world, &ada, "before").await, found(&world, &ada, "中国").await), (2, 1));
}

pub async fn what_is_taken_out_of_a_message_is_found_no_longer(place: &impl Place) {
    let world = World::new(Arc::new(place.store().await));
    let ada = world.host("ada").await;
    let group = world.group(&[&ada]).await.id;
    let posted = world.post(group, &ada, &["plugh one", "plugh two", "plugh three"]).await;
    place.execute("UPDATE messages SET search_tokens = '' WHERE seq = 1").await;
    place.execute("UPDATE messages SET search_tokens = 'xyzzy' WHERE seq = 2").await;
    place.execute("DELETE FROM messages WHERE seq = 3").await;
    assert_eq!(found(&world, &ada, "plugh").await, 0);
    place.execute("UPDATE messages SET search_tokens = 'plugh' WHERE seq <= 2").await;
    assert_eq!((found(&world, &ada, "plugh").await, posted.len()), (2, 3));
}
