//! The machinery of a measurement.

use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::Result;
use crate::load::{self, Client, Key, Load, Loop, Outcome};
use crate::options::Options;
use crate::pgbench::{self, Plan, Script};
use crate::report::{Figures, Labels, Run, rounded};
use crate::stage::{Backend, Database, Kind, Places, Server, Template, Templates, Tree, Verifier};
use crate::world::Size;

/// Everything that goes through all scenarios.
pub struct Bench {
    /// Where things are.
    pub places: Places,
    /// What was asked for.
    pub options: Options,
    templates: Templates,
    runs: Vec<Run>,
    number: u32,
}

/// A database of its own for a scenario, a copy of a filled one.
pub struct Stage {
    /// The database.
    pub database: Database,
    /// What it was copied from.
    pub template: Rc<Template>,
    /// Asks it.
    pub verifier: Verifier,
    /// PostgreSQL's processes.
    pub postmaster: Option<Tree>,
    /// What was acknowledged in it.
    pub acknowledged: Vec<(Key, u64)>,
}

/// A load over HTTP.
pub struct Http<'a> {
    /// The servers, for which time and memory are counted.
    pub servers: &'a [&'a Server],
    /// How many clients there are. Each makes one of `make`.
    pub clients: u32,
    /// Makes the client of this number: the server that it goes to, and whether it is measured, come with it.
    pub make: MakeClient,
    /// How requests come about.
    pub pace: Loop,
    /// How long it is measured.
    pub window: Duration,
}

/// Makes a client by its number, with the tokens of all users and the keys of this run.
pub type MakeClient = Arc<dyn Fn(u32, &[String], &Rc<load::Keys>) -> (usize, bool, Box<dyn Client>) + Send + Sync>;

impl Bench {
    /// Nothing yet.
    pub fn new(places: Places, options: Options) -> Self {
        Self { templates: Templates::new(places.clone()), places, options, runs: Vec::new(), number: 0 }
    }

    /// What was measured.
    pub fn into_runs(self) -> Vec<Run> {
        self.runs
    }

    /// A filled database of one's own.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub async fn stage(&mut self, backend: Backend, size: Size) -> Result<Stage> {
        let template = self.templates.get(backend, size).await?;
        self.number += 1;
        let database = template.database.copy(&self.places, &format!("stage_{}", self.number)).await?;
        Stage::new(database, template).await
    }

    /// The filled database itself, for those who only read.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub async fn view(&mut self, backend: Backend, size: Size) -> Result<Stage> {
        let template = self.templates.get(backend, size).await?;
        Stage::new(template.database.clone(), template).await
    }

    /// The throughput of what was measured under these labels.
    pub fn per_second(&self, labels: &Labels) -> Option<f64> {
        self.runs.iter().find(|run| run.labels == *labels).map(|run| run.median.per_second)
    }

    /// Starts a server on a database.
    ///
    /// # Errors
    /// Where it cannot be started.
    pub fn serve(&self, kind: Kind, database: &Database) -> Result<Server> {
        Server::start(&self.places, kind, database)
    }

    /// Runs a load on a stage once, counts, and holds what was acknowledged against what is there.
    ///
    /// # Errors
    /// Where an answer was not what it should be, or messages are missing.
    pub async fn http(&mut self, stage: &mut Stage, http: &Http<'_>) -> Result<Figures> {
        stage.verifier.settle().await?;
        let before = stage.verifier.count().await?;
        self.number += 1;
        let (number, clients, make) = (self.number, http.clients, Arc::clone(&http.make));
        let addresses: Vec<SocketAddr> = http.servers.iter().map(|server| server.address()).collect();
        let tokens: Vec<String> = stage.template.tokens.to_vec();
        let make_all = move || {
            let keys = Rc::new(load::Keys::of_run(number));
            let made = (0..clients).map(|client| make(client, &tokens, &keys));
            made.map(|(server, measured, client)| (addresses[server], measured, client)).collect()
        };
        let running = load::start(Load {
            clients: Box::new(make_all),
            pace: http.pace,
            warm_up: self.options.warm_up(),
            window: http.window,
            pin: self.options.pin,
        })?;
        let servers: Vec<Tree> = http.servers.iter().map(|server| server.tree()).collect();
        let cpu = |trees: &[Tree]| -> Vec<_> { trees.iter().map(|tree| tree.cpu()).collect() };
        let spent = |now: Vec<crate::stage::Cpu>, then: Vec<crate::stage::Cpu>| -> f64 {
            now.into_iter().zip(then).map(|(now, then)| now.seconds_since(then)).sum()
        };
        let database: Vec<Tree> = stage.postmaster.into_iter().collect();
        sleep_until(running.phase.begin);
        let begun = (cpu(&servers), cpu(&database), Tree::ours().cpu_alone());
        sleep_until(running.phase.end);
        let ended = (cpu(&servers), cpu(&database), Tree::ours().cpu_alone());
        let outcome = running.join()?;

        let mut figures = figures(&outcome);
        let seconds = http.window.as_secs_f64();
        figures.server_cores = Some(rounded(spent(ended.0, begun.0) / seconds));
        figures.database_cores = stage.postmaster.map(|_| rounded(spent(ended.1, begun.1) / seconds));
        figures.driver_cores = Some(rounded(ended.2.seconds_since(begun.2) / seconds));
        figures.server_mib = servers.iter().map(|tree| tree.peak_memory()).sum::<Option<u64>>().map(mib);
        figures.database_mib = stage.postmaster.and_then(Tree::memory).map(mib);
        figures.driver_mib = Tree::ours().peak_memory().map(mib);
        stage.check(before.messages, outcome).await?;
        Ok(figures)
    }

    /// Runs pgbench on a stage once.
    ///
    /// # Errors
    /// Where it fails.
    pub async fn pgbench(&mut self, stage: &Stage, script: Script, clients: u32) -> Result<Figures> {
        stage.verifier.settle().await?;
        self.number += 1;
        let window = self.options.window();
        let plan = Plan { script, clients, run: self.number, warm_up: self.options.warm_up(), window };
        let postmaster = stage.postmaster.ok_or("pgbench is for PostgreSQL")?;
        let done = pgbench::run(&self.places, &stage.database.url(), postmaster, plan)?;
        let mut figures = figures(&done.outcome);
        let seconds = window.as_secs_f64();
        figures.database_cores = Some(rounded(done.database / seconds));
        figures.driver_cores = Some(rounded(done.driver / seconds));
        Ok(figures)
    }

    /// Keeps what was measured, and says so.
    pub fn keep(&mut self, labels: Labels, rounds: &[Figures]) {
        if let Some(run) = Run::of(labels, rounds) {
            let median = &run.median;
            let (p50, p99) = (median.p50_ms, median.p99_ms);
            eprintln!("{}: {:.0}/s, p50 {p50:.2} ms, p99 {p99:.2} ms", run.labels, median.per_second);
            self.runs.push(run);
        }
    }
}

