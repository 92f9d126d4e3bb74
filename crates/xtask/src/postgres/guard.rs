//! A process that owns the cluster and outlives us by the moment that it takes to stop it.
//!
//! However we end (normally, by a panic, by Ctrl-C, even by SIGKILL), the pipe to its standard input closes, and it
//! stops the server and removes the folder. It is in a process group of its own, so that Ctrl-C does not reach it.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use confab_test_postgres::Cluster;

use super::Programs;
use crate::process::Result;

/// Our end: the server runs as long as this lives.
pub struct Guard {
    process: Child,
    url: String,
}

impl Guard {
    /// Starts the process, and waits until its server takes connections.
    ///
    /// # Errors
    /// When it cannot be started; the reason may have been printed by the process itself.
    pub fn start(programs: &Programs) -> Result<Self> {
        Self::start_with(programs, &[])
    }

    /// The same, of a server with these settings: `shared_buffers=1GB`.
    ///
    /// # Errors
    /// As [`Guard::start`].
    pub fn start_with(programs: &Programs, settings: &[&str]) -> Result<Self> {
        let ourselves = std::env::current_exe().map_err(|error| format!("our own program: {error}"))?;
        let process = Command::new(ourselves)
            .arg("guard-postgres")
            .arg(programs.folder())
            .args(settings)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|error| format!("the process for PostgreSQL: {error}"))?;
        let mut guard = Self { process, url: String::new() };
        if let Some(output) = guard.process.stdout.take() {
            let _ = BufReader::new(output).read_line(&mut guard.url);
        }
        guard.url.truncate(guard.url.trim_end().len());
        if guard.url.is_empty() {
            return Err("PostgreSQL could not be started for the tests; the reason is above".to_owned());
        }
        println!("PostgreSQL from {} serves {}", programs.folder().display(), guard.url);
        Ok(guard)
    }

    /// The URL of a superuser's connection.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // `wait` closes the pipe first.
        let _ = self.process.wait();
    }
}

/// The process itself: prints the URL, and runs the server until standard input ends.
///
/// # Errors
/// When the server cannot be started.
pub fn run(folder: PathBuf, settings: &[String]) -> Result<()> {
    let programs = Programs::in_folder(folder).ok_or("PostgreSQL's server programs are not in that folder")?;
    let cluster = Cluster::start_with(programs, settings)?;
    // This fails when nobody waits for the URL any more, and then the input has ended too.
    let _ = writeln!(io::stdout(), "{}", cluster.url());
    let _ = io::stdin().read_to_end(&mut Vec::new());
    Ok(())
}
