//! Messages.

use confab_application::ports::{Limit, MessageFilter, PageRequest};
use confab_application::views::UserCard;
use confab_domain::{
    ClientMessageId, Content, Conversation, ConversationState, Deleted, Draft, Edited, HistoryVisibility, JsonObject,
    Message, MessageBody, MessageId, MessageState, MessageText, Seq, SystemMessage, Timestamp, Title, Version,
};
use uuid::Uuid;

use super::expect::{at, read_all};
use crate::Adapter;
use crate::testing::World;

fn key(text: &str) -> ClientMessageId {
    ClientMessageId::parse(text).unwrap()
}

async fn insert(world: &World, message: &Message) {
    let tx = world.begin().await;
    tx.messages().insert(message).await.unwrap();
    tx.commit().await.unwrap();
}

/// Messages with and without a key come back as stored, with their sender, whichever way they are read.
pub async fn messages_come_back(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let group = world.group(&[&ada, &ben]).await;
    let plain = world.draft(&ada, "one\n");
    let keyed = Draft { client_message_id: Some(key("~key!")), ..world.draft(&ben, " two") };
    let (after_plain, plain) = group.post(plain, at("2026-01-31T09:30:00.000001Z"));
    let (after_keyed, keyed) = after_plain.post(keyed, at("2026-01-31T09:30:00.999999Z"));
    for (message, group, sender) in [(&plain, after_plain, &ada), (&keyed, after_keyed, &ben)] {
        let tx = world.begin().await;
        tx.messages().insert(message).await.unwrap();
        tx.conversations().update(&group).await.unwrap();
        tx.commit().await.unwrap();
        let found = world.store().messages().find(ada.id, group.id, message.id).await.unwrap().unwrap();
        let last = read_all(world.store(), ada.id, group.id).await.pop().unwrap();
        let newest = world.store().conversations().find(ada.id, group.id).await.unwrap().unwrap().last_message.unwrap();
        for read in [found, last, newest] {
            assert_eq!((&read.message, read.sender), (message, UserCard::from(sender)));
        }
    }
}