impl Stage {
    async fn new(database: Database, template: Rc<Template>) -> Result<Self> {
        let verifier = Verifier::new(&database).await?;
        let postmaster = verifier.postmaster().await?.map(Tree::new);
        Ok(Self { database, template, verifier, postmaster, acknowledged: Vec::new() })
    }

    /// Holds what was acknowledged against what is there, and fails where an answer was not what it should be.
    async fn check(&mut self, before: u64, outcome: Outcome) -> Result<()> {
        if let Some((error, times)) = outcome.tally.errors.first_key_value() {
            return Err(format!("{} wrong answers; {times} times: {error}", outcome.errors()).into());
        }
        let new = self.verifier.count().await?.messages - before;
        let acknowledged = outcome.tally.acknowledged;
        // Every client waits for its last answer.
        if new != acknowledged.len() as u64 {
            return Err(format!("{} messages were acknowledged, and {new} are new", acknowledged.len()).into());
        }
        self.acknowledged.extend(acknowledged);
        Ok(())
    }

    /// Checks the laws over all that was acknowledged, and removes the database. The servers are stopped.
    ///
    /// # Errors
    /// Where one did not hold.
    pub async fn end(self, places: &Places) -> Result<()> {
        self.verifier.laws(&self.acknowledged).await?;
        self.discard(places).await
    }

    /// Lets go of a filled database.
    pub async fn leave(self) {
        self.verifier.close().await;
    }

    /// Removes the database.
    ///
    /// # Errors
    /// Where that is refused.
    pub async fn discard(self, places: &Places) -> Result<()> {
        self.verifier.close().await;
        self.database.remove(places).await
    }
}

fn figures(outcome: &Outcome) -> Figures {
    let latencies = &outcome.tally.latencies;
    let milliseconds = |micros: u64| rounded(micros as f64 / 1000.0);
    let within = |quantile| milliseconds(latencies.value_at_quantile(quantile));
    Figures {
        per_second: rounded(outcome.throughput()),
        p50_ms: within(0.5),
        p90_ms: within(0.9),
        p99_ms: within(0.99),
        p999_ms: within(0.999),
        max_ms: milliseconds(latencies.max()),
        errors: outcome.errors() as f64,
        server_cores: None,
        database_cores: None,
        driver_cores: None,
        server_mib: None,
        database_mib: None,
        driver_mib: None,
    }
}

fn mib(bytes: u64) -> f64 {
    rounded(bytes as f64 / f64::from(1 << 20))
}

fn sleep_until(moment: Instant) {
    thread::sleep(moment.saturating_duration_since(Instant::now()));
}
