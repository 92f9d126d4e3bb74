//! Serves one of the yardsticks. It takes the product's settings.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use confab::config::{CliOverrides, Config};
use confab_bench::{Result, yardsticks};

#[derive(Parser)]
#[command(name = "confab-yardsticks", about = "Servers that the benchmark compares Confab with")]
struct Arguments {
    #[command(subcommand)]
    yardstick: Yardstick,
    /// Listen here
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    bind: Option<String>,
}

#[derive(Subcommand)]
enum Yardstick {
    /// A route that checks the token and echoes
    Echo,
    /// Confab with a transaction for each message
    Transactions,
    /// Histories and lists by one hand-written statement each
    Raw,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<()> {
    let config = Config::load(&CliOverrides { bind: arguments.bind, ..CliOverrides::default() })?;
    // As the product does it.
    confab::telemetry::start(&config.log).map_err(|failure| format!("{failure:?}"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match arguments.yardstick {
            Yardstick::Echo => yardsticks::serve_echo(&config).await,
            Yardstick::Transactions => yardsticks::serve_transactions(&config).await,
            Yardstick::Raw => yardsticks::serve_raw(&config).await,
        }
    })
}
