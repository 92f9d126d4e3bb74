//! Conversations, their participants, and what hangs on them.

use confab_application::views::{LISTED_PARTICIPANTS, UserCard};
use confab_domain::{
    Conversation, ConversationId, ConversationState, DirectPair, HistoryVisibility, MAX_PARTICIPANTS, Membership,
    Participant, ParticipantState, Preferences, Role, Seq, Title, UnreadCount, User, UserId, UserState, Version,
};
use uuid::Uuid;

use super::expect::{at, conversation, list_all, participant};
use crate::Adapter;
use crate::testing::World;

fn restore(state: ConversationState) -> Conversation {
    Conversation::restore(state).unwrap()
}

/// Stores a conversation of its creator's, and asserts that each way to read it gives the same.
async fn round_trip(world: &World, wanted: &Conversation, creator: &User) {
    world.insert_conversation(wanted, &[creator]).await;
    let tx = world.begin().await;
    let for_update = tx.conversations().find_for_update(creator.id, wanted.id).await.unwrap().unwrap();
    let peeked = tx.conversations().peek(wanted.id).await.unwrap().unwrap();
    drop(tx);
    let view = world.store().conversations().find(creator.id, wanted.id).await.unwrap().unwrap();
    let list = list_all(world.store(), creator.id).await;
    let listed = list.into_iter().find(|view| view.conversation.id == wanted.id).unwrap();
    for read in [for_update, peeked, view.conversation, listed.conversation] {
        assert_eq!(&read, wanted);
    }
}

/// Groups with and without a title, and direct conversations, come back as stored.
pub async fn conversations_come_back(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let now = at("2026-01-31T09:30:00.000001Z");
    let group = Conversation::create_group(world.id(), ada.id, None, 1, now);
    let titled = Conversation::create_group(world.id(), ada.id, Title::parse("Ten o'clock").ok(), 3, now);
    let direct = Conversation::start_direct(world.id(), ada.id, DirectPair::new(ben.id, ada.id).unwrap(), now);
    let used = restore(ConversationState {
        id: world.id(),
        last_seq: Seq::parse(7).unwrap(),
        version: Version::parse(9).unwrap(),
        last_activity_at: at("2026-01-31T09:30:00.999999Z"),
        ..ConversationState::clone(&titled)
    });
    for wanted in [group, titled, direct, used] {
        round_trip(&world, &wanted, &ada).await;
    }
    let tx = world.begin().await;
    assert_eq!(tx.conversations().find_for_update(ada.id, world.id()).await.unwrap(), None);
    assert_eq!(tx.conversations().peek(world.id()).await.unwrap(), None);
}

/// The smallest and the largest of everything that a conversation has.
pub async fn conversations_come_back_at_their_limits(store: Adapter) {
    let world = World::new(store);
    let nil = User::restore(UserState {
        id: UserId::from(Uuid::nil()),
        ..UserState::clone(&world.new_user("n", Role::Host))
    });
    let max = User::restore(UserState {
        id: UserId::from(Uuid::max()),
        ..UserState::clone(&world.new_user("m", Role::Host))
    });
    world.insert_user(&nil).await;
    world.insert_user(&max).await;
    let smallest = restore(ConversationState {
        id: ConversationId::from(Uuid::nil()),
        pair: DirectPair::new(max.id, nil.id),
        title: None,
        creator_id: nil.id,
        participant_count: 0,
        last_seq: Seq::ZERO,
        version: Version::ZERO,
        created_at: at("0001-01-01T00:00:00.000000Z"),
        last_activity_at: at("0001-01-01T00:00:00.000001Z"),
        changed_at: at("0001-01-01T00:00:00.000000Z"),
        edited_version: Version::ZERO,
        history: HistoryVisibility::FromJoining,
        announcement: false,
        closed_at: None,
        deleted_at: None,
        blocked: true,
    });
    let largest = restore(ConversationState {
        id: ConversationId::from(Uuid::max()),
        pair: None,
        title: Title::parse(&"😀".repeat(Title::MAX_CHARACTERS)).ok(),
        creator_id: max.id,
        participant_count: MAX_PARTICIPANTS as u64,
        last_seq: Seq::MAX,
        version: Version::MAX,
        created_at: at("9999-12-31T23:59:59.999998Z"),
        last_activity_at: at("9999-12-31T23:59:59.999999Z"),
        changed_at: at("9999-12-31T23:59:59.999999Z"),
        edited_version: Version::MAX,
        history: HistoryVisibility::FromStart,
        announcement: true,
        closed_at: Some(at("9999-12-31T23:59:59.999999Z")),
        deleted_at: Some(at("0001-01-01T00:00:00.000001Z")),
        blocked: false,
    });
    round_trip(&world, &smallest, &nil).await;
    round_trip(&world, &largest, &max).await;
    let tx = world.begin().await;
    let pair = DirectPair::new(nil.id, max.id).unwrap();
    assert_eq!(tx.conversations().find_direct(pair).await.unwrap(), Some(smallest.id));
}

