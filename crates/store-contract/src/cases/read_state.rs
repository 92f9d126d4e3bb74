//! How far everybody has read.

use std::sync::Arc;

use confab_application::conversations::{
    ReadState, count_unread, mark_all_read, mark_delivered, mark_read, mark_unread,
};
use confab_application::messages::{self, NewMessage};
use confab_application::ports::{Limit, PageRequest};
use confab_application::{App, Viewer};
use confab_domain::{ConversationId, Seq, UnreadCount, User};
use proptest::prelude::{Just, Strategy, prop, prop_oneof};
use proptest::test_runner::{Config, TestRunner};
use tokio::runtime::Handle;

use super::expect::{at_once, participant};
use crate::Adapter;
use crate::testing::World;

/// How many take part in a random history.
const PEOPLE: usize = 3;

/// Something that somebody does; the numbers are reduced to what there is.
#[derive(Debug, Clone)]
enum Step {
    Post,
    Read(usize),
    Delivered(usize),
    Unread(usize),
    ReadAll,
}

/// What should come of it: who sent each message, and each one's cursors.
#[derive(Default)]
struct Model {
    senders: Vec<usize>,
    read: [usize; PEOPLE],
    delivered: [usize; PEOPLE],
}

impl Model {
    fn take(&mut self, who: usize, step: &Step) {
        let end = self.senders.len();
        match step {
            Step::Post => {
                self.senders.push(who);
                self.read[who] = end + 1;
            }
            Step::Read(seq) => self.read[who] = self.read[who].max(seq % (end + 1)),
            Step::Delivered(seq) => self.delivered[who] = self.delivered[who].max(seq % (end + 1)),
            Step::Unread(_) if end == 0 => {}
            Step::Unread(seq) => self.read[who] = self.read[who].min(seq % end),
            Step::ReadAll => self.read[who] = end,
        }
        self.delivered[who] = self.delivered[who].max(self.read[who]);
    }

    fn unread(&self, who: usize) -> u64 {
        self.senders[self.read[who]..].iter().filter(|sender| **sender != who).count() as u64
    }
}

/// Random histories: after each step everybody's cursors and counts are those of a simple model, and no cursor lies before
/// the one that it must not pass.
pub async fn read_state_follows_a_model(store: Adapter) {
    let world = Arc::new(World::new(store));
    let mut people = Vec::new();
    for name in ["ada", "ben", "cleo"] {
        people.push(world.host(name).await);
    }
    let runtime = Handle::current();
    let outcome = tokio::task::spawn_blocking(move || {
        let step = prop_oneof![
            4 => Just(Step::Post),
            2 => (0..64usize).prop_map(Step::Read),
            1 => (0..64usize).prop_map(Step::Delivered),
            2 => (0..64usize).prop_map(Step::Unread),
            1 => Just(Step::ReadAll),
        ];
        let histories = prop::collection::vec((0..PEOPLE, step), 1..24);
        let config = Config { cases: 12, failure_persistence: None, ..Config::default() };
        TestRunner::new(config).run(&histories, |history| {
            runtime.block_on(follow(&world, &people, &history));
            Ok(())
        })
    });
    if let Err(failed) = outcome.await.unwrap() {
        panic!("{failed}");
    }
}

async fn follow(world: &World, people: &[User], history: &[(usize, Step)]) {
    let group = world.group(&people.iter().collect::<Vec<_>>()).await.id;
    let viewers: Vec<Viewer> = people.iter().map(|user| world.viewer(user)).collect();
    let mut model = Model::default();
    let mut sent = Vec::new();
    for (who, step) in history {
        let end = model.senders.len();
        let (app, viewer) = (&world.app, &viewers[*who]);
        model.take(*who, step);
        let state = match step {
            Step::Post => {
                sent.push(messages::send(app, viewer, group, say()).await.unwrap().view.message.id);
                None
            }
            Step::Read(seq) => Some(mark_read(app, viewer, group, (seq % (end + 1)) as i64).await.unwrap()),
            Step::Delivered(seq) => Some(mark_delivered(app, viewer, group, (seq % (end + 1)) as i64).await.unwrap()),
            Step::Unread(_) if end == 0 => None,
            Step::Unread(seq) => Some(mark_unread(app, viewer, group, (seq % end + 1) as i64).await.unwrap()),
            Step::ReadAll => {
                mark_all_read(app, viewer).await.unwrap();
                None
            }
        };
        if let Some(state) = state {
            assert_eq!(state, expected(&model, *who));
        }
    }
    for (who, viewer) in viewers.iter().enumerate() {
        let place = participant(world.store(), group, viewer.user.id).await.unwrap();
        let view = world.store().conversations().find(viewer.user.id, group).await.unwrap().unwrap();
        let ReadState { last_read_seq, last_delivered_seq, unread } = expected(&model, who);
        assert_eq!((place.last_read_seq, place.last_delivered_seq), (last_read_seq, last_delivered_seq));
        assert!(last_read_seq <= last_delivered_seq && last_delivered_seq <= view.conversation.last_seq);
        assert_eq!(view.unread, unread);
        // All that is unread elsewhere was left by the histories before this one.
        mark_all_read(&world.app, viewer).await.unwrap();
        assert_eq!(count_unread(&world.app, viewer).await.unwrap().count, 0);
        if last_read_seq < view.conversation.last_seq {
            mark_unread(&world.app, viewer, group, last_read_seq.next().as_i64()).await.unwrap();
        }
        assert_eq!(count_unread(&world.app, viewer).await.unwrap(), unread);
    }
    for (place, id) in sent.iter().enumerate() {
        let page = PageRequest::first(Limit::DEFAULT);
        let reader = people[0].id;
        let readers = world.store().messages().readers(reader, group, *id, &page).await.unwrap().unwrap();
        let readers: Vec<_> = readers.items.iter().map(|card| card.id).collect();
        let expected: Vec<_> =
            (0..PEOPLE).filter(|who| model.read[*who] > place && model.senders[place] != *who).collect();
        assert_eq!(readers, expected.iter().map(|who| people[*who].id).collect::<Vec<_>>());
    }
}

