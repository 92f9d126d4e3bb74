//! Installs what the tests need with the system's package manager.

use std::process::Command;

use crate::process::{Result, find, is_root, run};
use crate::requirements::Requirement;

struct PackageManager {
    program: &'static str,
    /// Fetches the lists of packages, where that is a step of its own.
    refresh: Option<&'static [&'static str]>,
    install: &'static [&'static str],
    postgresql: &'static str,
    node: &'static str,
    python: &'static str,
    needs_root: bool,
}

const PACKAGE_MANAGERS: [PackageManager; 4] = [
    PackageManager {
        program: "apt-get",
        refresh: Some(&["update"]),
        install: &["install", "--yes", "--no-install-recommends"],
        postgresql: "postgresql",
        node: "nodejs",
        python: "python3-venv",
        needs_root: true,
    },
    PackageManager {
        program: "dnf",
        refresh: None,
        install: &["install", "--assumeyes"],
        postgresql: "postgresql-server",
        node: "nodejs",
        python: "python3",
        needs_root: true,
    },
    PackageManager {
        program: "apk",
        refresh: None,
        install: &["add", "--no-cache"],
        postgresql: "postgresql",
        node: "nodejs",
        python: "python3",
        needs_root: true,
    },
    PackageManager {
        program: "brew",
        refresh: None,
        install: &["install"],
        postgresql: "postgresql",
        node: "node",
        python: "python3",
        needs_root: false,
    },
];

/// Installs these.
///
/// # Errors
/// When there is no package manager that we know, no right to use it, or it fails.
pub fn install(requirements: &[Requirement]) -> Result<()> {
    let manager = PACKAGE_MANAGERS
        .iter()
        .find(|manager| find(manager.program).is_some())
        .ok_or("none of apt-get, dnf, apk and brew is there to install it")?;
    let sudo = manager.needs_root && !is_root()?;
    if sudo && find("sudo").is_none() {
        return Err(format!("we are not root and there is no sudo, so {} cannot install it", manager.program));
    }
    if let Some(refresh) = manager.refresh
        && let Err(reason) = run(command(manager, sudo).args(refresh))
    {
        // One dead package source among several fails this, though the others may have all that we need.
        eprintln!("warning: {reason}");
    }
    run(command(manager, sudo)
        .args(manager.install)
        .args(requirements.iter().map(|requirement| package(manager, *requirement))))
}

fn package(manager: &PackageManager, requirement: Requirement) -> &'static str {
    match requirement {
        Requirement::Bash => "bash",
        Requirement::Curl => "curl",
        Requirement::PostgreSql => manager.postgresql,
        Requirement::Strace => "strace",
        Requirement::Node => manager.node,
        Requirement::Npm => "npm",
        Requirement::Python => manager.python,
    }
}

fn command(manager: &PackageManager, sudo: bool) -> Command {
    let mut command = Command::new(if sudo { "sudo" } else { "env" });
    // sudo passes no environment on, hence `env` behind it.
    command.args(sudo.then_some("env")).args(["DEBIAN_FRONTEND=noninteractive", manager.program]);
    command
}
