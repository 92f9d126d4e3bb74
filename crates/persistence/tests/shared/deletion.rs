//! The database itself keeps other people's history, whoever deletes a person behind the store's back.

use std::sync::Arc;

use confab_domain::{Conversation, User};
use confab_store_contract::testing::World;

use crate::support::Place;

pub async fn whoever_has_a_history_is_not_deleted(place: &impl Place) {
    let world = World::new(Arc::new(place.store().await));
    let users = world.hosts(6).await;
    let [owner, sender, member, creator, logged_in, idle] = users.as_slice() else { unreachable!() };
    let group = world.group(&[owner, member]).await;
    // Each of these has a row of one kind, and of no other.
    let (_, message) = group.post(world.draft(sender, "what was said"), world.now());
    let left = Conversation::create_group(world.id(), creator.id, None, 0, world.now());
    let tx = world.begin().await;
    tx.messages().insert(&message).await.unwrap();
    tx.conversations().insert(&left, &[]).await.unwrap();
    tx.sessions().insert(&world.new_session(logged_in, 1)).await.unwrap();
    tx.commit().await.unwrap();

    for (kept, why) in
        [(owner, "owns a group"), (sender, "wrote"), (member, "takes part"), (creator, "began"), (logged_in, "is in")]
    {
        assert!(!deleted(place, kept).await, "whoever {why} was deleted");
    }
    assert!(deleted(place, idle).await, "of whom nothing is kept");
    let view = world.store().messages().find(owner.id, group.id, message.id).await.unwrap().unwrap();
    assert_eq!((&view.message, view.sender.id), (&message, sender.id));
    let view = world.store().conversations().find(owner.id, group.id).await.unwrap().unwrap();
    assert_eq!(view.participants.len(), 2);
}

async fn deleted(place: &impl Place, user: &User) -> bool {
    let delete = format!("DELETE FROM users WHERE email_key = '{}'", user.email.key());
    match place.try_execute(&delete).await {
        Ok(()) => true,
        Err(error) => {
            let refusal = error.to_string().to_lowercase();
            assert!(refusal.contains("foreign key"), "{refusal}");
            false
        }
    }
}
