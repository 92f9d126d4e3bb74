//! What is run.

mod bench;
mod send;

pub use bench::{Bench, Http};

use crate::Result;
use crate::options::{Options, Scenario};
use crate::report::Run;
use crate::stage::Places;

/// Runs what the options ask for, and gives what was measured.
///
/// # Errors
/// Where a part of it cannot be run, an answer is not what it should be, or a law did not hold.
pub async fn run(places: Places, options: &Options) -> Result<Vec<Run>> {
    let mut bench = Bench::new(places, options.clone());
    for scenario in options.scenarios() {
        match scenario {
            Scenario::Send => send::run(&mut bench).await?,
            _ => {}
        }
    }
    Ok(bench.into_runs())
}