/// Participants come back as stored, and as the others see them.
pub async fn participants_come_back(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let group = restore(ConversationState {
        last_seq: Seq::MAX,
        version: Version::MAX,
        ..ConversationState::clone(&Conversation::create_group(world.id(), ada.id, None, 1, world.now()))
    });
    let place = |user: &User, membership, joined_at, joined_seq: Seq, last_read_seq| {
        let state = ParticipantState {
            conversation_id: group.id,
            user_id: user.id,
            membership,
            joined_at,
            joined_seq,
            joined_version: Version::parse(joined_seq.as_i64()).unwrap().next(),
            last_read_seq,
            last_delivered_seq: Seq::MAX,
            visible_seq: joined_seq,
            visible_version: Version::parse(joined_seq.as_i64()).unwrap().next(),
            preferences: Preferences { muted_until: Some(joined_at), archived: true, pinned: true },
        };
        Participant::restore(state).unwrap()
    };
    let first = at("0001-01-01T00:00:00.000001Z");
    let last = at("9999-12-31T23:59:59.999999Z");
    let places = [
        (&ada, place(&ada, Membership::Owner, first, Seq::ZERO, Seq::ZERO)),
        (&ben, place(&ben, Membership::Member, last, Seq::parse(5).unwrap(), Seq::MAX)),
    ];
    let tx = world.begin().await;
    let rows: Vec<Participant> = places.iter().map(|(_, row)| row.clone()).collect();
    tx.conversations().insert(&group, &rows).await.unwrap();
    tx.commit().await.unwrap();

    let view = world.store().conversations().find(ada.id, group.id).await.unwrap().unwrap();
    for ((user, row), seen) in places.iter().zip(&view.participants) {
        assert_eq!(participant(world.store(), group.id, user.id).await.as_ref(), Some(row));
        assert_eq!(seen.user, UserCard::from(*user));
        assert_eq!((seen.membership, seen.joined_at), (row.membership, row.joined_at));
        assert_eq!((seen.last_read_seq, seen.last_delivered_seq), (row.last_read_seq, row.last_delivered_seq));
    }
    // None of its messages is there to be counted.
    assert_eq!(view.unread, UnreadCount { count: 0, is_capped: true });
    assert_eq!(participant(world.store(), group.id, world.id()).await, None);
    assert_eq!(participant(world.store(), world.id(), ada.id).await, None);
}

/// A direct conversation is found by its pair, and not by another.
pub async fn a_direct_conversation_is_found_by_its_pair(store: Adapter) {
    let world = World::new(store);
    let users = world.hosts(3).await;
    let [ada, ben, cyd] = users.as_slice() else { unreachable!() };
    let direct = world.direct(ben, ada).await;
    world.group(&[ada, cyd]).await;
    let tx = world.begin().await;
    let found = |one: &User, other: &User| {
        let pair = DirectPair::new(one.id, other.id).unwrap();
        let tx = &tx;
        async move { tx.conversations().find_direct(pair).await.unwrap() }
    };
    assert_eq!(found(ada, ben).await, Some(direct.id));
    assert_eq!(found(ben, ada).await, Some(direct.id));
    assert_eq!(found(ada, cyd).await, None, "a group of two is no direct conversation");
    assert_eq!(found(cyd, ben).await, None);
}

/// A conversation and a participant are updated by themselves.
pub async fn updates_replace_one_row(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let (group, other) = (world.group_named(Some("one"), &[&ada, &ben]).await, world.group(&[&ada, &ben]).await);
    let changed = restore(ConversationState {
        title: Title::parse("two").ok(),
        last_seq: Seq::parse(3).unwrap(),
        version: Version::parse(4).unwrap(),
        last_activity_at: world.now().plus_seconds(1),
        ..ConversationState::clone(&group)
    });
    let untitled = restore(ConversationState { title: None, ..ConversationState::clone(&changed) });
    let before = participant(world.store(), group.id, ben.id).await.unwrap();
    let reader = before.read_up_to(Seq::parse(2).unwrap(), &changed).unwrap();
    for wanted in [changed, untitled] {
        let tx = world.begin().await;
        tx.conversations().find_for_update(ada.id, group.id).await.unwrap();
        tx.conversations().update(&wanted).await.unwrap();
        tx.conversations().update_participant(&reader).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(conversation(world.store(), group.id).await, Some(wanted));
    }
    assert_eq!(participant(world.store(), group.id, ben.id).await, Some(reader));
    assert_eq!(conversation(world.store(), other.id).await, Some(other.clone()));
    for (id, user) in [(group.id, ada.id), (other.id, ben.id)] {
        assert_eq!(participant(world.store(), id, user).await.unwrap().last_read_seq, Seq::ZERO);
    }
}

