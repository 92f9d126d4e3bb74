//! `confab migrate`: the database's tables.

use std::io::{self, Write as _};

use crate::cli::Migrate;
use crate::config::Config;
use crate::failure::Failure;
use crate::storage;

/// Changes the tables, or tells how they are.
///
/// # Errors
/// Where the database cannot be opened or changed.
pub async fn run(config: &Config, command: Migrate) -> Result<(), Failure> {
    let database = &config.database;
    let store = storage::connect(database, 1).await?;
    let lines = match command {
        Migrate::Up => match store.migrate_up().await {
            Ok(names) => told(&names, "applied", "nothing to apply"),
            Err(error) => return Err(storage::failed(database, &error)),
        },
        Migrate::Down { steps } => match store.migrate_down(steps).await {
            Ok(names) => told(&names, "undone", "nothing to undo"),
            Err(error) => return Err(storage::failed(database, &error)),
        },
        Migrate::Status => match store.migrations().await {
            Ok(steps) => steps
                .iter()
                .map(|step| format!("{} {}", if step.applied { "applied" } else { "pending" }, step.name))
                .collect(),
            Err(error) => return Err(storage::failed(database, &error)),
        },
    };
    store.close().await;
    let mut out = io::stdout().lock();
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn told(names: &[String], done: &str, nothing: &str) -> Vec<String> {
    if names.is_empty() {
        return vec![nothing.to_owned()];
    }
    names.iter().map(|name| format!("{done} {name}")).collect()
}
