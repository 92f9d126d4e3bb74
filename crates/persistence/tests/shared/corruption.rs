//! What somebody else wrote into the database is reported, not passed on.

use std::fmt::Debug;
use std::sync::Arc;

use confab_application::ports::{ConversationFilter, Limit, MessageFilter, PageRequest, StoreError};
use confab_store_contract::testing::World;

use crate::support::Place;

pub async fn rows_that_should_not_exist_are_named(place: &impl Place) {
    let world = World::new(Arc::new(place.store().await));
    let ada = world.host("ada").await;
    let group = world.group_named(Some("Engines"), &[&ada]).await;
    let message = world.post(group.id, &ada, &["one"]).await.remove(0);
    let store = world.store();
    let list = async || {
        store.conversations().list(ada.id, &ConversationFilter::default(), &PageRequest::first(Limit::DEFAULT)).await
    };
    let history = async || {
        let page = PageRequest::first(Limit::DEFAULT);
        store.messages().history(ada.id, group.id, &MessageFilter::default(), &page).await
    };

    place.execute("UPDATE messages SET body = ''").await;
    assert_corrupt(history().await, "messages", message.id.to_string(), "body");
    assert_corrupt(list().await, "messages", message.id.to_string(), "body");
    place.execute("UPDATE messages SET body = 'x'").await;

    place.execute("UPDATE users SET last_name = ' '").await;
    assert_corrupt(history().await, "users", ada.id.to_string(), "last_name");
    assert_corrupt(store.accounts().find_credentials(&ada.email).await, "users", ada.id.to_string(), "last_name");
    place.execute("UPDATE users SET last_name = 'x', email = 'nonsense'").await;
    assert_corrupt(store.accounts().find_credentials(&ada.email).await, "users", ada.id.to_string(), "email");
    history().await.unwrap();

    place.execute("UPDATE participants SET joined_at = 9223372036854775807").await;
    assert_corrupt(list().await, "participants", format!("{}/{}", group.id, ada.id), "joined_at");
    place.execute("UPDATE participants SET joined_at = 0").await;

    place.execute("UPDATE conversations SET version = 9007199254740992").await;
    assert_corrupt(list().await, "conversations", group.id.to_string(), "version");
    let found = store.conversations().find(ada.id, group.id).await;
    assert_corrupt(found, "conversations", group.id.to_string(), "version");
}

pub async fn a_corrupt_row_ends_the_transaction(place: &impl Place) {
    let world = World::new(Arc::new(place.store().await));
    let ada = world.host("ada").await;
    place.execute("UPDATE users SET phone_number = 'none'").await;
    let tx = world.begin().await;
    assert_corrupt(tx.users().find_for_update(ada.id).await, "users", ada.id.to_string(), "phone_number");
    assert!(matches!(tx.users().find_many(&[]).await, Err(StoreError::TransactionOver)));
    assert!(matches!(tx.commit().await, Err(StoreError::TransactionOver)));
}

fn assert_corrupt<T: Debug>(result: Result<T, StoreError>, in_table: &str, with_id: String, in_column: &str) {
    match result {
        Err(StoreError::Corrupt { table, id, reason }) => {
            assert_eq!((table, id, reason.field), (in_table, with_id, in_column));
        }
        other => panic!("not reported as corrupt: {other:?}"),
    }
}
