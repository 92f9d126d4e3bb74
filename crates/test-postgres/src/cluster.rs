//! A PostgreSQL cluster in a temporary folder, which is stopped and removed when it is dropped.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::account::Account;
use crate::process::{Result, output, run};
use crate::programs::Programs;

const START_DEADLINE: Duration = Duration::from_secs(60);
const POLL_INTERVAL: Duration = Duration::from_millis(20);
const LOG_LINES_SHOWN: usize = 40;
/// Letters beyond ASCII are letters in it, as in a production database, and it sorts alike everywhere.
const LOCALE: &str = if cfg!(target_os = "macos") { "en_US.UTF-8" } else { "C.UTF-8" };

/// Ends the server when standard input does: however we end, by SIGKILL too, that pipe closes.
const WATCH: &str =
    r#"cat >/dev/null; "$0" stop --silent --mode=immediate --pgdata "$1/data" 2>/dev/null; rm -rf "$1""#;

/// A server; anybody on this machine may connect over loopback, as the superuser `postgres`.
pub struct Cluster {
    server: Child,
    watch: Child,
    port: u16,
    programs: Programs,
    account: Account,
    folder: TempDir,
}

impl Cluster {
    /// Makes a cluster and waits until it takes connections.
    ///
    /// # Errors
    /// When a program fails, or the server is not ready in time; its log is then shown.
    pub fn start(programs: Programs) -> Result<Self> {
        Self::start_with(programs, &[])
    }

    /// The same, of a server with these settings: `shared_buffers=1GB`.
    ///
    /// # Errors
    /// As [`Cluster::start`].
    pub fn start_with(programs: Programs, settings: &[String]) -> Result<Self> {
        let account = Account::choose()?;
        let folder = tempfile::Builder::new()
            .prefix("confab-postgres-")
            .tempdir()
            .map_err(|error| format!("temporary folder: {error}"))?;
        account.own(folder.path())?;
        let data = folder.path().join("data");

        let mut initdb = programs.command("initdb");
        initdb.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync"]);
        initdb.arg(format!("--locale={LOCALE}")).arg("--pgdata").arg(&data);
        run(prepare(&mut initdb, account, &folder).stdout(Stdio::null())).map_err(|reason| {
            let place = folder.path().display();
            format!("{reason}\nThe account that runs it must be able to enter {place}; TMPDIR chooses another place")
        })?;

        let lines: String = settings.iter().map(|setting| format!("{setting}\n")).collect();
        append(&data.join("postgresql.conf"), &lines)?;

        let port = free_port()?;
        let watch = watch(&programs, account, &folder)?;
        let server = spawn(&programs, account, &folder, port)?;
        let mut cluster = Self { server, watch, port, programs, account, folder };
        cluster.wait_until_ready()?;
        Ok(cluster)
    }

    /// Crashes the server, as far as that can be asked for: it ends at once and saves nothing that is not saved.
    ///
    /// # Errors
    /// When it does not end.
    pub fn crash(&mut self) -> Result<()> {
        let mut stop = self.programs.command("pg_ctl");
        stop.args(["stop", "--silent", "--mode=immediate", "--timeout=30", "--pgdata"]).arg(self.data());
        run(prepare(&mut stop, self.account, &self.folder))?;
        self.server.wait().map_err(|error| format!("`postgres`: {error}"))?;
        Ok(())
    }

    /// Stops all of its processes where they are: it takes connections still, and answers nothing.
    ///
    /// # Errors
    /// When they cannot be stopped.
    pub fn pause(&self) -> Result<()> {
        self.signal("-STOP")
    }

    /// Lets them go on.
    ///
    /// # Errors
    /// When they cannot.
    pub fn resume(&self) -> Result<()> {
        self.signal("-CONT")
    }

    fn signal(&self, signal: &str) -> Result<()> {
        let file = fs::read_to_string(self.data().join("postmaster.pid")).map_err(|error| error.to_string())?;
        let main = file.lines().next().unwrap_or_default();
        let children = output(Command::new("ps").args(["-o", "pid=", "--ppid", main]))?;
        run(Command::new("kill").arg(signal).arg(main).args(children.split_whitespace()))
    }

