//! Who comes and goes, and what can be changed of a conversation.

use confab_application::messages::{self, NewMessage};
use confab_application::ports::{
    ConversationFilter, MessageFilter, Muted, PageRequest, Participants, Position, StoreError,
};
use confab_domain::{
    Change, ConversationChange, ConversationId, HistoryVisibility, JsonObject, Membership, Message, Participant,
    Preferences, Role, Timestamp, User, UserId, Version,
};

use super::expect::{conversation, limit, participant, read_all};
use crate::Adapter;
use crate::testing::World;

/// Adds users to a group.
async fn add(world: &World, owner: &User, id: ConversationId, users: &[&User]) {
    let tx = world.begin().await;
    let found = tx.conversations().find_for_update(owner.id, id).await.unwrap().unwrap();
    let join = |user: &&User| Participant::join(&found, user.id, Membership::Member, world.now());
    tx.conversations().insert_participants(&users.iter().map(join).collect::<Vec<_>>()).await.unwrap();
    tx.conversations().update(&found.admit(users.len()).unwrap()).await.unwrap();
    tx.commit().await.unwrap();
}

/// Removes one of them.
async fn remove(world: &World, id: ConversationId, user: &User) {
    let tx = world.begin().await;
    let found = tx.conversations().find_for_update(user.id, id).await.unwrap().unwrap();
    let place = tx.conversations().find_participant_for_update(id, user.id).await.unwrap().unwrap();
    tx.conversations().remove_participant(&place.leave(&found, world.now())).await.unwrap();
    tx.conversations().update(&found.dismiss_one()).await.unwrap();
    tx.commit().await.unwrap();
}

/// Lets those who take part see so much of a group.
async fn show(world: &World, owner: &User, id: ConversationId, history: HistoryVisibility) {
    let change = ConversationChange { history: Some(history), ..ConversationChange::default() };
    let tx = world.begin().await;
    let found = tx.conversations().find_for_update(owner.id, id).await.unwrap().unwrap();
    let (changed, _) = found.with(change, world.now()).unwrap();
    tx.conversations().update(&changed).await.unwrap();
    tx.conversations().update_visibility(&changed).await.unwrap();
    tx.commit().await.unwrap();
}

async fn ids(world: &World, viewer: UserId, filter: &ConversationFilter) -> Vec<ConversationId> {
    let page = PageRequest::first(limit(100));
    let page = world.store().conversations().list(viewer, filter, &page, Participants::None).await.unwrap();
    let count = world.store().conversations().count(viewer, filter, 100).await.unwrap();
    assert_eq!(count, page.items.len() as u64, "{filter:?}");
    page.items.iter().map(|view| view.conversation.id).collect()
}

/// Whoever is added sees the group, whoever is removed does not, and may be added again.
pub async fn participants_come_go_and_come_again(store: Adapter) {
    let world = World::new(store);
    let (ada, ben, cyd) = (world.host("ada").await, world.host("ben").await, world.user("cyd", Role::Guest).await);
    let id = world.group(&[&ada]).await.id;
    let all = ConversationFilter::default();
    for round in 0..2 {
        world.post(id, &ada, &["between"]).await;
        assert_eq!(ids(&world, ben.id, &all).await, []);
        add(&world, &ada, id, &[&ben, &cyd]).await;
        let view = world.store().conversations().find(ben.id, id).await.unwrap().unwrap();
        let mut everyone = vec![ada.id, ben.id, cyd.id];
        everyone.sort_unstable();
        assert_eq!(view.participants.iter().map(|view| view.user.id).collect::<Vec<_>>(), everyone);
        assert_eq!((view.conversation.participant_count, view.viewer.user_id), (3, ben.id));
        assert_eq!(ids(&world, ben.id, &all).await, [id]);
        let standing = world.begin().await.conversations().find_participants(id).await.unwrap();
        let told: Vec<_> = standing.iter().map(|sender| (sender.participant.user_id, sender.active)).collect();
        assert_eq!(told, everyone.iter().map(|id| (*id, true)).collect::<Vec<_>>(), "round {round}");

        for user in [&ben, &cyd] {
            remove(&world, id, user).await;
            assert_eq!(world.store().conversations().find(user.id, id).await.unwrap(), None);
            assert_eq!(participant(world.store(), id, user.id).await, None);
            assert_eq!(world.begin().await.conversations().find_for_update(user.id, id).await.unwrap(), None);
        }
        assert_eq!(conversation(world.store(), id).await.unwrap().participant_count, 1);
    }
}

