//! The folder under `target` in which the tools are installed and run; the repository's own stay as they are.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Result, run};
use crate::requirements::{OF_CLIENTS, ensure_all};
use crate::workspace::root;

const SOURCES: &str = "tests/clients";
const DOCUMENTS: [&str; 2] = ["openapi.json", "postman_collection.json"];
const PACKAGES_OF_NODE: &str = "package-lock.json";
const PACKAGES_OF_PYTHON: &str = "requirements.txt";

/// Where the tools are, with a copy of all that they work on.
pub struct Workshop(PathBuf);

impl Workshop {
    /// Copies the sources and documents there, and installs what the lock files name, where that is not there yet.
    ///
    /// # Errors
    /// When something is missing that cannot be installed, or cannot be copied.
    pub fn open() -> Result<Self> {
        ensure_all(&OF_CLIENTS)?;
        let workshop = Self(target_folder()?.join("clients"));
        copy(&root().join(SOURCES), &workshop.0)?;
        for document in DOCUMENTS {
            let from = root().join("docs").join(document);
            fs::copy(&from, workshop.0.join(document)).map_err(|error| format!("{}: {error}", from.display()))?;
        }
        workshop.install(PACKAGES_OF_NODE, |workshop| {
            // No package needs its install script for what we use it for.
            let options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"];
            run(workshop.command("npm").args(options))
        })?;
        workshop.install(PACKAGES_OF_PYTHON, |workshop| {
            run(workshop.command("python3").args(["-m", "venv", "--clear", "python"]))?;
            let options =
                ["install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--only-binary=:all:"];
            run(workshop.python("pip").args(options).args(["--requirement", PACKAGES_OF_PYTHON]))
        })?;
        Ok(workshop)
    }

    /// A command of node, or of one of its packages.
    pub fn node(&self, program: &str) -> Command {
        let installed = self.0.join("node_modules/.bin").join(program);
        if installed.exists() { self.command(installed) } else { self.command(program) }
    }

    /// A command of one of Python's packages.
    pub fn python(&self, program: &str) -> Command {
        self.command(self.0.join("python/bin").join(program))
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.0);
        command
    }

    /// Installs what a lock file names, unless that was done for the same file.
    fn install(&self, lock: &str, installation: impl Fn(&Self) -> Result<()>) -> Result<()> {
        let (wanted, done) = (self.0.join(lock), self.0.join(format!("installed-{lock}")));
        let wanted = fs::read(&wanted).map_err(|error| format!("{}: {error}", wanted.display()))?;
        if fs::read(&done).is_ok_and(|installed| installed == wanted) {
            return Ok(());
        }
        println!("installing the packages of {SOURCES}/{lock} into {}", self.0.display());
        installation(self)?;
        fs::write(&done, wanted).map_err(|error| format!("{}: {error}", done.display()))
    }
}

/// Where cargo puts what it builds.
///
/// # Errors
/// When we do not know where we are ourselves.
pub fn target_folder() -> Result<PathBuf> {
    let ourselves = std::env::current_exe().map_err(|error| format!("our own program: {error}"))?;
    // target/<profile>/xtask
    ourselves
        .ancestors()
        .nth(2)
        .map(Path::to_path_buf)
        .ok_or_else(|| "our own program is in no target folder".to_owned())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    copy_all(from, to).map_err(|error| format!("copying {} to {}: {error}", from.display(), to.display()))
}

fn copy_all(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        // What an editor of the sources needs beside them, and what we install by ourselves.
        if entry.file_name() == "node_modules" {
            continue;
        }
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_all(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
