//! Servers: the product's real binary, and the yardsticks'.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{Database, Places, Tree};
use crate::Result;

/// How long a server may take to let go of its database.
const STOP_DEADLINE: Duration = Duration::from_secs(40);

/// What a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The product.
    Confab,
    /// The product, but each message in a transaction of its own.
    Transactions,
    /// History and list by one hand-written statement each.
    Raw,
    /// A route that checks the token and echoes.
    Echo,
}

impl Kind {
    /// Its name in the report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Confab => "confab",
            Self::Transactions => "transaction per request",
            Self::Raw => "raw sqlx",
            Self::Echo => "echo",
        }
    }

    const fn command(self) -> (&'static str, &'static str) {
        match self {
            Self::Confab => ("confab", "serve"),
            Self::Transactions => ("confab-yardsticks", "transactions"),
            Self::Raw => ("confab-yardsticks", "raw"),
            Self::Echo => ("confab-yardsticks", "echo"),
        }
    }
}

/// A server that runs until this is dropped.
pub struct Server {
    child: Child,
    address: SocketAddr,
    log: PathBuf,
}

impl Server {
    /// Starts one on a database, and waits until it says where it listens.
    ///
    /// # Errors
    /// Where it ends instead; its log is then shown.
    pub fn start(places: &Places, kind: Kind, database: &Database) -> Result<Self> {
        let (program, command) = kind.command();
        let log = places.scratch.join(format!("{command}.log"));
        let child = command_of(places, program, database)
            .args([command, "--bind", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(File::create(&log)?)
            .spawn()
            .map_err(|error| format!("{program}: {error}"))?;
        let mut server = Self { child, address: SocketAddr::from(([0, 0, 0, 0], 0)), log };
        server.address = server.wait_for_address()?;
        Ok(server)
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its processes.
    pub fn tree(&self) -> Tree {
        Tree::new(self.child.id())
    }

    /// Asks it to stop, and waits until it has.
    ///
    /// # Errors
    /// Where it does not, or says that it failed.
    pub fn stop(mut self) -> Result<()> {
        kill(Pid::from_raw(self.child.id().cast_signed()), Signal::SIGTERM)?;
        let begun = Instant::now();
        loop {
            match self.child.try_wait()? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => return Err(format!("the server ended with {status}\n{}", self.log()).into()),
                None if begun.elapsed() > STOP_DEADLINE => return Err("the server does not stop".into()),
                None => std::thread::sleep(Duration::from_millis(10)),
            }
        }
    }

    /// The end of its log.
    pub fn log(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    fn wait_for_address(&mut self) -> Result<SocketAddr> {
        let output = self.child.stdout.take().ok_or("the server's output is not there")?;
        let mut lines = BufReader::new(output).lines();
        let found = lines.by_ref().map_while(std::result::Result::ok).find_map(|line| address_in(&line));
        let address = found.ok_or_else(|| format!("the server has ended:\n{}", self.log()))?;
        // What else it has to say is read, so that it need not wait for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Makes or changes the tables of a database, by the product itself.
///
/// # Errors
/// Where it cannot.
pub fn migrate(places: &Places, database: &Database) -> Result<()> {
    let output = command_of(places, "confab", database).args(["migrate", "up"]).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("confab migrate up: {}", String::from_utf8_lossy(&output.stderr)).into())
}

fn command_of(places: &Places, program: &str, database: &Database) -> Command {
    let mut command = Command::new(places.binaries.join(program));
    // Nothing of this process's own settings, and everything but these at its default.
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CONFAB")) {
        command.env_remove(name);
    }
    command
        .current_dir(&places.scratch)
        .stdin(Stdio::null())
        .env("CONFAB__DATABASE__URL", database.url())
        .env("CONFAB__AUTH__SIGNING_KEY_FILE", signing_key(&places.scratch))
        .env("CONFAB__AUTH__ACCESS_TOKEN_SECONDS", "86400");
    for limit in ["ADDRESS", "REGISTER", "LOG_IN", "LOG_IN_ACCOUNT", "LOG_IN_FAILURES", "SEND", "READ", "WRITE"] {
        command.env(format!("CONFAB__RATE_LIMIT__{limit}"), "1000000/1s");
    }
    command
}

/// All servers share one key, so that a token is good at each.
fn signing_key(scratch: &Path) -> PathBuf {
    scratch.join("signing.key")
}

/// The address in a line such as `  Listening   http://127.0.0.1:4711/`.
fn address_in(line: &str) -> Option<SocketAddr> {
    let rest = line.split_once("http://")?.1;
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ':').unwrap_or(rest.len());
    rest[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::address_in;

    #[test]
    fn an_address_is_found_in_a_line() {
        assert_eq!(address_in("  API    http://127.0.0.1:4711/api/v1"), "127.0.0.1:4711".parse().ok());
        assert_eq!(address_in("http://127.0.0.1:80"), "127.0.0.1:80".parse().ok());
        assert_eq!(address_in("Confab 1.0"), None);
    }
}