/// Whoever joins sees what comes after, unless the conversation shows all of it; for those who are in it too.
pub async fn whoever_joins_sees_what_the_conversation_shows(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let id = world.group(&[&ada]).await.id;
    let early = world.post(id, &ada, &["one", "two"]).await;
    add(&world, &ada, id, &[&ben]).await;
    let seen = async || {
        let all = read_all(world.store(), ben.id, id).await;
        all.iter().map(|view| view.message.seq.get()).collect::<Vec<_>>()
    };
    let newest = async || {
        let view = world.store().conversations().find(ben.id, id).await.unwrap().unwrap();
        view.last_message.map(|last| last.message.seq.get())
    };
    assert_eq!((seen().await, newest().await), (vec![], None));
    assert_eq!(world.store().messages().find(ben.id, id, early[1].id).await.unwrap(), None);
    world.post(id, &ada, &["three"]).await;
    assert_eq!((seen().await, newest().await), (vec![3], Some(3)));

    // Nor by any way around.
    let viewer = world.viewer(&ben);
    let around = world.store().messages().around(ben.id, id, &MessageFilter::default(), early[1].seq, limit(9)).await;
    assert_eq!(around.unwrap().unwrap().items.iter().map(|view| view.message.seq.get()).collect::<Vec<_>>(), [3]);
    let found = async |words| {
        let hits = messages::search(&world.app, &viewer, words, &PageRequest::first(limit(100))).await.unwrap();
        hits.items.len()
    };
    assert_eq!((found("two").await, found("three").await), (0, 1));
    let readers = world.store().messages().readers(ben.id, id, early[1].id, &PageRequest::first(limit(10))).await;
    assert!(readers.unwrap().is_none());
    let answer = |to: &Message| NewMessage {
        body: "an answer".to_owned(),
        reply_to: Some(to.id.to_string()),
        ..NewMessage::default()
    };
    let refused = messages::send(&world.app, &viewer, id, answer(&early[1])).await;
    assert!(refused.is_err(), "what is not seen is not there to be answered");
    let adas = messages::send(&world.app, &world.viewer(&ada), id, answer(&early[1])).await.unwrap().view;
    let shown = world.store().messages().find(ben.id, id, adas.message.id).await.unwrap().unwrap();
    assert!(shown.reply_to.unwrap().message.is_none(), "nor shown with its answer");
    assert!(adas.reply_to.unwrap().message.is_some());

    show(&world, &ada, id, HistoryVisibility::FromStart).await;
    assert_eq!(seen().await, [1, 2, 3, 4]);
    assert!(world.store().messages().find(ben.id, id, early[1].id).await.unwrap().is_some());
    let changes = world.store().events().after(ben.id, id, Version::ZERO, limit(100)).await.unwrap().unwrap();
    assert_eq!((changes.after, changes.entries.len()), (Version::ZERO, 4));
    remove(&world, id, &ben).await;
    add(&world, &ada, id, &[&ben]).await;
    assert_eq!(seen().await, [1, 2, 3, 4], "whoever joins when all is shown");
    show(&world, &ada, id, HistoryVisibility::FromJoining).await;
    assert_eq!(seen().await, Vec::<u64>::new());
    assert_eq!(read_all(world.store(), ada.id, id).await.len(), 4);
}

/// Of a deleted conversation nobody sees anything, and of a direct one the two may start another.
pub async fn everyone_can_be_removed_at_once(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let direct = world.direct(&ada, &ben).await;
    let kept = world.group(&[&ada, &ben]).await.id;
    world.post(direct.id, &ada, &["secret"]).await;
    let tx = world.begin().await;
    let found = tx.conversations().find_any_for_update(direct.id).await.unwrap().unwrap();
    tx.conversations().remove_all_participants(&found, world.now()).await.unwrap();
    tx.conversations().update(&found.delete(world.now())).await.unwrap();
    tx.commit().await.unwrap();
    for user in [&ada, &ben] {
        assert_eq!(world.store().conversations().find(user.id, direct.id).await.unwrap(), None);
        assert_eq!(ids(&world, user.id, &ConversationFilter::default()).await, [kept]);
    }
    let pair = direct.pair.unwrap();
    assert_eq!(world.begin().await.conversations().find_direct(pair).await.unwrap(), None);
    let again = world.direct(&ben, &ada).await.id;
    assert_eq!(world.begin().await.conversations().find_direct(pair).await.unwrap(), Some(again));
    assert_eq!(conversation(world.store(), direct.id).await.unwrap().participant_count, 0);
}

