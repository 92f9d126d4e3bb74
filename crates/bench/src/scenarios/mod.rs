//! What is run.

mod bench;
mod compare;
mod crowds;
mod mixed;
mod reads;
mod send;
mod sizes;

use std::rc::Rc;
use std::sync::Arc;

use crate::Result;
use crate::load::Senders;
use crate::options::{Options, Scenario};
use crate::report::{Labels, Run};
use crate::stage::Places;
use crate::world::{self, Size, USERS};

use bench::{Bench, MakeClient};

/// How many messages there are to begin with, unless it is said otherwise.
pub const SIZE: Size = Size::new(100_000);

/// Runs what the options ask for, and gives what was measured.
///
/// # Errors
/// Where a part of it cannot be run, an answer is not what it should be, or a law did not hold.
pub async fn run(places: Places, options: &Options) -> Result<Vec<Run>> {
    let mut bench = Bench::new(places, options.clone());
    for scenario in options.scenarios() {
        match scenario {
            Scenario::Send => send::run(&mut bench).await?,
            Scenario::Hot => crowds::hot(&mut bench).await?,
            Scenario::Flood => crowds::flood(&mut bench).await?,
            Scenario::History => reads::run(&mut bench, "history").await?,
            Scenario::List => reads::run(&mut bench, "list").await?,
            Scenario::Mixed => mixed::run(&mut bench).await?,
            Scenario::Open => mixed::open(&mut bench).await?,
            Scenario::Nodes => crowds::nodes(&mut bench).await?,
            Scenario::Sizes => sizes::run(&mut bench).await?,
        }
    }
    Ok(bench.into_runs())
}

/// The labels of a measurement on a database of the usual size.
fn labels(scenario: &str, database: &str, variant: &str, clients: u32) -> Labels {
    Labels {
        scenario: scenario.to_owned(),
        database: database.to_owned(),
        variant: variant.to_owned(),
        clients,
        messages: SIZE.messages(),
    }
}

/// Clients that send to all the groups that they are in.
fn senders() -> MakeClient {
    let groups = world::groups_by_user();
    Arc::new(move |client, tokens, keys| {
        let own: Rc<[u32]> = groups[(client % USERS) as usize].as_slice().into();
        (0, true, Box::new(Senders::new(client, tokens, own, keys)))
    })
}
