//! What the tests need from the machine beside Rust: it is found, or installed, or the run fails.

use std::process::{Command, Stdio};

use crate::package_manager;
use crate::postgres::Programs;
use crate::process::{Result, find};

const BY_HAND: &str = "Install what is missing and run this again:
  Debian, Ubuntu   apt-get install postgresql curl bash strace nodejs npm python3-venv
  Fedora, RHEL     dnf install postgresql-server curl bash strace nodejs npm python3
  Alpine           apk add postgresql curl bash strace nodejs npm python3
  macOS            brew install postgresql curl bash node python3";

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
    /// What most tools of API consumers run on.
    Node,
    /// What installs those tools.
    Npm,
    /// What the others run on, with what installs them.
    Python,
}

/// What `cargo xtask test` needs.
const OF_TESTS: [Requirement; 4] = [Requirement::Bash, Requirement::Curl, Requirement::PostgreSql, Requirement::Strace];

/// What `cargo xtask clients` needs.
pub const OF_CLIENTS: [Requirement; 3] = [Requirement::Node, Requirement::Npm, Requirement::Python];

impl Requirement {
    fn is_met(self) -> bool {
        match self {
            Self::Bash => find("bash").is_some(),
            Self::Curl => find("curl").is_some(),
            Self::PostgreSql => Programs::find().is_some(),
            Self::Strace => !cfg!(target_os = "linux") || find("strace").is_some(),
            Self::Node => {
                let new_enough =
                    "const [a, b] = process.versions.node.split('.'); process.exit(a * 100 + +b < 1818 ? 1 : 0)";
                succeeds("node", &["-e", new_enough])
            }
            Self::Npm => find("npm").is_some(),
            Self::Python => {
                let new_enough = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))";
                succeeds("python3", &["-c", new_enough])
            }
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Curl => "curl",
            Self::PostgreSql => "PostgreSQL's server programs (initdb, pg_ctl, postgres)",
            Self::Strace => "strace",
            Self::Node => "Node.js 18.18 or later",
            Self::Npm => "npm",
            Self::Python => "Python 3.11 or later with venv and ensurepip",
        }
    }
}

/// Makes sure that all is there which the tests need, installing it with the system's package manager where it is not.
///
/// # Errors
/// Says what is missing and how to install it by hand.
pub fn ensure() -> Result<Programs> {
    ensure_all(&OF_TESTS)?;
    Programs::find().ok_or_else(|| format!("PostgreSQL's server programs are gone again.\n{BY_HAND}"))
}

/// The same for these.
///
/// # Errors
/// As [`ensure`].
pub fn ensure_all(needed: &[Requirement]) -> Result<()> {
    let missing = missing(needed);
    if !missing.is_empty() {
        println!("not found: {}; installing", names(&missing));
        package_manager::install(&missing)
            .map_err(|reason| format!("not found: {}, and {reason}.\n{BY_HAND}", names(&missing)))?;
    }
    match self::missing(needed).as_slice() {
        [] => Ok(()),
        still_missing => Err(format!("installed, and yet not found: {}.\n{BY_HAND}", names(still_missing))),
    }
}

fn missing(needed: &[Requirement]) -> Vec<Requirement> {
    needed.iter().copied().filter(|requirement| !requirement.is_met()).collect()
}

fn names(requirements: &[Requirement]) -> String {
    requirements.iter().map(|requirement| requirement.name()).collect::<Vec<_>>().join(", ")
}

fn succeeds(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
