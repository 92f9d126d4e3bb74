//! What somebody else wrote into the database is reported, not passed on.

use std::fmt::Debug;
use std::sync::Arc;

use confab_application::ports::{ConversationFilter, Limit, MessageFilter, PageRequest, Participants, StoreError};
use confab_domain::{ClientMessageId, Title};
use confab_store_contract::testing::World;

use crate::support::Place;

pub async fn rows_that_should_not_exist_are_named(place: &impl Place) {
    let world = World::new(Arc::new(place.store().await));
    let ada = world.host("ada").await;
    let group = world.group_named(Some("Engines"), &[&ada]).await;
    let message = world.post(group.id, &ada, &["one"]).await.remove(0);
    let store = world.store();
    let list = async || {
        store
            .conversations()
            .list(ada.id, &ConversationFilter::default(), &PageRequest::first(Limit::DEFAULT), Participants::First)
            .await
    };
    let history = async || {
        let page = PageRequest::first(Limit::DEFAULT);
        store.messages().history(ada.id, group.id, &MessageFilter::default(), &page).await
    };

    place.execute("UPDATE messages SET body = ''").await;
    assert_corrupt(history().await, "messages", message.id.to_string(), "body");
    assert_corrupt(list().await, "messages", message.id.to_string(), "body");
    place.execute("UPDATE messages SET body = 'x'").await;

    place.execute("UPDATE users SET last_name = ''").await;
    assert_corrupt(history().await, "users", ada.id.to_string(), "last_name");
    assert_corrupt(store.accounts().find_credentials(&ada.email).await, "users", ada.id.to_string(), "last_name");
    place.execute("UPDATE users SET last_name = 'x', email = ''").await;
    assert_corrupt(store.accounts().find_credentials(&ada.email).await, "users", ada.id.to_string(), "email");
    history().await.unwrap();

    place.execute("UPDATE participants SET joined_at = 9223372036854775807").await;
    assert_corrupt(list().await, "participants", format!("{}/{}", group.id, ada.id), "joined_at");
    place.execute("UPDATE participants SET joined_at = 0").await;

    place.execute("UPDATE messages SET client_message_id = ''").await;
    assert_corrupt(history().await, "messages", message.id.to_string(), "client_message_id");
    place.execute("UPDATE messages SET client_message_id = NULL").await;
    place.execute("UPDATE conversations SET title = ''").await;
    assert_corrupt(list().await, "conversations", group.id.to_string(), "title");
    place.execute("UPDATE conversations SET title = 'x'").await;

    place.execute("UPDATE conversations SET version = 9007199254740992").await;
    assert_corrupt(list().await, "conversations", group.id.to_string(), "version");
    let found = store.conversations().find(ada.id, group.id).await;
    assert_corrupt(found, "conversations", group.id.to_string(), "version");
}

pub async fn what_was_kept_is_not_judged_by_today_s_limits(place: &impl Place) {
    let world = World::new(Arc::new(place.store().await));
    let ada = world.host("ada").await;
    let group = world.group_named(Some("Engines"), &[&ada]).await;
    let message = world.post(group.id, &ada, &["one"]).await.remove(0);
    let long = "two\nlines, ".repeat(10_000);
    place.execute(&format!("UPDATE messages SET body = '{long}', client_message_id = '{long}'")).await;
    place.execute(&format!("UPDATE conversations SET title = '{long}', title_key = '{long}'")).await;
    place.execute(&format!("UPDATE users SET first_name = '{long}', last_name = '{long}', email = 'nonsense'")).await;

    let store = world.store();
    let view = store.conversations().find(ada.id, group.id).await.unwrap().unwrap();
    assert_eq!(view.conversation.title.as_ref().map(Title::as_str), Some(long.as_str()));
    assert_eq!(view.participants[0].user.last_name.as_str(), long);
    let found = store.messages().find(ada.id, group.id, message.id).await.unwrap().unwrap();
    assert_eq!(found.message.body(), long);
    assert_eq!(found.message.client_message_id.as_ref().map(ClientMessageId::as_str), Some(long.as_str()));
    let user = store.accounts().find_credentials(&ada.email).await.unwrap().unwrap().user;
    assert_eq!((user.email.as_str(), user.profile.first_name.as_str()), ("nonsense", long.as_str()));
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
