//! The development commands of this workspace, run as `cargo xtask …`.

mod arrows;
mod bench;
mod check;
mod clients;
mod corpus;
mod generated_file;
mod guard;
mod openapi;
mod package_manager;
mod postgres;
mod postman;
mod requirements;
mod test_run;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use confab_test_postgres::process;

use crate::process::Result;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Development commands of this workspace")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the tests, with a PostgreSQL server started for them; further arguments go to `cargo test`
    Test {
        /// Arguments for `cargo test`, such as `-p confab-domain` or `-- --nocapture`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        _arguments: Vec<String>,
    },
    /// Measure the release binary: sends, reads and the yardsticks beside them; see docs/performance.md
    Bench(bench::Options),
    /// Check that every crate depends only on what it may depend on
    Arrows,
    /// Write docs/openapi.json, permissions.md, personal-data.md and configuration.md from the code, and
    /// docs/postman_collection.json from the first
    Openapi,
    /// Check that the generated files are those that the code generates
    Generated,
    /// Run what API consumers use over the OpenAPI document and against the real server; see tests/clients
    Clients(clients::Options),
    /// Run all that CI runs: formatting, lints, arrows, generated files, tests, clients
    Check,
    /// Run a PostgreSQL server until standard input ends (`test` starts this; see the module `guard`)
    #[command(hide = true)]
    GuardPostgres { programs: PathBuf, settings: Vec<String> },
    /// Run the server until standard input ends (`clients` starts this; see the module `guard`)
    #[command(hide = true)]
    GuardServer { binary: PathBuf },
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        // Taken as typed: clap would drop a leading `--`, which `cargo test` needs to see.
        Command::Test { .. } => test_run::run(&std::env::args().skip(2).collect::<Vec<_>>()),
        Command::Bench(options) => succeed(bench::run_with(&options)),
        Command::Arrows => succeed(arrows::check()),
        Command::Openapi => succeed(openapi::write().and_then(|()| postman::write())),
        Command::Generated => succeed(check::generated()),
        Command::Clients(options) => succeed(clients::run_with(&options)),
        Command::Check => succeed(check::run_steps()),
        Command::GuardPostgres { programs, settings } => succeed(postgres::guard::run(programs, &settings)),
        Command::GuardServer { binary } => succeed(clients::server::guard(&binary)),
    };
    outcome.unwrap_or_else(|message| {
        eprintln!("error: {message}");
        ExitCode::FAILURE
    })
}

fn succeed(outcome: Result<()>) -> Result<ExitCode> {
    outcome.map(|()| ExitCode::SUCCESS)
}