/// Metadata is kept byte for byte, and shown with the conversation by itself.
pub async fn metadata_comes_back_and_is_replaced(store: Adapter) {
    let world = World::new(store);
    let ada = world.host("ada").await;
    let id = world.group(&[&ada]).await.id;
    let metadata = async || world.store().conversations().find(ada.id, id).await.unwrap().unwrap().metadata;
    assert_eq!(metadata().await, None);
    let largest = format!(r#"{{"a":"{}"}}"#, "x".repeat(JsonObject::MAX_BYTES - 8));
    for text in [r#"{"b":1.10,"a":["\\u0000\"",{"😀":null}]}"#, "{}", &largest] {
        let object = JsonObject::parse(text).unwrap();
        let tx = world.begin().await;
        tx.conversations().put_metadata(id, &object).await.unwrap();
        assert_eq!(tx.conversations().find_metadata(id).await.unwrap().as_ref(), Some(&object));
        tx.commit().await.unwrap();
        assert_eq!(metadata().await, Some(object));
    }
    let empty = JsonObject::parse("{}").unwrap();
    let nowhere = world.begin().await.conversations().put_metadata(world.id(), &empty).await;
    assert!(matches!(nowhere, Err(StoreError::DanglingReference)), "{nowhere:?}");
}

/// By what is unread, archived, pinned and muted, and by when it last changed; counted no further than asked.
pub async fn a_list_is_filtered_by_what_the_viewer_has_set(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let (first, second) = (world.group(&[&ada, &ben]).await.id, world.group(&[&ada]).await.id);
    let third = world.group(&[&ada, &ben]).await.id;
    world.clock.advance_seconds(10);
    world.post(first, &ben, &["unread"]).await;
    world.post(second, &ada, &["my own"]).await;
    world.clock.advance_seconds(10);
    let event = world.record(third, &ada, Change::OwnerChanged { user_id: ada.id }).await;
    assert_eq!(conversation(world.store(), third).await.unwrap().changed_at, event.occurred_at);
    for (id, archived, pinned) in [(first, true, false), (second, true, true)] {
        let tx = world.begin().await;
        let place = tx.conversations().find_participant_for_update(id, ada.id).await.unwrap().unwrap();
        let set = Preferences { muted_until: Some(world.now()), archived, pinned };
        tx.conversations().update_participant(&place.with_preferences(set)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(world.store().conversations().find(ada.id, id).await.unwrap().unwrap().viewer.preferences, set);
    }
    let all = ConversationFilter::default();
    let later = event.occurred_at.plus_seconds(1);
    let until = world.now().as_micros();
    let muted = |wanted, after| Timestamp::from_micros(until + after).map(|at| Muted { wanted, at });
    for (filter, mut wanted) in [
        (ConversationFilter { unread: Some(true), ..all.clone() }, vec![first]),
        (ConversationFilter { unread: Some(false), ..all.clone() }, vec![second, third]),
        (ConversationFilter { archived: Some(true), ..all.clone() }, vec![first, second]),
        (ConversationFilter { archived: Some(false), ..all.clone() }, vec![third]),
        (ConversationFilter { pinned: Some(true), ..all.clone() }, vec![second]),
        (ConversationFilter { pinned: Some(false), archived: Some(true), ..all.clone() }, vec![first]),
        (ConversationFilter { muted: muted(true, -1), ..all.clone() }, vec![first, second]),
        (ConversationFilter { muted: muted(false, -1), ..all.clone() }, vec![third]),
        (ConversationFilter { muted: muted(true, 0), ..all.clone() }, vec![]),
        (ConversationFilter { muted: muted(false, 0), ..all.clone() }, vec![first, second, third]),
        (ConversationFilter { updated_since: Some(event.occurred_at), ..all.clone() }, vec![third]),
        (ConversationFilter { updated_since: Some(later), ..all.clone() }, vec![]),
        (all.clone(), vec![first, second, third]),
    ] {
        let mut found = ids(&world, ada.id, &filter).await;
        found.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(found, wanted, "{filter:?}");
    }
    assert_eq!(ids(&world, ben.id, &ConversationFilter { archived: Some(true), ..all.clone() }).await, []);
    assert_eq!(world.store().conversations().count(ada.id, &all, 2).await.unwrap(), 2);
}

/// Whoever may look at any conversation finds it locked; a deleted one is not there.
pub async fn an_admin_finds_what_is_not_deleted(store: Adapter) {
    let world = World::new(store);
    let ada = world.host("ada").await;
    let group = world.group(&[&ada]).await;
    let tx = world.begin().await;
    assert_eq!(tx.conversations().find_any_for_update(group.id).await.unwrap(), Some(group.clone()));
    assert_eq!(tx.conversations().find_any_for_update(world.id()).await.unwrap(), None);
    tx.conversations().update(&group.delete(world.now())).await.unwrap();
    assert_eq!(tx.conversations().find_any_for_update(group.id).await.unwrap(), None);
}

/// Whoever is removed has been found before.
pub async fn a_place_that_is_not_there_is_not_removed(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let group = world.group(&[&ada]).await;
    let nowhere = Participant::join(&group, ben.id, Membership::Member, world.now()).leave(&group, world.now());
    let outcome = world.begin().await.conversations().remove_participant(&nowhere).await;
    assert!(matches!(outcome, Err(StoreError::Internal(_))), "{outcome:?}");
}

/// What is muted now is not in the badge; it is counted for itself.
pub async fn a_badge_is_silent_of_what_is_muted(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let (loud, muted) = (world.group(&[&ada, &ben]).await.id, world.group(&[&ada, &ben]).await.id);
    world.post(loud, &ada, &["a"]).await;
    world.post(muted, &ada, &["b", "c"]).await;
    let until = world.now().plus_seconds(60);
    let tx = world.begin().await;
    let place = tx.conversations().find_participant_for_update(muted, ben.id).await.unwrap().unwrap();
    let place = place.with_preferences(Preferences { muted_until: Some(until), ..Preferences::default() });
    tx.conversations().update_participant(&place).await.unwrap();
    tx.commit().await.unwrap();
    let conversations = world.store().conversations();
    assert_eq!(conversations.count_all_unread(ben.id, world.now()).await.unwrap(), 1);
    assert_eq!(conversations.count_all_unread(ben.id, until).await.unwrap(), 3, "it is over");
    assert_eq!(conversations.find(ben.id, muted).await.unwrap().unwrap().unread.count, 2);
    let tx = world.begin().await;
    assert_eq!(tx.conversations().count_all_unread(ben.id, world.now()).await.unwrap(), 1);
}

/// Participants are paged both ways by user id, perhaps only those with a membership; a stranger finds none, nor a standing.
pub async fn participants_are_paged_both_ways(store: Adapter) {
    let world = World::new(store);
    let users = world.hosts(5).await;
    let stranger = world.host("eve").await;
    let group = world.group(&users.iter().collect::<Vec<_>>()).await.id;
    let ids: Vec<UserId> = users.iter().map(|user| user.id).collect();
    let conversations = world.store().conversations();
    for (membership, position, expected, has_previous, has_next) in [
        (None, None, &ids[..3], false, true),
        (None, Some(Position::After(ids[2])), &ids[3..], true, false),
        (None, Some(Position::Before(ids[4])), &ids[1..4], true, true),
        (None, Some(Position::After(ids[4])), &ids[..0], false, false),
        (Some(Membership::Owner), None, &ids[..1], false, false),
        (Some(Membership::Member), None, &ids[1..4], false, true),
        (Some(Membership::Member), Some(Position::Before(ids[2])), &ids[1..2], false, true),
        (Some(Membership::Owner), Some(Position::After(ids[0])), &ids[..0], false, false),
    ] {
        let page = PageRequest { limit: limit(3), position };
        let page = conversations.participants(ids[1], group, membership, &page).await.unwrap().unwrap();
        let found: Vec<_> = page.items.iter().map(|view| view.user.id).collect();
        let found = (found.as_slice(), page.has_previous, page.has_next);
        assert_eq!(found, (expected, has_previous, has_next), "{membership:?} {position:?}");
    }
    let all = conversations.find(ids[1], group).await.unwrap().unwrap().participants;
    let page = PageRequest::first(limit(100));
    assert_eq!(conversations.participants(ids[1], group, None, &page).await.unwrap().unwrap().items, all);
    let tx = world.begin().await;
    assert_eq!(tx.conversations().participants(ids[1], group, None, &page).await.unwrap().unwrap().items, all);
    drop(tx);
    assert_eq!(conversations.participants(stranger.id, group, None, &page).await.unwrap(), None);
    assert_eq!(conversations.participants(ids[1], world.id(), None, &page).await.unwrap(), None);

    let standing = conversations.standing(ids[0], group).await.unwrap().unwrap();
    assert_eq!((standing.conversation.id, standing.membership), (group, Membership::Owner));
    assert_eq!(conversations.standing(ids[1], group).await.unwrap().unwrap().membership, Membership::Member);
    assert_eq!(conversations.standing(stranger.id, group).await.unwrap(), None);
}
