//! What API consumers use, over the committed OpenAPI document and against the real server: two linters, the Postman
//! collection, a generated TypeScript client. The sources are in `tests/clients`.

pub mod server;
mod workshop;

use std::time::Instant;

use crate::process::{Result, run};
use crate::workspace::cargo;

use server::Server;
use workshop::Workshop;

type Step = (&'static str, fn(&Workshop) -> Result<()>);

const STEPS: [Step; 4] = [
    ("Redocly's linter", |workshop| run(workshop.node("node").arg("redocly.mjs"))),
    ("Spectral", spectral),
    ("a TypeScript client", typescript),
    ("the Postman collection", postman),
];

/// Runs all of them, and stops at the first that complains.
///
/// # Errors
/// When a tool complains, cannot be installed, or the server not be started.
pub fn run_all() -> Result<()> {
    let workshop = Workshop::open()?;
    run(cargo().args(["build", "--package", "confab"]))?;
    for (name, step) in STEPS {
        println!("--> {name}");
        let begun = Instant::now();
        step(&workshop).map_err(|reason| format!("{reason}\n{name}: failed"))?;
        println!("--> {name}: content, after {:.1} s", begun.elapsed().as_secs_f64());
    }
    Ok(())
}

fn spectral(workshop: &Workshop) -> Result<()> {
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
fn typescript(workshop: &Workshop) -> Result<()> {
    run(workshop.node("openapi-typescript").args(["openapi.json", "--output", "typescript/api.ts"]))?;
    run(workshop.node("tsc").args(["--project", "typescript"]))?;
    let server = Server::start()?;
    run(server.tell(workshop.node("node").arg("typescript/built/walk.js")))
}

fn postman(workshop: &Workshop) -> Result<()> {
    let server = Server::start()?;
    let base = format!("base_url={}", server.url());
    let collection = ["run", "postman_collection.json", "--env-var", &base, "--color", "off"];
    run(workshop.node("newman").args(collection))
}