/// The largest group there may be: by itself it shows everyone by user id, and in a list the first twenty.
pub async fn a_list_shows_the_first_participants_and_counts_all(store: Adapter) {
    let world = World::new(store);
    let users = world.hosts(MAX_PARTICIPANTS).await;
    // Stored in an order that is not theirs.
    let mut members: Vec<&User> = users.iter().collect();
    members.rotate_left(MAX_PARTICIPANTS / 2);
    let group = world.group(&members).await;
    let small = world.group(&[&users[0], &users[1]]).await;
    let ids: Vec<UserId> = users.iter().map(|user| user.id).collect();

    let last = users[MAX_PARTICIPANTS - 1].id;
    let view = world.store().conversations().find(last, group.id).await.unwrap().unwrap();
    assert_eq!(view.participants.iter().map(|one| one.user.id).collect::<Vec<_>>(), ids);
    assert_eq!(view.conversation.participant_count, MAX_PARTICIPANTS as u64);

    let list = list_all(world.store(), users[0].id).await;
    let shown = |id| {
        let view = list.iter().find(|view| view.conversation.id == id).unwrap();
        (view.participants.iter().map(|one| one.user.id).collect::<Vec<_>>(), view.conversation.participant_count)
    };
    assert_eq!(shown(group.id), (ids[..LISTED_PARTICIPANTS].to_vec(), MAX_PARTICIPANTS as u64));
    assert_eq!(shown(small.id), (ids[..2].to_vec(), 2));
}

/// Participants are in the order of their ids' bytes, those with the highest bit last.
pub async fn participants_are_in_the_order_of_their_ids(store: Adapter) {
    let world = World::new(store);
    let ids: Vec<UserId> =
        [0, 1, 1 << 64, (1 << 127) - 1, 1 << 127, u128::MAX].map(Uuid::from_u128).map(UserId::from).into();
    let mut users = Vec::new();
    for (number, id) in ids.iter().enumerate() {
        let user = world.new_user(&format!("user{number}"), Role::Host);
        let user = User::restore(UserState { id: *id, ..UserState::clone(&user) });
        world.insert_user(&user).await;
        users.push(user);
    }
    let group = world.group(&users.iter().rev().collect::<Vec<_>>()).await;
    let view = world.store().conversations().find(ids[0], group.id).await.unwrap().unwrap();
    let list = list_all(world.store(), ids[0]).await;
    for view in [&view, &list[0]] {
        assert_eq!(view.participants.iter().map(|one| one.user.id).collect::<Vec<_>>(), ids);
    }
}

/// The newest message with its sender, and how many each viewer has not read.
pub async fn a_view_tells_the_newest_message_and_what_is_unread(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let (group, quiet) = (world.group(&[&ada, &ben]).await, world.group(&[&ada, &ben]).await);
    let silent = world.store().conversations().find(ada.id, group.id).await.unwrap().unwrap();
    assert_eq!((silent.last_message, silent.unread.count), (None, 0));

    world.post(group.id, &ada, &["one", "two"]).await;
    world.clock.advance_seconds(1);
    let newest = world.post(group.id, &ben, &["three", "four", "five"]).await.pop().unwrap();
    for (viewer, unread) in [(&ada, 3), (&ben, 0)] {
        let view = world.store().conversations().find(viewer.id, group.id).await.unwrap().unwrap();
        let list = list_all(world.store(), viewer.id).await;
        assert_eq!(list.iter().map(|view| view.conversation.id).collect::<Vec<_>>(), [group.id, quiet.id]);
        assert_eq!((&list[1].last_message, list[1].unread.count), (&None, 0));
        for view in [&view, &list[0]] {
            let last = view.last_message.as_ref().unwrap();
            assert_eq!((&last.message, &last.sender), (&newest, &UserCard::from(&ben)));
            assert_eq!((view.unread.count, view.conversation.last_seq), (unread, newest.seq));
        }
    }
}
