//! What has happened in a conversation.

use std::sync::Arc;

use confab_application::ports::Limit;
use confab_application::views::{Changes, Entry};
use confab_domain::{
    Change, Conversation, ConversationChange, ConversationId, Emoji, Event, EventState, HistoryVisibility, JsonObject,
    Membership, Participant, ParticipantState, Reason, Seq, Title, User, UserId, Version,
};

use super::expect::{at, at_once, limit};
use crate::Adapter;
use crate::testing::World;

/// How many write at once.
const WRITERS: usize = 8;
const ROUNDS: usize = 5;

fn version(number: i64) -> Version {
    Version::parse(number).unwrap()
}

fn renamed(title: Option<&str>) -> Change {
    let title = Some(title.map(|title| Title::parse(title).unwrap()));
    Change::Conversation(ConversationChange { title, ..ConversationChange::default() })
}

async fn changes(world: &World, viewer: &User, id: ConversationId, after: i64, items: usize) -> Option<Changes> {
    world.store().events().after(viewer.id, id, version(after), limit(items)).await.unwrap()
}

/// A letter for each entry, and the versions.
fn outline(changes: &Changes) -> (String, Vec<u64>) {
    let letter = |entry: &Entry| match entry {
        Entry::Message(_) => 'm',
        Entry::Event { .. } => 'e',
    };
    (changes.entries.iter().map(letter).collect(), changes.entries.iter().map(|entry| entry.version().get()).collect())
}

