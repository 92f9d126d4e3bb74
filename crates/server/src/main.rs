//! The program: command line, configuration, wiring, telemetry and shutdown. It has no rule of its own.

mod cli;
mod commands;
mod config;
mod failure;
mod signals;
mod storage;
mod system;
mod telemetry;
mod wiring;

use std::process::ExitCode;

use clap::Parser as _;

/// Also in place of the C library's, which SQLite asks: chosen by measurement, docs/performance.md.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use cli::{Cli, Command};
use config::Config;
use failure::Failure;

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn run(cli: Cli) -> Result<(), Failure> {
    let overrides = cli.overrides()?;
    let command = cli.command.unwrap_or_default();
    if let Command::Openapi = command {
        return commands::openapi::run();
    }
    let config = Config::load(&overrides).map_err(Failure::usage)?;
    telemetry::start(&config.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::other(format_args!("cannot start the program's threads: {error}")))?;
    runtime.block_on(async {
        match command {
            Command::Serve(_) => commands::serve::run(&config).await,
            Command::Migrate(command) => commands::migrate::run(&config, command).await,
            Command::User(command) => commands::user::run(&config, command).await,
            Command::Openapi => Ok(()),
        }
    })
}
