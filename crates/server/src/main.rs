//! The program `confab`.

use std::process::ExitCode;

use clap::Parser as _;

use confab::cli::{Cli, Command};
use confab::config::Config;
use confab::failure::Failure;
use confab::{commands, telemetry};

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn run(cli: Cli) -> Result<(), Failure> {
    let overrides = cli.overrides()?;
    let command = cli.command.unwrap_or_default();
    match command {
        Command::Openapi => return commands::openapi::run(),
        Command::Permissions => return commands::permissions::run(),
        Command::PersonalData => return commands::personal_data::run(),
        Command::Config(command) => return commands::config::run(&overrides, &command),
        Command::Check { .. }
        | Command::Keys(_)
        | Command::Serve(_)
        | Command::Migrate(_)
        | Command::Mail(_)
        | Command::User(_) => {}
    }
    let config = Config::load(&overrides).map_err(Failure::usage)?;
    if let Command::Keys(command) = command {
        return commands::keys::run(&config, command);
    }
    telemetry::start(&config.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::other(format_args!("cannot start the program's threads: {error}")))?;
    runtime.block_on(async {
        match command {
            Command::Serve(_) => commands::serve::run(&config).await,
            Command::Migrate(command) => commands::migrate::run(&config, command).await,
            Command::Mail(command) => commands::mail::run(&config, command).await,
            Command::User(command) => commands::user::run(&config, command).await,
            Command::Check { deploy, json } => commands::check::run(&config, deploy, json).await,
            Command::Config(_) | Command::Keys(_) | Command::Openapi | Command::Permissions | Command::PersonalData => {
                Ok(())
            }
        }
    })
}
