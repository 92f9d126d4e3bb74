//! What can be chosen on the command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::stage::Backend;

/// What to run, and for how long.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// Everything once and shortly, to see that it works: its figures mean little
    #[arg(long)]
    pub quick: bool,
    /// Run only these
    #[arg(long, value_name = "NAME", num_args = 1.., value_enum)]
    pub only: Vec<Scenario>,
    /// Run only on this database
    #[arg(long, value_name = "NAME", value_enum)]
    pub database: Option<Backend>,
    /// Only with so many clients, where a scenario goes through several numbers of them [default: 1 16 64 256]
    #[arg(long, value_name = "N", num_args = 1.., value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub clients: Vec<u32>,
    /// How often each measurement is made; the report has the medians [default: 3, or 1 with --quick]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub rounds: Option<u32>,
    /// How long a measurement takes [default: 4, or 1 with --quick]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=600))]
    pub seconds: Option<u64>,
    /// Where results.json and send.svg are written
    #[arg(long, value_name = "FOLDER", default_value = "docs/performance")]
    pub output: PathBuf,
    /// Keep the driver's thread on the last core
    #[arg(long)]
    pub pin: bool,
}

/// The longest measurement of reads.
const READS: Duration = Duration::from_secs(3);

/// What can be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Scenario {
    /// Messages to many conversations, with the yardsticks
    Send,
    /// All to one conversation
    Hot,
    /// A few senders, while others flood a conversation
    Flood,
    /// Pages of 50 messages
    History,
    /// Lists of 20 conversations
    List,
    /// All of it at once
    Mixed,
    /// Messages at a fixed rate
    Open,
    /// Two nodes on one PostgreSQL
    Nodes,
    /// Every page of somebody who has little, and of somebody who has much
    Sizes,
}

impl Options {
    /// The scenarios to run, in their order.
    pub fn scenarios(&self) -> Vec<Scenario> {
        let all = Scenario::value_variants().iter().copied();
        all.filter(|scenario| self.only.is_empty() || self.only.contains(scenario)).collect()
    }

    /// The databases to run on.
    pub fn backends(&self) -> impl Iterator<Item = Backend> + use<> {
        let database = self.database;
        Backend::ALL.into_iter().filter(move |backend| database.is_none_or(|database| database == *backend))
    }

    /// How often each measurement is made.
    pub fn rounds(&self) -> u32 {
        self.rounds.unwrap_or(if self.quick { 1 } else { 3 })
    }

    /// How long a measurement takes.
    pub fn window(&self) -> Duration {
        Duration::from_secs(self.seconds.unwrap_or(if self.quick { 1 } else { 4 }))
    }

    /// How long a measurement of this scenario takes. Reads vary less, and there are many of them.
    pub fn window_of(&self, scenario: &str) -> Duration {
        match scenario {
            "history" | "list" => self.window().min(READS),
            _ => self.window(),
        }
    }

    /// How long a load runs before it is measured.
    pub fn warm_up(&self) -> Duration {
        Duration::from_millis(if self.quick { 200 } else { 500 })
    }

    /// The numbers of clients that most scenarios go through.
    pub fn clients(&self) -> &[u32] {
        match (self.clients.as_slice(), self.quick) {
            ([], true) => &[1, 64],
            ([], false) => &[1, 16, 64, 256],
            (chosen, _) => chosen,
        }
    }
}
