//! The benchmark's driver. `cargo xtask bench` builds what it needs and starts it.

use std::fs;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use confab_bench::options::Options;
use confab_bench::report::{self, Report, Settings};
use confab_bench::stage::{Machine, Places};
use confab_bench::{Result, scenarios};

#[derive(Parser)]
#[command(name = "confab-bench", about = "Measures Confab; run as `cargo xtask bench`")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the benchmark
    Run(Options),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Run(options) => run(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<()> {
    let scratch = tempfile::Builder::new().prefix("confab-bench-").tempdir()?;
    let places = Places::from_environment(scratch.path())?;
    let machine = Machine::this(&places);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let runs = runtime.block_on(scenarios::run(places, options))?;
    let settings = Settings {
        rounds: options.rounds(),
        seconds: options.window().as_secs_f64(),
        pinned: options.pin,
        quick: options.quick,
    };
    let report = Report { machine, settings, ratios: report::ratios(&runs), runs };
    report::print(&report);
    fs::create_dir_all(&options.output)?;
    let file = options.output.join("results.json");
    fs::write(&file, serde_json::to_string_pretty(&report)? + "\n")?;
    println!("\nwrote {}", file.display());
    Ok(())
}
