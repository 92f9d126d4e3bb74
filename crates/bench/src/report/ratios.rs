//! What the figures must show.

use serde::{Deserialize, Serialize};

use super::{Figures, Labels, Run, rounded};
use crate::fill::extent::{LARGE, SMALL};
use crate::pgbench::Script;
use crate::stage::{Backend, Kind};

/// A figure, or one by another, and what it should be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ratio {
    /// What it is.
    pub name: String,
    /// What it came to.
    pub value: f64,
    /// What it should be.
    pub target: f64,
    /// Whether more is better.
    pub at_least: bool,
    /// Whether it is what it should be.
    pub met: bool,
}

/// Those whose figures were measured.
pub fn ratios(runs: &[Run]) -> Vec<Ratio> {
    let figures = All(runs);
    let mut found = Vec::new();
    found.extend(figures.send());
    for backend in Backend::ALL {
        found.extend(figures.hot(backend.name()));
        for scenario in ["history", "list"] {
            found.extend(figures.reads(scenario, backend.name()));
        }
    }
    found.extend(figures.nodes());
    found.extend(figures.sizes());
    found
}

struct All<'a>(&'a [Run]);

/// Where reads are compared.
const SIZE: u32 = 100_000;
const CLIENTS: u32 = 64;
/// The scenario whose pages are compared one by one.
pub const SIZES: &str = "sizes";
const CONFAB: &str = Kind::Confab.name();

impl All<'_> {
    fn of(&self, scenario: &str, database: &str, variant: &str, clients: u32) -> Option<&Figures> {
        self.sized(scenario, database, variant, clients, SIZE)
    }

    fn sized(&self, scenario: &str, database: &str, variant: &str, clients: u32, messages: u32) -> Option<&Figures> {
        let is_it = |run: &&Run| {
            let labels = &run.labels;
            (labels.scenario.as_str(), labels.database.as_str(), labels.variant.as_str())
                == (scenario, database, variant)
                && (labels.clients, labels.messages) == (clients, messages)
        };
        self.0.iter().find(is_it).map(|run| &run.median)
    }

    fn send(&self) -> Vec<Ratio> {
        let send = |database, variant, clients| self.of("send", database, variant, clients);
        let postgres = |variant| send("postgresql", variant, CLIENTS);
        let (statement, insert) = (Script::Statement.name(), Script::Insert.name());
        let transactions = Kind::Transactions.name();
        let mut found = Vec::new();
        for (variant, target) in [(statement, 1.5), (insert, 1.0), (transactions, 4.0)] {
            let (one, other) = (postgres(CONFAB), postgres(variant));
            let name = format!("send, PostgreSQL, {CLIENTS} clients: by {variant}");
            found.extend(at_least(name, throughput(one, other), target));
        }
        let tail = postgres(CONFAB).zip(postgres(transactions)).map(|(one, other)| one.p99_ms / other.p50_ms);
        found.extend(at_most(
            format!("send, PostgreSQL, {CLIENTS} clients: p99 by the p50 of {transactions}"),
            tail,
            1.0,
        ));
        let (one, other) = (send("sqlite", CONFAB, CLIENTS), send("sqlite", transactions, CLIENTS));
        let name = format!("send, SQLite, {CLIENTS} clients: by {transactions}");
        found.extend(at_least(name, throughput(one, other), 10.0));
        let alone = (|| {
            let echo = send("none", Kind::Echo.name(), 1)?;
            Some(send("postgresql", CONFAB, 1)?.p50_ms / (send("postgresql", statement, 1)?.p50_ms + echo.p50_ms))
        })();
        found.extend(at_most(format!("send, PostgreSQL, 1 client: p50 by those of {statement} and echo"), alone, 1.5));
        found
    }

    fn hot(&self, database: &str) -> Vec<Ratio> {
        let one = self.of("hot", database, CONFAB, CLIENTS);
        let hot = throughput(one, self.of("send", database, CONFAB, CLIENTS));
        let [quiet, flooded] = ["alone", "flooded"].map(|variant| self.of("flood", database, variant, 8));
        let tail = flooded.zip(quiet).map(|(one, other)| one.p99_ms / other.p99_ms);
        let name = format!("one hot conversation, {database}, {CLIENTS} senders: by many conversations");
        let of_tail = format!("flooded conversation, {database}: p99 of 8 others by their p99 alone");
        at_least(name, hot, 0.5).into_iter().chain(at_most(of_tail, tail, 2.0)).collect()
    }

    fn reads(&self, scenario: &str, database: &str) -> Vec<Ratio> {
        let of = |variant, messages| self.sized(scenario, database, variant, CLIENTS, messages);
        let mut found = Vec::new();
        if let (Some(confab), Some(raw)) = (of(CONFAB, SIZE), of(Kind::Raw.name(), SIZE)) {
            let name = format!("{scenario}, {database}, {CLIENTS} clients: pages a second");
            found.extend(at_least(name, Some(confab.per_second), 10_000.0));
            let name = format!("{scenario}, {database}, {CLIENTS} clients: by one statement over raw sqlx");
            found.extend(at_least(name, Some(confab.per_second / raw.per_second), 0.6));
        }
        let sizes = [10_000, SIZE, 1_000_000].map(|messages| of(CONFAB, messages).map(|found| found.per_second));
        if let [Some(small), Some(middle), Some(large)] = sizes {
            let least = small.min(middle).min(large) / small.max(middle).max(large);
            let name = format!("{scenario}, {database}: the slowest by the fastest of 10 k, 100 k and 1 M messages");
            found.extend(at_least(name, Some(least), 0.85));
        }
        found
    }

    /// Each page of much, by the same page of little.
    fn sizes(&self) -> Vec<Ratio> {
        let large = self.0.iter().filter(|run| run.labels.scenario == SIZES && run.labels.messages == LARGE.messages);
        let by_small = |large: &Run| {
            let Labels { scenario, database, variant, clients, .. } = &large.labels;
            let small = self.sized(scenario, database, variant, *clients, SMALL.messages)?;
            at_most(format!("{database}: {variant}"), Some(large.median.p50_ms / small.p50_ms), 3.0)
        };
        large.filter_map(by_small).collect()
    }

    fn nodes(&self) -> Option<Ratio> {
        let [one, two] = ["one node", "two nodes"].map(|variant| self.of("nodes", "postgresql", variant, CLIENTS));
        at_least("two nodes on one PostgreSQL, 10 conversations: by one node".to_owned(), throughput(two, one), 0.9)
    }
}

fn throughput(one: Option<&Figures>, other: Option<&Figures>) -> Option<f64> {
    one.zip(other).map(|(one, other)| one.per_second / other.per_second)
}

fn at_least(name: String, value: Option<f64>, target: f64) -> Option<Ratio> {
    value.map(|value| Ratio { name, value: rounded(value), target, at_least: true, met: value >= target })
}

fn at_most(name: String, value: Option<f64>, target: f64) -> Option<Ratio> {
    value.map(|value| Ratio { name, value: rounded(value), target, at_least: false, met: value <= target })
}