    /// Starts the server again after a crash, on the same data and the same port, and waits until it takes connections.
    ///
    /// # Errors
    /// When it is not ready in time; its log is then shown.
    pub fn restart(&mut self) -> Result<()> {
        self.server = spawn(&self.programs, self.account, &self.folder, self.port)?;
        self.wait_until_ready()
    }

    /// The URL of a superuser's connection.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let begun = Instant::now();
        while !self.is_ready() {
            if let Some(status) = self.server.try_wait().map_err(|error| format!("`postgres`: {error}"))? {
                return Err(format!("PostgreSQL ended before it was ready ({status})\n{}", self.log()));
            }
            if begun.elapsed() > START_DEADLINE {
                let seconds = START_DEADLINE.as_secs();
                return Err(format!("PostgreSQL was not ready after {seconds} s\n{}", self.log()));
            }
            thread::sleep(POLL_INTERVAL);
        }
        Ok(())
    }

    /// Whether the server says that it takes connections, in the file and the line in which `pg_ctl` too looks for it.
    fn is_ready(&self) -> bool {
        let status = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        status.lines().nth(7).is_some_and(|line| line.trim() == "ready")
    }

    fn log(&self) -> String {
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        format!("The end of its log:\n{}", lines[lines.len().saturating_sub(LOG_LINES_SHOWN)..].join("\n"))
    }

    /// The folder of its files.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // `wait` closes the pipe first. The folder goes after this, with its field, if it is still there.
        let stopped = self.watch.wait().is_ok_and(|status| status.success());
        if !stopped && matches!(self.server.try_wait(), Ok(None)) {
            eprintln!("warning: PostgreSQL could not be stopped; killing it");
            let _ = self.server.kill();
        }
        let _ = self.server.wait();
    }
}

fn spawn(programs: &Programs, account: Account, folder: &TempDir, port: u16) -> Result<Child> {
    let log_failed = |error| format!("server log: {error}");
    let log = OpenOptions::new().create(true).append(true).open(folder.path().join("log")).map_err(log_failed)?;
    let log_again = log.try_clone().map_err(log_failed)?;
    let mut postgres = programs.command("postgres");
    // What makes a commit durable (fsync and the like) keeps its default: tests rely on it.
    postgres.arg("-D").arg(folder.path().join("data")).arg("-k").arg(folder.path()).args(["-p", &port.to_string()]);
    postgres.args(["-c", "listen_addresses=127.0.0.1", "-c", "max_connections=300"]);
    let postgres = prepare(&mut postgres, account, folder).stdout(log).stderr(log_again);
    postgres.spawn().map_err(|error| format!("`postgres`: {error}"))
}

/// A process that outlives us by the moment that it takes to stop the server and to remove the folder. In a process group
/// of its own, so that Ctrl-C does not reach it.
fn watch(programs: &Programs, account: Account, folder: &TempDir) -> Result<Child> {
    let mut shell = Command::new("sh");
    shell.args(["-c", WATCH]).arg(programs.folder().join("pg_ctl")).arg(folder.path());
    let shell = prepare(&mut shell, account, folder).stdin(Stdio::piped()).process_group(0);
    shell.spawn().map_err(|error| format!("`sh`: {error}"))
}

/// Under the account, in a folder that it can enter, with nothing of our standard input: that must end when we end.
fn prepare<'a>(command: &'a mut Command, account: Account, folder: &TempDir) -> &'a mut Command {
    account.apply(command).current_dir(folder.path()).env("LC_ALL", LOCALE).stdin(Stdio::null())
}

fn append(path: &Path, text: &str) -> Result<()> {
    let file = OpenOptions::new().append(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| format!("{}: {error}", path.display()))
}

fn free_port() -> Result<u16> {
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    address.map(|address| address.port()).map_err(|error| format!("no free port: {error}"))
}
