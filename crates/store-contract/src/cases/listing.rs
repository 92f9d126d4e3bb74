//! Pages of a viewer's conversations.

use confab_application::conversations::Grounds;
use confab_application::participants;
use confab_application::ports::{ActivityKey, ConversationFilter, Limit, Page, PageRequest, Participants, Position};
use confab_application::views::ConversationView;
use confab_domain::{Conversation, ConversationId, ConversationKind, ConversationState, User, UserId};
use std::collections::HashSet;
use uuid::Uuid;

use super::expect::{at, limit, list_all};
use crate::Adapter;
use crate::testing::World;

async fn list(
    world: &World,
    viewer: &User,
    filter: &ConversationFilter,
    page: &PageRequest<ActivityKey>,
) -> Page<ConversationView> {
    world.store().conversations().list(viewer.id, filter, page, Participants::First).await.unwrap()
}

fn ids(views: &[ConversationView]) -> Vec<ConversationId> {
    views.iter().map(|view| view.conversation.id).collect()
}

fn key(view: &ConversationView) -> ActivityKey {
    ActivityKey::of(&view.conversation)
}

/// What the filter finds, by pages of three, forwards; asserts that backwards it is the same.
async fn walk(world: &World, viewer: &User, filter: &ConversationFilter) -> Vec<ConversationId> {
    let mut walked: Vec<ConversationView> = Vec::new();
    loop {
        let position = walked.last().map(|view| Position::After(key(view)));
        let page = list(world, viewer, filter, &PageRequest { limit: limit(3), position }).await;
        assert_eq!(page.has_previous, position.is_some() && !page.items.is_empty());
        walked.extend(page.items);
        if !page.has_next {
            break;
        }
    }
    let found = ids(&walked);
    let mut left = found.clone();
    left.pop();
    let mut place = walked.last().map(key);
    while let Some(before) = place {
        let page = PageRequest { limit: limit(3), position: Some(Position::Before(before)) };
        let page = list(world, viewer, filter, &page).await;
        let rest = left.split_off(left.len().saturating_sub(3));
        assert_eq!((ids(&page.items), page.has_previous), (rest, !left.is_empty()), "{filter:?}");
        assert_eq!(page.has_next, !page.items.is_empty());
        place = page.items.first().filter(|_| page.has_previous).map(key);
    }
    found
}

/// Eleven groups of a viewer's, some with the same time of activity, over all ids and times there may be.
async fn eleven(world: &World, viewer: &User) -> Vec<ConversationId> {
    let times =
        ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z", "2026-01-31T09:30:00Z", "9999-12-31T23:59:59.999999Z"];
    let places = [
        (3, u128::MAX),
        (3, 0),
        (2, u128::MAX - 1),
        (2, 1 << 127),
        (2, (1 << 127) - 1),
        (2, 1 << 64),
        (2, 2),
        (2, 1),
        (1, 5),
        (0, 1 << 100),
        (0, 7),
    ];
    // Stored in an order that is neither that of times nor that of ids.
    for (time, id) in places.iter().skip(1).step_by(2).chain(places.iter().step_by(2)) {
        let group =
            Conversation::create_group(ConversationId::from(Uuid::from_u128(*id)), viewer.id, None, 1, world.now());
        let state = ConversationState { last_activity_at: at(times[*time]), ..ConversationState::clone(&group) };
        world.insert_conversation(&Conversation::restore(state).unwrap(), &[viewer]).await;
    }
    places.iter().map(|(_, id)| ConversationId::from(Uuid::from_u128(*id))).collect()
}

/// Newest activity first, and among equals the greater id first; forwards and back, on whichever ids and times.
pub async fn conversations_are_listed_by_activity_and_then_by_id(store: Adapter) {
    let world = World::new(store);
    let ada = world.host("ada").await;
    let wanted = eleven(&world, &ada).await;
    assert_eq!(ids(&list_all(world.store(), ada.id).await), wanted);
    assert_eq!(walk(&world, &ada, &ConversationFilter::default()).await, wanted);
    let page = list(&world, &ada, &ConversationFilter::default(), &PageRequest::first(limit(11))).await;
    assert!(!page.has_next && !page.has_previous);
    let page = list(&world, &ada, &ConversationFilter::default(), &PageRequest::first(limit(10))).await;
    assert!(page.has_next && !page.has_previous);
}

/// Whoever is in no conversation has an empty list.
pub async fn a_list_may_be_empty(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    world.group(&[&ada]).await;
    let page = list(&world, &ben, &ConversationFilter::default(), &PageRequest::first(Limit::DEFAULT)).await;
    assert_eq!(page, Page { items: Vec::new(), has_previous: false, has_next: false });
}

