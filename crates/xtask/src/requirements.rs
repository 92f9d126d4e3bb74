//! What the tests need from the machine beside Rust: it is found, or installed, or the run fails.

use crate::package_manager;
use crate::postgres::Programs;
use crate::process::{Result, find};

const BY_HAND: &str = "Install what is missing and run this again:
  Debian, Ubuntu   apt-get install postgresql curl bash strace
  Fedora, RHEL     dnf install postgresql-server curl bash strace
  Alpine           apk add postgresql curl bash strace
  macOS            brew install postgresql curl bash";

/// Something that the tests need.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Requirement {
    /// The shell that runs the examples of the README.
    Bash,
    /// The HTTP client that those examples use.
    Curl,
    /// PostgreSQL's server programs.
    PostgreSql,
    /// What counts how often the server syncs its files. Linux only, as the test that counts.
    Strace,
}

impl Requirement {
    const ALL: [Self; 4] = [Self::Bash, Self::Curl, Self::PostgreSql, Self::Strace];

    fn is_met(self) -> bool {
        match self {
            Self::Bash => find("bash").is_some(),
            Self::Curl => find("curl").is_some(),
            Self::PostgreSql => Programs::find().is_some(),
            Self::Strace => !cfg!(target_os = "linux") || find("strace").is_some(),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Curl => "curl",
            Self::PostgreSql => "PostgreSQL's server programs (initdb, pg_ctl, postgres)",
            Self::Strace => "strace",
        }
    }
}

/// Makes sure that all is there, installing it with the system's package manager where it is not.
///
/// # Errors
/// Says what is missing and how to install it by hand.
pub fn ensure() -> Result<Programs> {
    let missing = missing();
    if !missing.is_empty() {
        println!("not found: {}; installing", names(&missing));
        package_manager::install(&missing)
            .map_err(|reason| format!("not found: {}, and {reason}.\n{BY_HAND}", names(&missing)))?;
    }
    match (self::missing().as_slice(), Programs::find()) {
        ([], Some(programs)) => Ok(programs),
        (still_missing, _) => Err(format!("installed, and yet not found: {}.\n{BY_HAND}", names(still_missing))),
    }
}

fn missing() -> Vec<Requirement> {
    Requirement::ALL.into_iter().filter(|requirement| !requirement.is_met()).collect()
}

fn names(requirements: &[Requirement]) -> String {
    requirements.iter().map(|requirement| requirement.name()).collect::<Vec<_>>().join(", ")
}
