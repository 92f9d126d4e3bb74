//! What API consumers use, over the committed OpenAPI document and against the real server: two linters, the Postman
//! collection, a generated TypeScript client, and a fuzzer. The sources are in `tests/clients`.

pub mod server;
mod workshop;

use std::time::Instant;

use clap::Args;

use crate::process::{Result, run};
use crate::workspace::cargo;

use server::Server;
use workshop::Workshop;

/// How thorough to be.
#[derive(Args, Default)]
pub struct Options {
    /// How many requests Schemathesis makes up for each operation in each of its phases [default: that of CI]
    #[arg(long, value_name = "N")]
    examples: Option<u32>,
}

type Step = (&'static str, fn(&Workshop, &Options) -> Result<()>);

const STEPS: [Step; 5] = [
    ("Redocly's linter", redocly),
    ("Spectral", spectral),
    ("a TypeScript client", typescript),
    ("the Postman collection", postman),
    ("Schemathesis", schemathesis),
];

/// Runs all of them as CI does.
///
/// # Errors
/// As [`run_with`].
pub fn run_all() -> Result<()> {
    run_with(&Options::default())
}

/// Runs all of them, and stops at the first that complains.
///
/// # Errors
/// When a tool complains, cannot be installed, or the server not be started.
pub fn run_with(options: &Options) -> Result<()> {
    let workshop = Workshop::open()?;
    run(cargo().args(["build", "--package", "confab"]))?;
    for (name, step) in STEPS {
        println!("--> {name}");
        let begun = Instant::now();
        step(&workshop, options).map_err(|reason| format!("{reason}\n{name}: failed"))?;
        println!("--> {name}: content, after {:.1} s", begun.elapsed().as_secs_f64());
    }
    Ok(())
}

fn redocly(workshop: &Workshop, _: &Options) -> Result<()> {
    run(workshop.node("node").arg("redocly.mjs"))
}

fn spectral(workshop: &Workshop, _: &Options) -> Result<()> {
    run(workshop.node("spectral").args([
        "lint",
        "openapi.json",
        "--ruleset",
        "spectral.yaml",
        "--fail-severity",
        "warn",
    ]))
}

/// Generates the types, compiles the walk against them, and walks.
fn typescript(workshop: &Workshop, _: &Options) -> Result<()> {
    run(workshop.node("openapi-typescript").args(["openapi.json", "--output", "typescript/api.ts"]))?;
    run(workshop.node("tsc").args(["--project", "typescript"]))?;
    let server = Server::start()?;
    run(server.tell(workshop.node("node").arg("typescript/built/walk.js")))
}

fn postman(workshop: &Workshop, _: &Options) -> Result<()> {
    let server = Server::start()?;
    let mut newman = workshop.node("newman");
    newman.args(["run", "postman_collection.json", "--color", "off"]);
    run(newman.args(server.variables().iter().flat_map(|variable| ["--env-var", variable])))
}

fn schemathesis(workshop: &Workshop, options: &Options) -> Result<()> {
    let server = Server::start()?;
    let mut command = workshop.python("schemathesis");
    command.args(["run", "openapi.json", "--no-color"]);
    if let Some(examples) = options.examples {
        command.arg(format!("--max-examples={examples}"));
    }
    run(server.tell(&mut command))
}
