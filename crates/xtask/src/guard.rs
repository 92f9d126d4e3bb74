//! A process that owns something to be cleaned up, and outlives us by the moment that it takes to do so.
//!
//! However we end (normally, by a panic, by Ctrl-C, even by SIGKILL), the pipe to its standard input closes, and it
//! stops what it runs and removes its folder. It is in a process group of its own, so that Ctrl-C does not reach it.

use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use crate::process::Result;

/// Our end: what is guarded runs as long as this lives.
pub struct Guard {
    process: Child,
    line: String,
}

impl Guard {
    /// Starts ourselves with this hidden command, and waits for the one line that it prints when all is up.
    ///
    /// # Errors
    /// When it cannot be started; the reason may have been printed by the process itself.
    pub fn start<A: AsRef<OsStr>>(command: &str, arguments: impl IntoIterator<Item = A>) -> Result<Self> {
        let ourselves = std::env::current_exe().map_err(|error| format!("our own program: {error}"))?;
        let process = Command::new(ourselves)
            .arg(command)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|error| format!("the process for `{command}`: {error}"))?;
        let mut guard = Self { process, line: String::new() };
        if let Some(output) = guard.process.stdout.take() {
            let _ = BufReader::new(output).read_line(&mut guard.line);
        }
        guard.line.truncate(guard.line.trim_end().len());
        if guard.line.is_empty() {
            return Err(format!("`{command}` has started nothing; the reason is above"));
        }
        Ok(guard)
    }

    /// The line that it has printed.
    pub fn line(&self) -> &str {
        &self.line
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // `wait` closes the pipe first.
        let _ = self.process.wait();
    }
}

/// The process's side: prints its line, and waits until standard input ends.
pub fn hold(line: &str) {
    // This fails when nobody waits for the line any more, and then the input has ended too.
    let _ = writeln!(io::stdout(), "{line}");
    let _ = io::stdin().read_to_end(&mut Vec::new());
}
