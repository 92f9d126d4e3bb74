//! PostgreSQL's server programs, wherever the system's packages have put them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::process::path_folders;

const NEEDED: [&str; 3] = ["initdb", "pg_ctl", "postgres"];

/// Where packages keep versions side by side: a folder, what its entries' names begin with, and what follows the version.
const VERSIONED: [(&str, &str, &str); 6] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/usr/libexec", "postgresql", ""),
    ("/opt/homebrew/opt", "postgresql@", "bin"),
    ("/usr/local/opt", "postgresql@", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
];

/// The folder that has the server programs.
pub struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// Looks in `PATH`, where packages put them (the newest version first), and where `pg_config` says.
    pub fn find() -> Option<Self> {
        path_folders().into_iter().chain(versioned_folders()).chain(configured_folder()).find_map(Self::in_folder)
    }

    /// The programs in this folder, when it has them all.
    pub fn in_folder(folder: PathBuf) -> Option<Self> {
        NEEDED.iter().all(|program| folder.join(program).is_file()).then_some(Self { folder })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A command that runs one of them.
    pub fn command(&self, program: &str) -> Command {
        Command::new(self.folder.join(program))
    }
}

fn versioned_folders() -> Vec<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = Vec::new();
    for (parent, prefix, suffix) in VERSIONED {
        for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
            let version = entry.file_name().to_str().and_then(|name| major_version(name.strip_prefix(prefix)?));
            found.extend(version.map(|version| (version, entry.path().join(suffix))));
        }
    }
    found.sort_by(|left, right| right.cmp(left));
    found.into_iter().map(|(_, folder)| folder).collect()
}

fn major_version(text: &str) -> Option<u32> {
    text.split('.').next()?.parse().ok()
}

fn configured_folder() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").stderr(Stdio::null()).output().ok()?;
    let folder = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| PathBuf::from(folder.trim()))
}
