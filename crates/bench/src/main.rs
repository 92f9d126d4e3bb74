//! The benchmark's driver. `cargo xtask bench` builds what it needs and starts it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use confab_bench::options::{Options, Scenario};
use confab_bench::report::{self, Report, Settings};
use confab_bench::stage::{Machine, Places};
use confab_bench::{Result, picture, scenarios};

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
    /// Draw send.svg from results.json
    Picture {
        /// The folder with both
        #[arg(long, value_name = "FOLDER", default_value = "docs/performance")]
        output: PathBuf,
        /// Only compare the picture that is there with the one that the JSON gives
        #[arg(long)]
        check: bool,
    },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Run(options) => run(&options),
        Command::Picture { output, check } => picture(&output, check),
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
    // It shows both databases.
    let is_whole = options.scenarios().contains(&Scenario::Send) && options.database.is_none();
    if is_whole { picture(&options.output, false) } else { Ok(()) }
}

fn picture(folder: &Path, check: bool) -> Result<()> {
    let (data, file) = (folder.join("results.json"), folder.join("send.svg"));
    let text = fs::read_to_string(&data).map_err(|error| format!("{}: {error}", data.display()))?;
    let drawn = picture::draw(&serde_json::from_str(&text)?)?;
    if !check {
        fs::write(&file, drawn)?;
        println!("wrote {}", file.display());
        return Ok(());
    }
    let there = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    if there != drawn {
        let (file, data) = (file.display(), data.display());
        return Err(format!("{file} is not what {data} gives\nRun `cargo xtask bench --picture-only`").into());
    }
    println!("{} is what {} gives", file.display(), data.display());
    Ok(())
}