/// A message brings its conversation to the start of the list.
pub async fn activity_brings_a_conversation_to_the_start(store: Adapter) {
    let world = World::new(store);
    let ada = world.host("ada").await;
    let (first, second) = (world.group(&[&ada]).await.id, world.group(&[&ada]).await.id);
    assert_eq!(ids(&list_all(world.store(), ada.id).await), [second, first]);
    for id in [first, second] {
        world.clock.advance_seconds(1);
        world.post(id, &ada, &["x"]).await;
        assert_eq!(list_all(world.store(), ada.id).await[0].conversation.id, id);
    }
}

/// The order holds over hours, through messages and through those who leave and come back, who find each conversation once.
pub async fn a_list_is_in_order_over_hours(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let mut groups = Vec::new();
    for _ in 0..9 {
        groups.insert(0, world.group(&[&ada, &ben]).await.id);
        world.clock.advance_seconds(25 * 60);
    }
    let grounds = Grounds::default();
    let all = ConversationFilter::default();
    // Of some the hour changes with each message, of others it does not.
    for (step, place) in [8, 0, 4, 1, 7, 3, 8, 8, 2].into_iter().enumerate() {
        let id = groups.remove(place);
        groups.insert(0, id);
        world.post(id, &ada, &["x"]).await;
        let was_there = groups.clone();
        if step % 2 == 0 {
            participants::remove(&world.app, &world.viewer(&ben), id, ben.id, &grounds).await.unwrap();
            assert_eq!(walk(&world, &ben, &all).await, groups[1..]);
            world.clock.advance_seconds(2 * 60 * 60);
            let viewer = world.viewer(&ada);
            participants::add(&world.app, &viewer, id, &[ben.id.to_string()], &grounds).await.unwrap();
        }
        for viewer in [&ada, &ben] {
            assert_eq!(walk(&world, viewer, &all).await, was_there, "{step}");
            let other =
                ConversationFilter { archived: Some(false), kind: Some(ConversationKind::Group), ..all.clone() };
            assert_eq!(walk(&world, viewer, &other).await, was_there, "{step}");
        }
        world.clock.advance_seconds(25 * 60);
    }
}

/// While someone pages through, conversations become active and new ones begin: those move to the start, and no other
/// is doubled or left out.
pub async fn a_list_is_stable_while_conversations_become_active(store: Adapter) {
    let world = World::new(store);
    let ada = world.host("ada").await;
    let mut groups = Vec::new();
    for _ in 0..20 {
        groups.push(world.group(&[&ada]).await.id);
        world.clock.advance_seconds(1);
    }
    // The newest comes first; a page shows three, and the next one follows the last of them.
    let (seen_already, not_yet_seen) = (groups[17], groups[5]);
    let mut walked: Vec<ConversationView> = Vec::new();
    loop {
        let position = walked.last().map(|view| Position::After(key(view)));
        let page = PageRequest { limit: limit(3), position };
        let page = list(&world, &ada, &ConversationFilter::default(), &page).await;
        walked.extend(page.items);
        if !page.has_next {
            break;
        }
        if walked.len() == 3 {
            world.clock.advance_seconds(1);
            world.post(seen_already, &ada, &["x"]).await;
            world.post(not_yet_seen, &ada, &["x"]).await;
            world.group(&[&ada]).await;
        }
    }
    let wanted: Vec<ConversationId> = groups.iter().rev().copied().filter(|id| *id != not_yet_seen).collect();
    assert_eq!(ids(&walked), wanted);
    let start: HashSet<ConversationId> = ids(&list_all(world.store(), ada.id).await)[..3].iter().copied().collect();
    assert!(start.contains(&seen_already) && start.contains(&not_yet_seen));
}

/// By another participant and by kind, each alone and both together.
pub async fn a_list_is_filtered_by_participant_and_kind(store: Adapter) {
    let world = World::new(store);
    let users = world.hosts(4).await;
    let [ada, ben, cyd, dan] = users.as_slice() else { unreachable!() };
    let alone = world.group(&[ada]).await.id;
    let with_ben = world.group(&[ada, ben]).await.id;
    let with_both = world.group(&[ben, ada, cyd]).await.id;
    let direct_ben = world.direct(ada, ben).await.id;
    let direct_cyd = world.direct(cyd, ada).await.id;
    world.direct(ben, cyd).await;
    world.group(&[ben, cyd, dan]).await;
    let (group, direct) = (Some(ConversationKind::Group), Some(ConversationKind::Direct));
    for (participant, kind, wanted) in [
        (None, None, vec![direct_cyd, direct_ben, with_both, with_ben, alone]),
        (None, group, vec![with_both, with_ben, alone]),
        (None, direct, vec![direct_cyd, direct_ben]),
        (Some(ben), None, vec![direct_ben, with_both, with_ben]),
        (Some(cyd), None, vec![direct_cyd, with_both]),
        (Some(cyd), direct, vec![direct_cyd]),
        (Some(ben), group, vec![with_both, with_ben]),
        (Some(ada), group, vec![with_both, with_ben, alone]),
        (Some(dan), None, vec![]),
    ] {
        let filter = ConversationFilter {
            participant_id: participant.map(|user| user.id),
            kind,
            ..ConversationFilter::default()
        };
        assert_eq!(walk(&world, ada, &filter).await, wanted, "{filter:?}");
    }
    let nobody: UserId = world.id();
    let filter = ConversationFilter { participant_id: Some(nobody), ..ConversationFilter::default() };
    assert_eq!(walk(&world, ada, &filter).await, []);
}

