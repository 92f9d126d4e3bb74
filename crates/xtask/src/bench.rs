//! Runs the benchmark: builds the product as it is released, and drives it beside a PostgreSQL server of its own.

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

/// What to do; what is not named here is the driver's.
#[derive(Args)]
pub struct Options {
    /// Run the small benchmarks too, those of single functions
    #[arg(long)]
    criterion: bool,
    /// Options of the driver: --quick, --only NAME…, --rounds N, --seconds N, --output FOLDER, --pin
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "OPTIONS")]
    driver: Vec<String>,
}

/// Runs it.
///
/// # Errors
/// When something cannot be built or started, or the benchmark fails.
pub fn run_with(options: &Options) -> Result<()> {
    let programs = requirements::ensure()?;
    let folder = with_pgbench(&programs)?;
    // By itself, so that nothing which the benchmark needs is built into it.
    run(cargo().args(["build", "--release", "--package", "confab"]))?;
    run(cargo().args(["build", "--release", "--package", "confab-bench", "--bins"]))?;
    let postgres = Guard::start(&programs)?;
    let mut driver = Command::new(release_folder()?.join("confab-bench"));
    driver.arg("run").args(&options.driver).current_dir(root());
    driver.env(URL_VARIABLE, postgres.url()).env(PROGRAMS_VARIABLE, folder);
    let measured = run(&mut driver);
    drop(postgres);
    measured?;
    if options.criterion { run(cargo().args(["bench", "--package", "confab-bench", "--benches"])) } else { Ok(()) }
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
