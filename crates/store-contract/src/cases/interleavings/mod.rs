//! Whatever people do in whatever order: what everybody then sees is what a simple model says, and what a client makes of an old
//! snapshot and the events since.

mod client;
mod model;
mod people;
mod step;

use std::sync::Arc;

use proptest::collection::vec;
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, TestRunner};
use tokio::runtime::Handle;

use self::client::Client;
use self::model::Model;
use self::people::People;
use self::step::{Step, steps};
use super::expect::at_once;
use crate::Adapter;
use crate::testing::World;

/// How many people there are. The last is not in the group to begin with.
const PEOPLE: usize = 4;
/// How many histories are tried, and the most steps of each.
const HISTORIES: u32 = 24;
const STEPS: usize = 64;

/// Random histories, one step after the other.
pub async fn everyone_sees_what_a_model_says(store: Adapter) {
    let world = Arc::new(World::new(store));
    let runtime = Handle::current();
    let outcome = tokio::task::spawn_blocking(move || {
        let config = Config { cases: HISTORIES, max_shrink_iters: 200, failure_persistence: None, ..Config::default() };
        TestRunner::new(config).run(&vec((0..PEOPLE, steps()), 1..STEPS), |history| {
            runtime.block_on(follow(&world, &history));
            Ok(())
        })
    });
    if let Err(failed) = outcome.await.unwrap() {
        panic!("{failed}");
    }
}

async fn follow(world: &World, history: &[(usize, Step)]) {
    let people = People::gather(world).await;
    let mut model = Model::default();
    let mut clients: [Option<Client>; PEOPLE] = Default::default();
    for (number, (who, step)) in history.iter().enumerate() {
        if matches!(step, Step::Snapshot) {
            clients[*who] = Client::snapshot(world, &people, *who).await;
            continue;
        }
        let outcome = people.take(world, &model, *who, step, number).await;
        let allowed = model.take(*who, step, number, outcome.as_ref().ok().copied().flatten());
        assert_eq!(outcome.is_ok(), allowed, "step {number}, {who} {step:?}: {outcome:?}");
        people.check(world, &model, *who).await;
    }
    for (who, client) in clients.into_iter().enumerate() {
        people.check(world, &model, who).await;
        let fresh = Client::snapshot(world, &people, who).await;
        if let (Some(client), Some(mut fresh)) = (client, fresh) {
            let mut old = client.catch_up(world, &people, who).await;
            // What one deletes for oneself is told to nobody.
            for seq in model.hidden_from(who) {
                old.forget(seq);
                fresh.forget(seq);
            }
            assert_eq!(old, fresh, "{who}");
        }
    }
}

/// Random steps of several at once: afterwards the seqs have no gap, somebody owns the group, no cursor is where it cannot be, and
/// the events since the start make of the first snapshot the last one.
pub async fn whatever_happens_at_once_is_one_history(store: Adapter) {
    let world = Arc::new(World::new(store));
    let people = Arc::new(People::gather(&world).await);
    let witness = Client::snapshot(&world, &people, 0).await.unwrap();
    let mut runner = TestRunner::new(Config::default());
    let histories =
        vec((1..PEOPLE, steps()), STEPS).prop_map(|steps| steps.into_iter().filter(|(_, step)| step.spares(0)));
    let histories: Vec<Vec<(usize, Step)>> =
        (0..8).map(|_| histories.new_tree(&mut runner).unwrap().current().collect()).collect();
    at_once(histories.len(), |task| {
        let (world, people, history) = (Arc::clone(&world), Arc::clone(&people), histories[task].clone());
        async move {
            for (number, (who, step)) in history.into_iter().enumerate() {
                // The witness makes owners of the others, who organise the group in turn, and takes it back.
                let organises = number % 6 == 0 && !matches!(step, Step::Hide(_));
                let who = if organises { 0 } else { who };
                let model = people.look(&world).await;
                // Whether it is refused is a matter of who was faster.
                drop(people.take(&world, &model, who, &step, task * STEPS + number).await);
            }
        }
    })
    .await;
    people.check_laws(&world).await;
    let fresh = Client::snapshot(&world, &people, 0).await.unwrap();
    assert_eq!(witness.catch_up(&world, &people, 0).await, fresh);
}