fn expected(model: &Model, who: usize) -> ReadState {
    let seq = |number: usize| Seq::parse(number as i64).unwrap();
    ReadState {
        last_read_seq: seq(model.read[who]),
        last_delivered_seq: seq(model.delivered[who]),
        unread: UnreadCount { count: model.unread(who), is_capped: false },
    }
}

fn say() -> NewMessage {
    NewMessage { body: "x".to_owned(), ..NewMessage::default() }
}

/// One person's devices read, mark unread and mark all read while others and they themselves post, in several conversations
/// at once: nobody waits for ever, and the cursors keep their order.
pub async fn cursors_that_move_at_once_keep_their_order(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let mut groups = Vec::new();
    for _ in 0..4 {
        groups.push(world.group(&[&ada, &ben]).await.id);
    }
    at_once(8, |task| {
        let (app, groups) = (world.app.clone(), groups.clone());
        let (ada, ben) = (world.viewer(&ada), world.viewer(&ben));
        async move {
            for round in 0..10 {
                let group = groups[(task + round) % groups.len()];
                act(&app, &ada, &ben, group, task).await;
            }
        }
    })
    .await;
    for group in groups {
        let end = world.store().conversations().find(ben.id, group).await.unwrap().unwrap().conversation.last_seq;
        for user in [&ada, &ben] {
            let place = participant(world.store(), group, user.id).await.unwrap();
            assert!(place.last_read_seq <= place.last_delivered_seq && place.last_delivered_seq <= end, "{place:?}");
        }
    }
}

async fn act(app: &App, ada: &Viewer, ben: &Viewer, group: ConversationId, task: usize) {
    match task % 4 {
        0 => drop(mark_all_read(app, ada).await.unwrap()),
        1 => drop(messages::send(app, ada, group, say()).await.unwrap()),
        2 => {
            messages::send(app, ben, group, say()).await.unwrap();
            mark_unread(app, ada, group, 1).await.unwrap();
        }
        _ => {
            let end = app.store.conversations().find(ben.user.id, group).await.unwrap().unwrap().conversation.last_seq;
            mark_delivered(app, ada, group, end.as_i64()).await.unwrap();
        }
    }
}

/// Counts end at a hundred, and a monologue of one's own that is marked unread is looked through no further than a window.
pub async fn counts_end_at_a_hundred(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let group = world.group(&[&ada, &ben]).await.id;
    let mut counts = Vec::new();
    for more in [99, 1, 900] {
        world.post(group, &ada, &vec!["x"; more]).await;
        let unread = world.store().conversations().find(ben.id, group).await.unwrap().unwrap().unread;
        counts.push((unread.count, unread.is_capped));
        assert_eq!(count_unread(&world.app, &world.viewer(&ben)).await.unwrap().count, unread.count);
    }
    assert_eq!(counts, [(99, false), (100, true), (100, true)]);
    world.post(group, &ben, &["y"]).await;
    let state = mark_unread(&world.app, &world.viewer(&ada), group, 1).await.unwrap();
    assert_eq!(state.unread, UnreadCount { count: 0, is_capped: true });
    let state = mark_read(&world.app, &world.viewer(&ada), group, 1).await.unwrap();
    assert_eq!(state.unread, UnreadCount { count: 1, is_capped: false });
}

/// Readers are those who have read it, whichever way one pages; whoever is not in the conversation sees none.
pub async fn readers_are_paged_both_ways(store: Adapter) {
    let world = World::new(store);
    let users = world.hosts(6).await;
    let stranger = world.host("eve").await;
    let group = world.group(&users.iter().collect::<Vec<_>>()).await.id;
    let message = world.post(group, &users[0], &["x"]).await.remove(0).id;
    for user in &users[1..5] {
        mark_read(&world.app, &world.viewer(user), group, 1).await.unwrap();
    }
    let ids: Vec<_> = users[1..5].iter().map(|user| user.id).collect();
    let read = super::expect::limit(3);
    let messages = world.store().messages();
    let pages = [
        (None, &ids[..3], false, true),
        (Some(confab_application::ports::Position::After(ids[1])), &ids[2..], true, false),
        (Some(confab_application::ports::Position::Before(ids[3])), &ids[..3], false, true),
        (Some(confab_application::ports::Position::After(users[5].id)), &ids[..0], false, false),
    ];
    for (position, expected, has_previous, has_next) in pages {
        let page = PageRequest { limit: read, position };
        let page = messages.readers(users[5].id, group, message, &page).await.unwrap().unwrap();
        assert_eq!(page.items.iter().map(|card| card.id).collect::<Vec<_>>(), expected);
        assert_eq!((page.has_previous, page.has_next), (has_previous, has_next));
    }
    let page = PageRequest::first(read);
    assert_eq!(messages.readers(stranger.id, group, message, &page).await.unwrap(), None);
    assert_eq!(messages.readers(users[0].id, world.id(), message, &page).await.unwrap(), None);
    assert_eq!(messages.readers(users[0].id, group, world.id(), &page).await.unwrap(), None);
}