/// By text in the title, without regard to case beyond ASCII too, and without any special character.
pub async fn a_list_is_filtered_by_text_in_the_title(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let titles = ["École primaire", "100 % cotton", "100 per cotton", "snake_case", "snakeXcase", "a\\b", "a/b"];
    let titles =
        titles.into_iter().chain(["ΟΔΟΣ", "İstanbul", "Straße", "Ещё чай", "[x] *? 'quoted' \"text\"", "😀 fun"]);
    let mut groups = Vec::new();
    for title in titles {
        groups.push((title, world.group_named(Some(title), &[&ada, &ben]).await.id));
    }
    world.group(&[&ada]).await;
    world.direct(&ada, &ben).await;
    world.group_named(Some("École of someone else's"), &[&ben]).await;
    for (text, wanted) in [
        ("ÉCOLE", vec!["École primaire"]),
        ("école", vec!["École primaire"]),
        ("E\u{301}cole", vec![]),
        ("ecole", vec![]),
        ("RIM", vec!["École primaire"]),
        ("%", vec!["100 % cotton"]),
        ("100 %", vec!["100 % cotton"]),
        ("100%", vec![]),
        ("_", vec!["snake_case"]),
        ("e_c", vec!["snake_case"]),
        ("\\", vec!["a\\b"]),
        ("\\%", vec![]),
        ("οδος", vec!["ΟΔΟΣ"]),
        ("οδοσ", vec![]),
        ("i\u{307}st", vec!["İstanbul"]),
        ("STRASSE", vec![]),
        ("STRAẞE", vec!["Straße"]),
        ("ЕЩЁ", vec!["Ещё чай"]),
        ("'QUOTED' \"", vec!["[x] *? 'quoted' \"text\""]),
        ("[X] *?", vec!["[x] *? 'quoted' \"text\""]),
        ("*", vec!["[x] *? 'quoted' \"text\""]),
        ("😀", vec!["😀 fun"]),
        ("😁", vec![]),
        ("cotton ", vec![]),
        (" cotton", vec!["100 per cotton", "100 % cotton"]),
    ] {
        let filter = ConversationFilter { title_contains: Some(text.to_owned()), ..ConversationFilter::default() };
        let found = walk(&world, &ada, &filter).await;
        let found: Vec<&str> = found
            .iter()
            .map(|id| groups.iter().find(|(_, group)| group == id).map_or("?", |(title, _)| *title))
            .collect();
        assert_eq!(found, wanted, "{text}");
    }
    // The empty text is in every title, but a conversation without a title has no text.
    let filter = ConversationFilter { title_contains: Some(String::new()), ..ConversationFilter::default() };
    assert_eq!(walk(&world, &ada, &filter).await.len(), groups.len());
}

/// All conditions hold at once.
pub async fn the_conditions_of_a_list_combine(store: Adapter) {
    let world = World::new(store);
    let users = world.hosts(3).await;
    let [ada, ben, cyd] = users.as_slice() else { unreachable!() };
    let wanted = world.group_named(Some("Plan B"), &[ada, ben]).await.id;
    world.group_named(Some("Plan C"), &[ada, cyd]).await;
    world.group_named(Some("Party"), &[ada, ben]).await;
    world.group_named(Some("Plan D"), &[ben, cyd]).await;
    world.direct(ada, ben).await;
    let filter = ConversationFilter {
        participant_id: Some(ben.id),
        kind: Some(ConversationKind::Group),
        title_contains: Some("plan".to_owned()),
        ..ConversationFilter::default()
    };
    assert_eq!(walk(&world, ada, &filter).await, [wanted]);
    let filter = ConversationFilter { kind: Some(ConversationKind::Direct), ..filter };
    assert_eq!(walk(&world, ada, &filter).await, []);
}
