//! A page is what its first statement saw, whatever the second one still finds.

use std::sync::Arc;

use confab_application::ports::{ActivityKey, ConversationFilter, Limit, PageRequest, Position};
use confab_store_contract::testing::World;

use crate::support::Place as _;
use crate::support::sqlite::File;

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_whose_participants_are_gone_leaves_no_gap_in_a_list() {
    let file = File::new().await;
    let world = World::new(Arc::new(file.store().await));
    let ada = world.host("ada").await;
    let mut groups = Vec::new();
    for _ in 0..5 {
        groups.insert(0, world.group(&[&ada]).await.id);
    }
    // The first statement finds her places, and the second no user to them, as if she had been removed in between.
    file.execute("PRAGMA foreign_keys = OFF; DELETE FROM users").await;

    let mut page = PageRequest::first(Limit::new(2).unwrap());
    let mut listed = Vec::new();
    loop {
        let list = world.store().conversations().list(ada.id, &ConversationFilter::default(), &page).await.unwrap();
        assert!(list.items.iter().all(|view| view.participants.is_empty()));
        listed.extend(list.items.iter().map(|view| view.conversation.id));
        let Some(last) = list.items.last().filter(|_| list.has_next) else { break };
        page.position = Some(Position::After(ActivityKey::of(&last.conversation)));
    }
    assert_eq!(listed, groups);
    assert_eq!(world.store().conversations().find(ada.id, groups[0]).await.unwrap(), None);
}
