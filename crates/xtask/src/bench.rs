//! Runs the benchmark: builds the product as it is released, and drives it beside a PostgreSQL server of its own.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use crate::postgres::Programs;
use crate::postgres::guard::Guard;
use crate::process::{Result, output, run};
use crate::requirements;
use crate::workspace::{cargo, root};

/// The variables that tell the driver where things are.
const URL_VARIABLE: &str = "CONFAB_BENCH_POSTGRES_URL";
const PROGRAMS_VARIABLE: &str = "CONFAB_BENCH_POSTGRES_PROGRAMS";

/// The server's memory for pages, as one would set it in production (a quarter of a small machine's); everything else is
/// at its default, durability above all.
const SETTINGS: [&str; 1] = ["shared_buffers=1GB"];

/// What to measure, and for how long.
#[derive(Args)]
pub struct Options {
    /// Everything once and shortly, to see that it works: its figures mean little
    #[arg(long)]
    quick: bool,
    /// Run only these of send, hot, flood, history, list, mixed, open, nodes, sizes
    #[arg(long, value_name = "NAME", num_args = 1..)]
    only: Vec<String>,
    /// Run only on this of sqlite, postgres
    #[arg(long, value_name = "NAME")]
    database: Option<String>,
    /// Only with so many clients, where a scenario goes through several numbers of them [default: 1 16 64 256]
    #[arg(long, value_name = "N", num_args = 1..)]
    clients: Vec<u32>,
    /// How often each measurement is made; the report has the medians [default: 3, or 1 with --quick]
    #[arg(long, value_name = "N")]
    rounds: Option<u32>,
    /// How long a measurement takes [default: 4, or 1 with --quick]
    #[arg(long, value_name = "N")]
    seconds: Option<u32>,
    /// Where results.json and send.svg are
    #[arg(long, value_name = "FOLDER", default_value = "docs/performance")]
    output: PathBuf,
    /// Keep the driver's thread on the last core
    #[arg(long)]
    pin: bool,
    /// Run the small benchmarks too, those of single functions
    #[arg(long)]
    criterion: bool,
    /// Measure nothing: draw send.svg from the results.json beside it
    #[arg(long)]
    picture_only: bool,
}

impl Options {
    /// The same for the driver.
    fn of_driver(&self) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = vec!["run".into(), "--output".into(), self.output.clone().into()];
        arguments.extend(self.quick.then(|| "--quick".into()));
        arguments.extend(self.pin.then(|| "--pin".into()));
        for (name, number) in [("--rounds", self.rounds), ("--seconds", self.seconds)] {
            arguments.extend(number.map(|number| format!("{name}={number}").into()));
        }
        arguments.extend(self.database.iter().map(|name| format!("--database={name}").into()));
        arguments.extend(self.clients.iter().map(|clients| format!("--clients={clients}").into()));
        arguments.extend(self.only.iter().map(|name| format!("--only={name}").into()));
        arguments
    }
}

/// Runs it.
///
/// # Errors
/// When something cannot be built or started, or the benchmark fails.
pub fn run_with(options: &Options) -> Result<()> {
    if options.picture_only {
        return picture(&["--output".as_ref(), options.output.as_os_str()]);
    }
    let programs = requirements::ensure()?;
    let folder = with_pgbench(&programs)?;
    // By itself, so that nothing which the benchmark needs is built into it.
    run(cargo().args(["build", "--release", "--package", "confab"]))?;
    run(cargo().args(["build", "--release", "--package", "confab-bench", "--bins"]))?;
    let postgres = Guard::start_with(&programs, &SETTINGS)?;
    let mut driver = Command::new(release_folder()?.join("confab-bench"));
    driver.args(options.of_driver()).current_dir(root());
    driver.env(URL_VARIABLE, postgres.url()).env(PROGRAMS_VARIABLE, folder);
    let measured = run(&mut driver);
    drop(postgres);
    measured?;
    if options.criterion { run(cargo().args(["bench", "--package", "confab-bench", "--benches"])) } else { Ok(()) }
}

/// Checks that the committed picture is what the committed figures give.
///
/// # Errors
/// When it is not.
pub fn check_picture() -> Result<()> {
    picture(&["--check".as_ref()])
}

fn picture(arguments: &[&OsStr]) -> Result<()> {
    let mut driver = cargo();
    driver.args(["run", "--quiet", "--package", "confab-bench", "--bin", "confab-bench", "--", "picture"]);
    run(driver.args(arguments))
}

/// The folder that has pgbench of the same version: that of the server programs, or of what a link there leads to.
fn with_pgbench(programs: &Programs) -> Result<PathBuf> {
    let linked = programs.folder().join("postgres").canonicalize().ok();
    let linked = linked.as_deref().and_then(Path::parent);
    [Some(programs.folder()), linked]
        .into_iter()
        .flatten()
        .find(|folder| folder.join("pgbench").is_file())
        .map(Path::to_path_buf)
        .ok_or_else(|| {
            let folder = programs.folder().display();
            format!("pgbench is not in {folder}; some systems have it in a package postgresql-contrib")
        })
}

/// Where cargo puts what it builds for release.
fn release_folder() -> Result<PathBuf> {
    let metadata = output(cargo().args(["metadata", "--format-version", "1", "--no-deps"]))?;
    let (_, rest) =
        metadata.split_once("\"target_directory\":\"").ok_or("`cargo metadata` tells no target directory")?;
    let (folder, _) = rest.split_once('"').ok_or("`cargo metadata` wrote half a target directory")?;
    Ok(PathBuf::from(folder).join("release"))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: super::Options,
    }

    #[test]
    fn what_the_driver_needs_is_passed_on() {
        let line = Line::parse_from([
            "bench",
            "--quick",
            "--only",
            "send",
            "hot",
            "--rounds",
            "2",
            "--clients",
            "64",
            "--criterion",
        ]);
        let arguments: Vec<_> = line.options.of_driver().into_iter().map(|one| one.into_string().unwrap()).collect();
        let expected = [
            "run",
            "--output",
            "docs/performance",
            "--quick",
            "--rounds=2",
            "--clients=64",
            "--only=send",
            "--only=hot",
        ];
        assert_eq!(arguments, expected);
    }
}
