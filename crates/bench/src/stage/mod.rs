//! What the load runs against: databases, servers, what they use of the machine, and whether they kept the laws.

mod database;
mod machine;
mod server;
mod templates;
mod usage;
mod verify;

pub use database::{Backend, Database};
pub use machine::Machine;
pub use server::{Kind, Server, migrate};
pub use templates::{Template, Templates, log_in_as};
pub use usage::{Cpu, Tree};
pub use verify::{Counted, Verifier};

use std::path::{Path, PathBuf};

use crate::Result;

/// Where the benchmark finds what it runs.
#[derive(Debug, Clone)]
pub struct Places {
    /// The folder with the binaries: the product's, and the yardsticks'.
    pub binaries: PathBuf,
    /// The URL of a superuser's connection to a PostgreSQL server, from `CONFAB_BENCH_POSTGRES_URL`.
    pub postgres: String,
    /// The folder with PostgreSQL's programs, from `CONFAB_BENCH_POSTGRES_PROGRAMS`.
    pub programs: PathBuf,
    /// A folder for what goes with the run.
    pub scratch: PathBuf,
}

impl Places {
    /// What the environment says, with this folder for what goes with the run.
    ///
    /// # Errors
    /// Where it does not: `cargo xtask bench` sets it.
    pub fn from_environment(scratch: &Path) -> Result<Self> {
        let variable = |name: &str| {
            std::env::var(name)
                .map_err(|_| format!("{name} is not set: run `cargo xtask bench`, which starts PostgreSQL"))
        };
        let binaries = std::env::current_exe()?;
        Ok(Self {
            binaries: binaries.parent().ok_or("the benchmark's own binary is in no folder")?.to_owned(),
            postgres: variable("CONFAB_BENCH_POSTGRES_URL")?,
            programs: variable("CONFAB_BENCH_POSTGRES_PROGRAMS")?.into(),
            scratch: scratch.to_owned(),
        })
    }
}
