//! What somebody has read all of is marked when they ask for what they have not, and only while that is so.

use std::sync::Arc;
use std::time::Duration;

use confab_application::conversations::{count_unread, list, mark_all_read, mark_read, mark_unread};
use confab_application::ports::{ConversationFilter, Limit, PageRequest, Participants};
use confab_domain::{ConversationId, User};
use confab_store_contract::testing::World;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::support::Place;

/// What no place may be at any time: marked, with something after its cursor; or in a conversation that does not tell.
const WRONG: &str = "caught_up AND EXISTS (SELECT 1 FROM participants AS p JOIN conversations AS c ON c.id = p.conversation_id \
    WHERE p.conversation_id = listings.conversation_id AND p.user_id = listings.user_id \
    AND (p.last_read_seq < c.last_seq OR NOT c.some_caught_up))";

/// How many they have not read; and how many conversations are listed as unread, which must agree.
async fn unread(world: &World, user: &User) -> u64 {
    let (viewer, filter) = (world.viewer(user), ConversationFilter { unread: Some(true), ..Default::default() });
    let page = PageRequest::first(Limit::DEFAULT);
    let listed = list(&world.app, &viewer, &filter, &page, Participants::None).await.unwrap().items;
    let of_listed = listed.iter().map(|view| view.unread.count).sum::<u64>();
    let counted = world.store().conversations().count(user.id, &filter, 100).await.unwrap();
    assert_eq!(counted, listed.len() as u64);
    assert_eq!(count_unread(&world.app, &viewer).await.unwrap().count, of_listed);
    of_listed
}

async fn is_marked(place: &impl Place, count: i64) {
    for _ in 0..500 {
        if place.count("listings", "caught_up").await == count {
            return;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("{} are marked, not {count}", place.count("listings", "caught_up").await);
}

/// Has something happen to each of them later, in a conversation of their own, so that the others are quiet.
async fn make_others_quiet(place: &impl Place, world: &World, users: &[User]) {
    for user in users {
        world.group(&[user]).await;
    }
    let own = "conversation_id IN (SELECT id FROM conversations WHERE participant_count = 1)";
    place.execute(&format!("UPDATE listings SET hour = hour + 2 WHERE {own}")).await;
}

async fn read_all(world: &World, user: &User, id: ConversationId) {
    let standing = world.store().conversations().standing(user.id, id).await.unwrap().unwrap();
    mark_read(&world.app, &world.viewer(user), id, standing.conversation.last_seq.as_i64()).await.unwrap();
}

pub async fn what_is_read_is_marked_until_it_is_not(place: &impl Place) {
    let world = World::new(Arc::new(place.store().await));
    let [ada, ben, cleo, dora] = [world.host("ada"), world.host("ben"), world.host("cleo"), world.host("dora")];
    let (ada, ben, cleo, dora) = tokio::join!(ada, ben, cleo, dora);
    let everyone = [&ada, &ben, &cleo, &dora];
    let (group, other) = (world.group(&everyone).await.id, world.group(&everyone).await.id);
    for id in [group, other] {
        world.post(id, &ada, &["one", "two"]).await;
    }
    make_others_quiet(place, &world, &[ben.clone(), cleo.clone(), dora.clone()]).await;
    for (number, user) in [&ben, &cleo].into_iter().enumerate() {
        read_all(&world, user, group).await;
        assert_eq!(unread(&world, user).await, 2);
        is_marked(place, number as i64 + 1).await;
        assert_eq!(unread(&world, user).await, 2);
    }
    // One goes back, by themselves.
    mark_unread(&world.app, &world.viewer(&cleo), group, 2).await.unwrap();
    assert_eq!((place.count("listings", "caught_up").await, unread(&world, &cleo).await), (1, 3));
    // What one has posted one has read; somebody else's is unread to the one and the other.
    world.post(group, &dora, &["three"]).await;
    assert_eq!(place.count("listings", "caught_up").await, 0);
    assert_eq!(place.count("conversations", "some_caught_up").await, 0);
    assert_eq!((unread(&world, &ben).await, unread(&world, &cleo).await, unread(&world, &dora).await), (3, 4, 2));
    // All at once, what is marked and what is not.
    is_marked(place, 1).await;
    assert_eq!(mark_all_read(&world.app, &world.viewer(&dora)).await.unwrap(), 1);
    assert_eq!(unread(&world, &dora).await, 0);
    assert_eq!(place.count("listings", WRONG).await, 0);
}

pub async fn nothing_is_marked_that_is_unread_whatever_happens_at_once(place: &impl Place) {
    const READERS: usize = 24;
    let world = Arc::new(World::new(Arc::new(place.store().await)));
    let writer = world.host("writer").await;
    let readers = world.hosts(READERS).await;
    let everyone: Vec<&User> = [&writer].into_iter().chain(&readers).collect();
    let mut groups = Vec::new();
    for _ in 0..3 {
        groups.push(world.group(&everyone).await.id);
    }
    make_others_quiet(place, &world, &readers).await;
    let mut tasks = JoinSet::new();
    for reader in readers.clone() {
        let (world, groups) = (Arc::clone(&world), groups.clone());
        tasks.spawn(async move {
            for round in 0..6 {
                for id in &groups {
                    read_all(&world, &reader, *id).await;
                }
                // The first to ask that finds nobody being served; the others again in the next round.
                count_unread(&world.app, &world.viewer(&reader)).await.unwrap();
                if round % 3 == 2 {
                    world.post(groups[0], &reader, &["as well"]).await;
                    let unread = mark_unread(&world.app, &world.viewer(&reader), groups[1], 1).await;
                    assert!(unread.is_ok());
                }
            }
        });
    }
    for round in 0..20 {
        for id in &groups {
            world.post(*id, &writer, &["and another"]).await;
        }
        assert_eq!(place.count("listings", WRONG).await, 0, "in round {round}");
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    for reader in &readers {
        read_all(&world, reader, groups[2]).await;
        assert!(count_unread(&world.app, &world.viewer(reader)).await.unwrap().count > 0);
    }
    assert_eq!(place.count("listings", WRONG).await, 0);
}
