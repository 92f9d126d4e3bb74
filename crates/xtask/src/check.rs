//! Everything that CI runs, in order, stopping at the first step that fails.

use std::time::Instant;

use crate::process::{Result, run};
use crate::workspace::cargo;
use crate::{arrows, bench, clients, corpus, openapi, postman, test_run};

type Step = (&'static str, fn() -> Result<()>);

const STEPS: [Step; 6] = [
    ("fmt", || run(cargo().args(["fmt", "--all", "--check"]))),
    ("clippy", || run(cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))),
    ("arrows", arrows::check),
    ("generated", generated),
    ("test", test_run::run_all),
    ("clients", clients::run_all),
];

/// Checks that the files which are made of others are what those make.
///
/// # Errors
/// Names the first that is not, and the command that mends it.
pub fn generated() -> Result<()> {
    openapi::check()?;
    postman::check()?;
    bench::check_picture()
}

/// Runs every step.
///
/// # Errors
/// Names the step that failed.
pub fn run_steps() -> Result<()> {
    let start = Instant::now();
    for (number, (name, step)) in STEPS.iter().enumerate() {
        println!("\n==> [{}/{}] {name}", number + 1, STEPS.len());
        let begun = Instant::now();
        step().map_err(|reason| format!("{reason}\ncheck failed at the step `{name}`"))?;
        println!("==> {name}: passed in {:.1} s", begun.elapsed().as_secs_f64());
    }
    let seconds = start.elapsed().as_secs_f64();
    match corpus::notice_when_absent() {
        None => println!("\ncheck passed: {} steps in {seconds:.1} s", STEPS.len()),
        Some(notice) => {
            println!("\ncheck passed WITHOUT the corpus: {} steps in {seconds:.1} s\n{notice}", STEPS.len())
        }
    }
    Ok(())
}
