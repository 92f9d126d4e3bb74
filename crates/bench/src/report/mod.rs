//! What came of it: as JSON, as a table, and as ratios with their targets.

mod ratios;
mod table;

pub use ratios::{Ratio, SIZES, ratios};
pub use table::print;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::stage::Machine;

/// The file `results.json`.
#[derive(Debug, Serialize, Deserialize)]
pub struct Report {
    /// The machine.
    pub machine: Machine,
    /// How it was run.
    pub settings: Settings,
    /// Every measurement.
    pub runs: Vec<Run>,
    /// What they come to.
    pub ratios: Vec<Ratio>,
}

/// How it was run.
#[derive(Debug, Serialize, Deserialize)]
pub struct Settings {
    /// How often each measurement was made.
    pub rounds: u32,
    /// How long one took, in seconds.
    pub seconds: f64,
    /// Whether the driver was kept on one core.
    pub pinned: bool,
    /// Whether it was a quick run, whose figures mean little.
    pub quick: bool,
}

/// What was measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Labels {
    /// The scenario, such as `send`.
    pub scenario: String,
    /// The database: `postgresql`, `sqlite`, or `none`.
    pub database: String,
    /// What was run, such as `confab`.
    pub variant: String,
    /// How many clients there were.
    pub clients: u32,
    /// How many messages there were to begin with.
    pub messages: u32,
}

/// One measurement: the medians of its rounds, figure by figure.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Run {
    /// What was measured.
    #[serde(flatten)]
    pub labels: Labels,
    /// The medians.
    #[serde(flatten)]
    pub median: Figures,
    /// The throughput of each round.
    pub rounds: Vec<f64>,
}

/// The figures of a round. Latencies are in milliseconds, memory in mebibytes, processor time in seconds for each second
/// that was measured: 1 is one core. What could not be had is `null`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Figures {
    /// Answers in a second.
    pub per_second: f64,
    /// Half of the answers came within this.
    pub p50_ms: f64,
    /// Nine of ten.
    pub p90_ms: f64,
    /// 99 of a hundred.
    pub p99_ms: f64,
    /// 999 of a thousand.
    pub p999_ms: f64,
    /// The slowest.
    pub max_ms: f64,
    /// Answers that were not what they should be.
    pub errors: f64,
    /// Cores that the server kept busy.
    pub server_cores: Option<f64>,
    /// Cores that the database kept busy; an SQLite database is in the server.
    pub database_cores: Option<f64>,
    /// Cores that the driver kept busy.
    pub driver_cores: Option<f64>,
    /// The most memory that the server has had since it was started.
    pub server_mib: Option<f64>,
    /// The memory of all the database's processes at the end, with what they share counted once.
    pub database_mib: Option<f64>,
    /// The most memory that the driver has had since it was started.
    pub driver_mib: Option<f64>,
}

impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scenario, database, variant, clients, messages } = self;
        write!(f, "{scenario} {database} {variant}, {clients} clients, {messages} messages")
    }
}

impl Run {
    /// The medians of these rounds; none where there are none.
    pub fn of(labels: Labels, rounds: &[Figures]) -> Option<Self> {
        let first = rounds.first()?;
        let of = |figure: fn(&Figures) -> f64| median(rounds.iter().map(figure).collect());
        let of_some = |figure: fn(&Figures) -> Option<f64>| {
            figure(first).map(|_| median(rounds.iter().filter_map(figure).collect()))
        };
        let median = Figures {
            per_second: of(|round| round.per_second),
            p50_ms: of(|round| round.p50_ms),
            p90_ms: of(|round| round.p90_ms),
            p99_ms: of(|round| round.p99_ms),
            p999_ms: of(|round| round.p999_ms),
            max_ms: of(|round| round.max_ms),
            // An error is one in whichever round.
            errors: rounds.iter().map(|round| round.errors).sum(),
            server_cores: of_some(|round| round.server_cores),
            database_cores: of_some(|round| round.database_cores),
            driver_cores: of_some(|round| round.driver_cores),
            server_mib: of_some(|round| round.server_mib),
            database_mib: of_some(|round| round.database_mib),
            driver_mib: of_some(|round| round.driver_mib),
        };
        Some(Self { labels, median, rounds: rounds.iter().map(|round| round.per_second).collect() })
    }
}

/// The one in the middle, or the mean of the two there; no number is 0.
fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    match (numbers.len() % 2, numbers.get(middle), numbers.get(middle.wrapping_sub(1))) {
        (1, Some(one), _) => *one,
        (_, Some(one), Some(other)) => f64::midpoint(*one, *other),
        _ => 0.0,
    }
}

/// A number with no more digits than it deserves: four that count.
pub(crate) fn rounded(number: f64) -> f64 {
    if number == 0.0 || !number.is_finite() {
        return 0.0;
    }
    let digits = 3 - number.abs().log10().floor() as i32;
    let factor = 10f64.powi(digits.clamp(0, 6));
    (number * factor).round() / factor
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0]), 2.5);
        assert_eq!(median(vec![]), 0.0);
    }

    #[test]
    fn numbers_keep_the_digits_that_count() {
        assert_eq!(rounded(12_345.678), 12_346.0);
        assert_eq!(rounded(1.234_567), 1.235);
        assert_eq!(rounded(0.012_345), 0.012_35);
        assert_eq!(rounded(0.0), 0.0);
    }
}
