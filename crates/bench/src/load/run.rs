//! Runs a load on a thread of its own.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::sched::{CpuSet, sched_setaffinity};
use nix::unistd::Pid;
use tokio::task::JoinSet;

use super::alarm::Alarm;
use super::tally::{self, Outcome, Tally};
use super::{Client, Connection, Expected};
use crate::Result;

/// How the next request comes about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Loop {
    /// When the last one of its connection is answered.
    Closed,
    /// At this rate, of all connections together, in requests a second.
    Open(f64),
}

/// A client, the server that it goes to, and whether its answers are measured: those of others are part of the load only.
pub type Assigned = (SocketAddr, bool, Box<dyn Client>);

/// A load: one connection for each client.
pub struct Load {
    /// Makes the clients, on the thread on which they run.
    pub clients: Box<dyn FnOnce() -> Vec<Assigned> + Send>,
    /// How requests come about.
    pub pace: Loop,
    /// How long the load runs before it is measured.
    pub warm_up: Duration,
    /// How long it is measured.
    pub window: Duration,
    /// Whether the thread is kept on the last core.
    pub pin: bool,
}

/// When the measurement begins and ends.
#[derive(Debug, Clone, Copy)]
pub struct Phase {
    /// From then on.
    pub begin: Instant,
    /// Up to then.
    pub end: Instant,
}

/// A load that runs: when it is measured, and what comes of it.
pub struct Running {
    /// When.
    pub phase: Phase,
    thread: JoinHandle<Result<Outcome>>,
}

impl Running {
    /// Waits for its end.
    ///
    /// # Errors
    /// Where a connection failed.
    pub fn join(self) -> Result<Outcome> {
        self.thread.join().map_err(|_| "the load panicked")?
    }
}

/// Starts a load: returns once all clients are connected.
///
/// # Errors
/// Where they are not.
pub fn start(load: Load) -> Result<Running> {
    let (sender, receiver) = mpsc::channel();
    let thread = thread::spawn(move || {
        if load.pin {
            pin_to_last_core()?;
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        tokio::task::LocalSet::new().block_on(&runtime, run(load, &sender))
    });
    match receiver.recv() {
        Ok(phase) => Ok(Running { phase, thread }),
        Err(_) => match thread.join().map_err(|_| "the load panicked")? {
            Err(error) => Err(error),
            Ok(_) => Err("the load did not begin".into()),
        },
    }
}

fn pin_to_last_core() -> Result<()> {
    let cores = thread::available_parallelism()?.get();
    let mut set = CpuSet::new();
    set.set(cores - 1)?;
    sched_setaffinity(Pid::from_raw(0), &set)?;
    Ok(())
}

async fn run(load: Load, started: &mpsc::Sender<Phase>) -> Result<Outcome> {
    let tally = Rc::new(RefCell::new(Tally::new()?));
    let mut connected = Vec::new();
    for (address, measured, client) in (load.clients)() {
        connected.push((Connection::open(address).await?, measured, client));
    }
    let now = Instant::now();
    let begin = now + load.warm_up;
    let phase = Phase { begin, end: begin + load.window };
    started.send(phase)?;

    let connections = connected.len();
    let mut tasks = JoinSet::new();
    for (number, (connection, measured, client)) in connected.into_iter().enumerate() {
        let schedule = match load.pace {
            Loop::Closed => None,
            Loop::Open(rate) => {
                let next = now + Duration::from_secs_f64(number as f64 / rate);
                let period = Duration::from_secs_f64(connections as f64 / rate);
                Some(Schedule { next, period, alarm: Alarm::new()? })
            }
        };
        let run = Run { connection, client, measured, schedule, phase, tally: Rc::clone(&tally) };
        tasks.spawn_local(run.finish());
    }
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    let tally = Rc::into_inner(tally).ok_or("the tally is still in use")?.into_inner();
    Ok(Outcome { tally, window: load.window })
}

/// When a client of an open loop sends.
struct Schedule {
    next: Instant,
    period: Duration,
    alarm: Alarm,
}

/// One client at work.
struct Run {
    connection: Connection,
    client: Box<dyn Client>,
    measured: bool,
    schedule: Option<Schedule>,
    phase: Phase,
    tally: Rc<RefCell<Tally>>,
}

impl Run {
    async fn finish(mut self) -> Result<()> {
        loop {
            let begun = match &mut self.schedule {
                None => Instant::now(),
                // Late or not, it counts from here.
                Some(schedule) => {
                    let intended = schedule.next;
                    schedule.next += schedule.period;
                    if intended < self.phase.end {
                        schedule.alarm.wait_until(intended).await?;
                    }
                    intended
                }
            };
            if begun >= self.phase.end {
                return Ok(());
            }
            let expected = self.client.write(self.connection.request());
            let answer = self.connection.exchange().await?;
            let done = Instant::now();

            let mut tally = self.tally.borrow_mut();
            if answer.status != expected.status() {
                tally.fail(answer.status, answer.body);
            } else if let Expected::Created(key) = expected {
                let seq = tally::seq(answer.body).ok_or("a message without a seq")?;
                tally.acknowledged.push((key, seq));
            }
            // In an open loop those count that should have been sent, in a closed one those that were answered.
            let moment = if self.schedule.is_some() { begun } else { done };
            if self.measured && (self.phase.begin..self.phase.end).contains(&moment) {
                tally.record(done - begun);
            }
        }
    }
}