/// Events of every kind come back as they were recorded, at their limits too.
pub async fn events_come_back(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let group = world.group(&[&ada, &ben]).await;
    let longest = "😀".repeat(Title::MAX_CHARACTERS);
    let every_one = [
        renamed(Some("\"quoted\\ \u{202e}'")),
        renamed(Some(&longest)),
        renamed(None),
        Change::Conversation(ConversationChange::default()),
        Change::Conversation(ConversationChange {
            title: None,
            announcement: Some(true),
            history: Some(HistoryVisibility::FromStart),
            closed: Some(false),
            metadata: JsonObject::parse(r#"{"a":[1.10,"\\u0000\""],"😀":null}"#).ok(),
        }),
        Change::ConversationDeleted,
        Change::ParticipantsAdded { user_ids: vec![ben.id, ada.id] },
        Change::ParticipantLeft { user_id: ben.id },
        Change::OwnerChanged { user_id: ben.id },
        Change::MessageEdited { message_id: world.id() },
        Change::MessageDeleted { message_id: world.id(), reason: None },
        Change::MessageDeleted { message_id: world.id(), reason: Reason::parse("\"spam\" 😀").ok() },
        Change::ReactionAdded { message_id: world.id(), emoji: Emoji::parse("👩‍👩‍👧‍👦").unwrap() },
        Change::ReactionRemoved { message_id: world.id(), emoji: Emoji::parse("👍🏽").unwrap() },
    ];
    let mut recorded = Vec::new();
    for change in every_one {
        recorded.push(world.record(group.id, &ada, change).await);
    }
    let found = changes(&world, &ben, group.id, 0, 100).await.unwrap();
    let mut events = Vec::new();
    for entry in found.entries {
        let Entry::Event { event, users, .. } = entry else { panic!("a message") };
        let ids: Vec<UserId> = users.iter().map(|card| card.id).collect();
        assert_eq!(ids, event.change.newcomers());
        events.push(event);
    }
    assert_eq!(events, recorded);

    let elsewhere = world.group(&[&ada]).await;
    let extreme = |version, seq, occurred_at| {
        let change = Change::OwnerChanged { user_id: ada.id };
        let conversation_id = elsewhere.id;
        Event::restore(EventState { conversation_id, version, seq, actor_id: ada.id, occurred_at, change }).unwrap()
    };
    let last = Seq::parse(Version::MAX.as_i64() - 1).unwrap();
    let rows = [
        extreme(version(1), Seq::ZERO, at("0001-01-01T00:00:00.000001Z")),
        extreme(Version::MAX, last, at("9999-12-31T23:59:59.999999Z")),
    ];
    let tx = world.begin().await;
    for row in &rows {
        tx.events().append(row).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// Messages and events stand in one order, that of their versions, and a message is in no event.
pub async fn changes_are_messages_and_events_in_the_order_of_their_versions(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let group = world.group(&[&ada, &ben]).await;
    let none = changes(&world, &ada, group.id, 0, 100).await.unwrap();
    assert_eq!(none, Changes { after: Version::ZERO, version: Version::ZERO, entries: Vec::new() });

    let first = world.post(group.id, &ben, &["one", "two"]).await;
    world.clock.advance_seconds(1);
    let event = world.record(group.id, &ada, renamed(Some("Engines"))).await;
    assert_eq!((event.version.get(), event.seq.get(), event.occurred_at), (3, 2, world.now()));
    world.record(group.id, &ada, renamed(None)).await;
    world.post(group.id, &ada, &["three"]).await;
    let found = changes(&world, &ben, group.id, 0, 100).await.unwrap();
    assert_eq!(outline(&found), ("mmeem".to_owned(), vec![1, 2, 3, 4, 5]));
    assert_eq!((found.after, found.version.get()), (Version::ZERO, 5));
    let Some(Entry::Message(view)) = found.entries.first() else { panic!("not a message") };
    assert_eq!((&view.message, view.sender.id), (&first[0], ben.id));
    assert!(matches!(&found.entries[2], Entry::Event { event: found, .. } if *found == event));

    // What is not committed is not there.
    let tx = world.begin().await;
    let conversation = tx.conversations().find_for_update(ada.id, group.id).await.unwrap().unwrap();
    let (conversation, event) = conversation.record(ada.id, renamed(None), world.now());
    tx.events().append(&event).await.unwrap();
    tx.conversations().update(&conversation).await.unwrap();
    assert_eq!(
        tx.events().after(ada.id, group.id, version(5), Limit::DEFAULT).await.unwrap().unwrap().entries.len(),
        1
    );
    assert_eq!(changes(&world, &ada, group.id, 5, 100).await.unwrap().entries.len(), 0);
    drop(tx);
    assert_eq!(changes(&world, &ada, group.id, 0, 100).await.unwrap().version.get(), 5);
    // A version that is not there yet has nothing after it.
    let found = changes(&world, &ada, group.id, 9, 100).await.unwrap();
    assert_eq!((found.version.get(), found.entries.len()), (5, 0));
}

/// From any version on, in pages of any size, the same changes.
pub async fn changes_are_paged_by_version_without_a_gap(store: Adapter) {
    let world = World::new(store);
    let ada = world.host("ada").await;
    let group = world.group(&[&ada]).await;
    for letter in "mmemeeemmmeem".chars() {
        match letter {
            'm' => drop(world.post(group.id, &ada, &["x"]).await),
            _ => drop(world.record(group.id, &ada, renamed(None)).await),
        }
    }
    let all = changes(&world, &ada, group.id, 0, 100).await.unwrap().entries;
    assert_eq!(all.len(), 13);
    for after in 0..=13 {
        for items in [1, 2, 3, 12, 13, 14] {
            let found = changes(&world, &ada, group.id, after, items).await.unwrap();
            let expected: Vec<_> = all.iter().skip(after as usize).take(items).cloned().collect();
            assert_eq!(found.entries, expected, "{items} after {after}");
        }
    }
}

/// Whoever joins late sees what comes after, and is told where that begins.
pub async fn whoever_joins_sees_what_comes_after(store: Adapter) {
    let world = World::new(store);
    let (ada, late) = (world.host("ada").await, world.host("late").await);
    let group = Conversation::create_group(world.id(), ada.id, None, 2, world.now());
    let owner = Participant::join(&group, ada.id, Membership::Owner, world.now());
    let newcomer = Participant::restore(ParticipantState {
        user_id: late.id,
        joined_seq: Seq::parse(2).unwrap(),
        last_read_seq: Seq::parse(2).unwrap(),
        last_delivered_seq: Seq::parse(2).unwrap(),
        joined_version: version(4),
        visible_seq: Seq::parse(2).unwrap(),
        visible_version: version(4),
        ..ParticipantState::clone(&Participant::join(&group, late.id, Membership::Member, world.now()))
    })
    .unwrap();
    let tx = world.begin().await;
    tx.conversations().insert(&group, &[owner, newcomer]).await.unwrap();
    tx.commit().await.unwrap();
    world.post(group.id, &ada, &["one", "two"]).await;
    for _ in 0..3 {
        world.record(group.id, &ada, renamed(None)).await;
    }
    world.post(group.id, &ada, &["three"]).await;

    for (asked, follows) in [(0, 4), (3, 4), (4, 4), (5, 5), (6, 6)] {
        let found = changes(&world, &late, group.id, asked, 100).await.unwrap();
        assert_eq!((found.after.get(), found.version.get()), (follows, 6), "after {asked}");
        assert_eq!(outline(&found).1, (follows + 1..=6).collect::<Vec<_>>(), "after {asked}");
        let everything = changes(&world, &ada, group.id, asked, 100).await.unwrap();
        assert_eq!((everything.after.get() as i64, everything.entries.len() as i64), (asked, 6 - asked));
    }
}

/// Nobody outside sees anything, whatever they ask for.
pub async fn changes_hide_from_strangers(store: Adapter) {
    let world = World::new(store);
    let (ada, eve) = (world.host("ada").await, world.host("eve").await);
    let group = world.group(&[&ada]).await;
    let eves = world.group(&[&eve]).await;
    world.post(group.id, &ada, &["secret"]).await;
    world.record(group.id, &ada, renamed(Some("secret"))).await;
    for after in [0, 1, 2, 3] {
        assert_eq!(changes(&world, &eve, group.id, after, 100).await, None);
        assert_eq!(changes(&world, &eve, world.id(), after, 100).await, None);
        assert_eq!(world.begin().await.events().after(eve.id, group.id, version(after), limit(1)).await.unwrap(), None);
    }
    assert_eq!(changes(&world, &eve, eves.id, 0, 100).await.unwrap().entries, Vec::new());
}

/// Whoever follows a conversation while others write to it, messages and changes, misses nothing.
pub async fn changes_have_no_gap_while_others_write(store: Adapter) {
    let world = Arc::new(World::new(store));
    let users = world.hosts(WRITERS + 1).await;
    let group = world.group(&users.iter().collect::<Vec<_>>()).await.id;
    let total = (WRITERS * ROUNDS * 2) as u64;
    let seen = at_once(WRITERS + 1, |number| {
        let (world, user) = (Arc::clone(&world), users[number].clone());
        async move {
            let mut versions: Vec<u64> = Vec::new();
            if number < WRITERS {
                for _ in 0..ROUNDS {
                    world.post(group, &user, &["x"]).await;
                    world.record(group, &user, renamed(None)).await;
                }
                return versions;
            }
            while versions.len() as u64 != total {
                let after = versions.last().map_or(0, |version| version.cast_signed());
                let found = changes(&world, &user, group, after, 7).await.unwrap();
                versions.extend(outline(&found).1);
                tokio::task::yield_now().await;
            }
            versions
        }
    })
    .await;
    assert_eq!(seen[WRITERS], (1..=total).collect::<Vec<_>>());
}