/// The smallest and the largest of everything that a message has.
pub async fn messages_come_back_at_their_limits(store: Adapter) {
    let world = World::new(store);
    let ada = world.host("ada").await;
    let group = Conversation::restore(ConversationState {
        last_seq: Seq::MAX,
        version: Version::MAX,
        history: HistoryVisibility::FromStart,
        ..ConversationState::clone(&Conversation::create_group(world.id(), ada.id, None, 1, world.now()))
    });
    let group = group.unwrap();
    world.insert_conversation(&group, &[&ada]).await;
    let text = |text: &str| MessageText {
        body: MessageBody::parse(text).unwrap(),
        payload: None,
        mentioned: Vec::new(),
        edited: None,
    };
    let smallest = MessageState {
        id: MessageId::from(Uuid::nil()),
        conversation_id: group.id,
        seq: Seq::ZERO.next(),
        version: Version::ZERO.next(),
        sender_id: ada.id,
        content: Content::Text(text(" ")),
        reply_to_id: None,
        client_message_id: Some(key("!")),
        sent_at: at("0001-01-01T00:00:00.000000Z"),
        reaction_kinds: 0,
    };
    let largest = MessageState {
        id: MessageId::from(Uuid::max()),
        seq: Seq::MAX,
        version: Version::MAX,
        content: Content::Text(MessageText {
            payload: JsonObject::parse(&format!(r#"{{"a":"{}"}}"#, "\\u0000".repeat(2729))).ok(),
            mentioned: vec![ada.id; 512],
            edited: Some(Edited { version: Version::MAX, at: at("9999-12-31T23:59:59.999999Z") }),
            ..text(&"😀".repeat(MessageBody::MAX_CHARACTERS))
        }),
        reply_to_id: Some(MessageId::from(Uuid::max())),
        reaction_kinds: u32::MAX,
        client_message_id: Some(key(&"~".repeat(ClientMessageId::MAX_CHARACTERS))),
        sent_at: at("9999-12-31T23:59:59.999999Z"),
        ..smallest.clone()
    };
    for state in [smallest, largest] {
        let message = Message::restore(state).unwrap();
        insert(&world, &message).await;
        let found = world.store().messages().find(ada.id, group.id, message.id).await.unwrap();
        assert_eq!(found.map(|view| view.message).as_ref(), Some(&message));
        let last = read_all(world.store(), ada.id, group.id).await.pop();
        assert_eq!(last.map(|view| view.message).as_ref(), Some(&message));
    }
}

/// Messages of every kind come back as stored.
pub async fn messages_of_every_kind_come_back(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let group = world.group(&[&ada, &ben]).await;
    let (_, message) = group.post(world.draft(&ada, "x"), world.now());
    let text = message.text().unwrap().clone();
    let now = world.now();
    let payload = JsonObject::parse(r#"{"n":[1.10,12345678901234567890123],"s":"\"\\\u0000😀","o":{}}"#).ok();
    let contents = [
        Content::Text(MessageText { payload, ..text.clone() }),
        Content::Text(MessageText { mentioned: vec![ben.id, ada.id], ..text.clone() }),
        Content::Text(MessageText { edited: Some(Edited { version: message.version, at: now }), ..text }),
        Content::Deleted(Deleted { version: Version::MAX, at: now }),
        Content::System(SystemMessage::ParticipantsAdded { user_ids: vec![ben.id, ada.id] }),
        Content::System(SystemMessage::ParticipantLeft { user_id: ben.id }),
        Content::System(SystemMessage::OwnerChanged { user_id: ben.id }),
        Content::System(SystemMessage::Renamed { title: Title::parse("\"\\ 😀 '").ok() }),
        Content::System(SystemMessage::Renamed { title: None }),
        Content::System(SystemMessage::Closed),
        Content::System(SystemMessage::Reopened),
        Content::System(SystemMessage::Inspected { until: now }),
    ];
    for (number, content) in (1..).zip(contents) {
        let state = MessageState {
            id: world.id(),
            seq: Seq::parse(number).unwrap(),
            version: Version::parse(number + 3).unwrap(),
            content,
            reply_to_id: (number % 2 == 0).then_some(message.id),
            ..MessageState::clone(&message)
        };
        let message = Message::restore(state).unwrap();
        insert(&world, &message).await;
        let found = world.store().messages().find(ben.id, group.id, message.id).await.unwrap().unwrap();
        assert_eq!((found.message, found.sender.id), (message, ada.id));
    }
}

/// A message is found in its own conversation only, even by someone who is in both.
pub async fn a_message_is_found_in_its_own_conversation_only(store: Adapter) {
    let world = World::new(store);
    let ada = world.host("ada").await;
    let (one, other) = (world.group(&[&ada]).await, world.group(&[&ada]).await);
    let message = world.post(one.id, &ada, &["x"]).await.pop().unwrap();
    let messages = world.store().messages();
    assert!(messages.find(ada.id, one.id, message.id).await.unwrap().is_some());
    assert_eq!(messages.find(ada.id, other.id, message.id).await.unwrap(), None);
    assert_eq!(messages.find(ada.id, world.id(), message.id).await.unwrap(), None);
    assert_eq!(messages.find(ada.id, one.id, world.id()).await.unwrap(), None);
}

/// Times are kept to the microsecond, and filters tell neighbours apart.
pub async fn neighbouring_microseconds_are_told_apart(store: Adapter) {
    let world = World::new(store);
    let ada = world.host("ada").await;
    let group = world.group(&[&ada]).await;
    let base = at("2026-01-31T09:30:00.123456Z").as_micros();
    for offset in 0..3 {
        world.clock.set(Timestamp::from_micros(base + offset).unwrap());
        world.post(group.id, &ada, &["x"]).await;
    }
    let sent: Vec<i64> =
        read_all(world.store(), ada.id, group.id).await.iter().map(|view| view.message.sent_at.as_micros()).collect();
    assert_eq!(sent, [base, base + 1, base + 2]);
    let middle = Timestamp::from_micros(base + 1);
    let end = Timestamp::from_micros(base + 2);
    let filter = MessageFilter { sent_from: middle, sent_before: end, ..MessageFilter::default() };
    let page = PageRequest::first(Limit::DEFAULT);
    let found = world.store().messages().history(ada.id, group.id, &filter, &page).await.unwrap().unwrap();
    assert_eq!(found.items.iter().map(|view| view.message.sent_at).collect::<Vec<_>>(), [middle.unwrap()]);
}
