//! Sending and reading messages.

use confab_application::conversations::get as get_conversation;
use confab_application::messages::{NewMessage, Sent, get, history, send};
use confab_application::ports::{Clock as _, Limit, MessageFilter, PageRequest};
use confab_application::{Conflict, Error, Resource};
use confab_domain::{ConversationId, MessageId, Role, User};
use confab_store_contract::testing::World;

use crate::{fault, faults, world};

fn message(body: &str, key: Option<&str>) -> NewMessage {
    NewMessage { body: body.to_owned(), client_message_id: key.map(ToOwned::to_owned), ..NewMessage::default() }
}

async fn say(world: &World, user: &User, id: ConversationId, body: &str, key: Option<&str>) -> Result<Sent, Error> {
    send(&world.app, &world.viewer(user), id, message(body, key)).await
}

#[tokio::test]
async fn messages_get_their_place_and_move_the_conversation() {
    let world = world();
    let (ada, ben) = (world.host("ada").await, world.user("ben", Role::Guest).await);
    let group = world.group(&[&ada, &ben]).await;
    for (seq, sender) in [(1, &ada), (2, &ben), (3, &ada)] {
        world.clock.advance_seconds(1);
        let sent = say(&world, sender, group.id, " hello\n", None).await.unwrap();
        assert!(sent.is_new);
        assert_eq!((sent.view.message.seq.get(), sent.view.message.version.get()), (seq, seq));
        assert_eq!((sent.view.sender.id, sent.view.message.sent_at), (sender.id, world.clock.now()));
        assert_eq!(sent.view.message.body(), " hello\n");
        let (view, messages) = get_conversation(&world.app, &world.viewer(&ada), group.id).await.unwrap();
        assert_eq!((view.conversation.last_seq.get(), view.conversation.version.get()), (seq, seq));
        assert_eq!(view.conversation.last_activity_at, world.clock.now());
        assert_eq!((view.last_message.as_ref(), messages.first()), (Some(&sent.view), Some(&sent.view)));
    }
}

#[tokio::test]
async fn sending_advances_one_s_own_cursor_and_nobody_else_s() {
    let world = world();
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let group = world.group(&[&ada, &ben]).await;
    world.post(group.id, &ben, &["one", "two"]).await;
    let unread =
        async |user: &User| get_conversation(&world.app, &world.viewer(user), group.id).await.unwrap().0.unread.count;
    assert_eq!((unread(&ada).await, unread(&ben).await), (2, 0));
    say(&world, &ada, group.id, "three", None).await.unwrap();
    assert_eq!((unread(&ada).await, unread(&ben).await), (0, 1));
}

#[tokio::test]
async fn a_retry_is_the_first_message_for_as_long_as_it_exists() {
    let world = world();
    let ada = world.host("ada").await;
    let group = world.group(&[&ada]).await;
    let first = say(&world, &ada, group.id, "hello", Some("key")).await.unwrap();
    say(&world, &ada, group.id, "between", None).await.unwrap();
    world.clock.advance_seconds(u32::MAX);
    let again = say(&world, &ada, group.id, "hello", Some("key")).await.unwrap();
    assert_eq!((first.is_new, again.is_new), (true, false));
    assert_eq!(again.view, first.view);
    let (view, _) = get_conversation(&world.app, &world.viewer(&ada), group.id).await.unwrap();
    assert_eq!(view.conversation.last_seq.get(), 2);
}

#[tokio::test]
async fn a_key_with_another_body_is_a_conflict() {
    let world = world();
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let (group, other) = (world.group(&[&ada, &ben]).await, world.group(&[&ada]).await);
    say(&world, &ada, group.id, "hello", Some("key")).await.unwrap();
    let outcome = say(&world, &ada, group.id, "hello ", Some("key")).await;
    assert!(matches!(outcome, Err(Error::Conflict(Conflict::ClientMessageIdReused))), "{outcome:?}");
    // The key is the sender's own, in one conversation.
    assert!(say(&world, &ben, group.id, "good-bye", Some("key")).await.unwrap().is_new);
    assert!(say(&world, &ada, other.id, "good-bye", Some("key")).await.unwrap().is_new);
}

#[tokio::test]
async fn without_a_key_the_same_text_is_another_message() {
    let world = world();
    let ada = world.host("ada").await;
    let group = world.group(&[&ada]).await;
    for seq in 1..=3 {
        let sent = say(&world, &ada, group.id, "hello", None).await.unwrap();
        assert_eq!((sent.is_new, sent.view.message.seq.get()), (true, seq));
    }
}

#[tokio::test]
async fn every_fault_of_a_message_is_told_at_once() {
    let world = world();
    let ada = world.host("ada").await;
    let group = world.group(&[&ada]).await;
    let outcome = say(&world, &ada, group.id, "", Some("not visible")).await;
    assert_eq!(faults(outcome), [fault("body", "empty"), fault("client_message_id", "forbidden_character")]);
    let outcome = say(&world, &ada, group.id, &"x".repeat(20_001), None).await;
    assert_eq!(faults(outcome), [fault("body", "too_long")]);
    let outcome = say(&world, &ada, group.id, "a\0", None).await;
    assert_eq!(faults(outcome), [fault("body", "forbidden_character")]);
}

#[tokio::test]
async fn a_stranger_cannot_tell_a_conversation_from_none() {
    let world = world();
    let (ada, eve) = (world.host("ada").await, world.user("eve", Role::Admin).await);
    let group = world.group(&[&ada]).await;
    let first = say(&world, &ada, group.id, "hello", Some("key")).await.unwrap();
    let viewer = world.viewer(&eve);
    let page = PageRequest::first(Limit::DEFAULT);
    for id in [group.id, world.id()] {
        let sent = say(&world, &eve, id, "hello", Some("key")).await.map(|_| ());
        let read = history(&world.app, &viewer, id, &MessageFilter::default(), &page).await.map(|_| ());
        for outcome in [sent, read] {
            assert!(matches!(outcome, Err(Error::NotFound(Resource::Conversation))), "{outcome:?}");
        }
        for message in [first.view.message.id, world.id::<MessageId>()] {
            let outcome = get(&world.app, &viewer, id, message).await;
            assert!(matches!(outcome, Err(Error::NotFound(Resource::Message))), "{outcome:?}");
        }
    }
    assert_eq!(get(&world.app, &world.viewer(&ada), group.id, first.view.message.id).await.unwrap(), first.view);
}

#[tokio::test]
async fn times_do_not_run_backwards_when_the_clock_does() {
    let world = world();
    let ada = world.host("ada").await;
    let group = world.group(&[&ada]).await;
    let start = world.clock.now();
    world.clock.advance_seconds(10);
    let first = say(&world, &ada, group.id, "one", None).await.unwrap();
    world.clock.set(start);
    let second = say(&world, &ada, group.id, "two", None).await.unwrap();
    assert_eq!(second.view.message.sent_at, first.view.message.sent_at);
}
