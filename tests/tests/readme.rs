//! The README's five-minute walk, run as it is written.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use std::process::Command;

use confab_tests::{Backend, Server, ServerOptions, binary};

#[tokio::test]
async fn the_walk_of_the_readme_works_as_written() {
    let readme = include_str!("../../README.md");
    let (_, walk) = readme.split_once("## A five-minute walk").expect("the README has a walk");
    let walk = walk.split("\n## ").next().unwrap();
    let blocks: Vec<&str> = walk.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap()).collect();
    assert!(blocks.len() >= 4, "{} blocks of commands", blocks.len());

    let server = Server::with(Backend::Sqlite, ServerOptions::default()).await;
    let script = format!("set -euo pipefail\n{}", blocks.join("\n"));
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(server.folder())
        .env("BASE", server.base())
        .env("CONFAB", binary())
        .output()
        .unwrap();
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\n{complained}");
    for expected in
        ["Hello, Brian!", "Hello, Ada!", "\"seq\":2", "\"unread_count\":0", "Hello, Countess!", "\"highlights\":[{"]
    {
        assert!(said.contains(expected), "{expected} is not in:\n{said}\n{complained}");
    }
}
