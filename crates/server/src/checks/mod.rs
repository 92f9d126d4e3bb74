//! What makes a deployment unsafe, and how to mend it. `serve` refuses to start on it in production; `check` tells it.

mod configuration;
mod files;
mod stored;

use std::fmt;

use serde::Serialize;

use crate::config::Config;

pub use stored::{documented_passwords, durability, stored};

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Its name, for programs. Stable.
    pub id: &'static str,
    /// How bad it is.
    pub level: Level,
    /// What is wrong.
    pub problem: String,
    /// How to mend it.
    pub remedy: String,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// In production the server does not start on it.
    Error,
    /// It may be meant.
    Warning,
}

impl Finding {
    fn error(id: &'static str, problem: impl fmt::Display, remedy: impl fmt::Display) -> Self {
        Self { id, level: Level::Error, problem: problem.to_string(), remedy: remedy.to_string() }
    }

    fn warning(id: &'static str, problem: impl fmt::Display, remedy: impl fmt::Display) -> Self {
        Self { level: Level::Warning, ..Self::error(id, problem, remedy) }
    }
}

impl Finding {
    /// Whether it is told wherever the server runs: what may lose data or accounts.
    pub fn matters_everywhere(&self) -> bool {
        ["database_in_memory", "database_forgets", "weak_hashes", "no_limits"].contains(&self.id)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}] {}; {}", self.id, self.problem, self.remedy)
    }
}

/// What the configuration says, and the files that it names.
pub fn configured(config: &Config) -> Vec<Finding> {
    [configuration::check(config), files::check(config)].concat()
}

/// Whether production must not start.
pub fn refuse(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.level == Level::Error)
}
