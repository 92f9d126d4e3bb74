//! pgbench, which comes with PostgreSQL: one statement for each message, without any server in between.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use crate::Result;
use crate::load::{Outcome, Tally};
use crate::stage::{Cpu, Places, Tree};

/// How long connecting may take.
const CONNECT_DEADLINE: Duration = Duration::from_secs(30);

/// The threads that pgbench itself uses.
const THREADS: u32 = 2;

/// A script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// Membership, seq and insert in one statement.
    Statement,
    /// The bare insert.
    Insert,
}

impl Script {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Statement, Self::Insert];

    /// Its name in the report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Statement => "pgbench, same statement",
            Self::Insert => "pgbench, bare insert",
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Statement => include_str!("../pgbench/statement.sql"),
            Self::Insert => include_str!("../pgbench/insert.sql"),
        }
    }
}

/// What a run of pgbench came to: its answers, and the processor time of the database and its own.
pub struct Done {
    /// Answers and latencies.
    pub outcome: Outcome,
    /// Processor seconds of the database.
    pub database: f64,
    /// Processor seconds of pgbench.
    pub driver: f64,
}

/// How to run it.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// What it does.
    pub script: Script,
    /// How many clients.
    pub clients: u32,
    /// The number of this run, which no other has.
    pub run: u32,
    /// How long before it is measured.
    pub warm_up: Duration,
    /// How long it is measured.
    pub window: Duration,
}

/// Runs it on this database, whose first process is `postmaster`.
///
/// # Errors
/// Where it fails.
pub fn run(places: &Places, url: &str, postmaster: Tree, plan: Plan) -> Result<Done> {
    let file = places.scratch.join("pgbench.sql");
    fs::write(&file, plan.script.text())?;
    let prefix = places.scratch.join(format!("pgbench-{}", plan.run));
    let seconds = (plan.warm_up + plan.window).as_secs_f64().ceil();
    let first = 1_000_000_000_000 + u64::from(plan.run) * 1_000_000_000;
    let mut child = Command::new(places.programs.join("pgbench"))
        .args(["--no-vacuum", "--protocol=prepared", "--log"])
        .arg(format!("--log-prefix={}", prefix.display()))
        .arg(format!("--client={}", plan.clients))
        .arg(format!("--jobs={}", THREADS.min(plan.clients)))
        .arg(format!("--time={seconds}"))
        .arg(format!("--define=first={first}"))
        .arg(format!("--file={}", file.display()))
        .arg(url)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("pgbench: {error}"))?;

    // Its clients have all connected when it begins to write its log.
    let begun = Instant::now();
    while logs(&prefix)?.is_empty() && child.try_wait()?.is_none() {
        if begun.elapsed() > CONNECT_DEADLINE {
            child.kill()?;
            return Err("pgbench does not begin".into());
        }
        thread::sleep(Duration::from_millis(5));
    }
    thread::sleep(plan.warm_up);
    let ours = Tree::new(child.id());
    let (database, driver) = (postmaster.cpu(), ours.cpu());
    thread::sleep(plan.window.saturating_sub(Duration::from_millis(50)));
    let spent = |now: Cpu, then| now.seconds_since(then);
    let (database, driver) = (spent(postmaster.cpu(), database), spent(ours.cpu(), driver));

    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err(format!("pgbench failed ({}):\n{}", output.status, String::from_utf8_lossy(&output.stderr)).into());
    }
    let mut lines = Vec::new();
    for log in logs(&prefix)? {
        lines.extend(fs::read_to_string(&log)?.lines().filter_map(line));
        fs::remove_file(log)?;
    }
    let latencies = measured(&lines, plan)?;
    let tally = Tally { latencies, ..Tally::new()? };
    Ok(Done { outcome: Outcome { tally, window: plan.window }, database, driver })
}

/// The files that begin like this.
fn logs(prefix: &Path) -> Result<Vec<std::path::PathBuf>> {
    let folder = prefix.parent().ok_or("a log in no folder")?;
    let name = prefix.file_name().ok_or("a log without a name")?.to_string_lossy().into_owned() + ".";
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(&name) {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// When a transaction ended and how long it took, both in microseconds.
fn line(text: &str) -> Option<(u64, u64)> {
    let mut fields = text.split(' ');
    let latency = fields.nth(2)?.parse().ok()?;
    let seconds: u64 = fields.nth(1)?.parse().ok()?;
    let micros: u64 = fields.next()?.parse().ok()?;
    Some((seconds * 1_000_000 + micros, latency))
}

/// The latencies of those that ended in the measurement, which begins some time after the first.
fn measured(lines: &[(u64, u64)], plan: Plan) -> Result<Histogram<u64>> {
    let first = lines.iter().map(|(moment, _)| *moment).min().ok_or("pgbench has logged nothing")?;
    let begin = first + u64::try_from(plan.warm_up.as_micros())?;
    let end = begin + u64::try_from(plan.window.as_micros())?;
    let mut latencies = Tally::new()?.latencies;
    for (moment, latency) in lines {
        if (begin..end).contains(moment) {
            latencies.saturating_record(*latency);
        }
    }
    Ok(latencies)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_log_has_a_moment_and_a_latency() {
        assert_eq!(line("0 199 2241 0 1175850568 995598"), Some((1_175_850_568_995_598, 2241)));
        assert_eq!(line("nothing"), None);
    }

    #[test]
    fn only_what_ended_in_the_window_counts() {
        let plan = Plan {
            script: Script::Insert,
            clients: 1,
            run: 1,
            warm_up: Duration::from_micros(10),
            window: Duration::from_micros(20),
        };
        let counted = measured(&[(100, 5), (109, 5), (110, 7), (129, 7), (130, 9)], plan).unwrap();
        assert_eq!((counted.len(), counted.max()), (2, 7));
    }
}
