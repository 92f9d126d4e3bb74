//! The machine that a run was made on.

use std::fs;
use std::process::Command;

use serde::{Deserialize, Serialize};

use super::Places;

/// What the figures depend on beside the program.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Machine {
    /// How many cores.
    pub cores: usize,
    /// What the processor calls itself.
    pub cpu: String,
    /// Memory, in bytes.
    pub memory_bytes: u64,
    /// The kernel's release.
    pub kernel: String,
    /// PostgreSQL's version.
    pub postgresql: String,
    /// The compiler's version.
    pub rustc: String,
    /// The commit that was built, with a `+` where files were changed since.
    pub commit: String,
}

impl Machine {
    /// This machine. What it does not tell is "unknown".
    pub fn this(places: &Places) -> Self {
        let memory = field("/proc/meminfo", "MemTotal").and_then(|text| text.strip_suffix(" kB")?.parse::<u64>().ok());
        let postgres = places.programs.join("postgres");
        let changed =
            said("git", &["status", "--porcelain", "--untracked-files=no"]).is_some_and(|text| !text.is_empty());
        let commit = said("git", &["rev-parse", "--short=12", "HEAD"]).unwrap_or_else(unknown);
        Self {
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            cpu: field("/proc/cpuinfo", "model name").unwrap_or_else(unknown),
            memory_bytes: memory.unwrap_or(0) * 1024,
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease")
                .map_or_else(|_| unknown(), |text| text.trim().to_owned()),
            postgresql: said(&postgres.to_string_lossy(), &["--version"]).unwrap_or_else(unknown),
            rustc: said("rustc", &["--version"]).unwrap_or_else(unknown),
            commit: if changed { commit + "+" } else { commit },
        }
    }
}

fn unknown() -> String {
    "unknown".to_owned()
}

fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
