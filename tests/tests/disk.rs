//! A disk that is full: what cannot be kept is refused, what was acknowledged is kept, and it heals when there is room.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use std::collections::BTreeMap;
use std::process::Command;

use confab_tests::{Backend, Person, Server};
use serde_json::json;

/// The largest file that the server may write, in bytes, for as long as the disk is full.
fn limit_files(server: &mut Server, bytes: &str) {
    let process = server.process().id().to_string();
    let limited = Command::new("prlimit").args(["--pid", &process, &format!("--fsize={bytes}:unlimited")]).status();
    assert!(limited.unwrap().success());
}

/// Sends messages, and returns how many were refused. Those that were acknowledged are added.
async fn send(ada: &Person, group: &str, count: usize, acknowledged: &mut BTreeMap<u64, String>) -> usize {
    let path = format!("/api/v1/conversations/{group}/messages");
    let mut refused = 0;
    for _ in 0..count {
        let body = format!("{} {}", acknowledged.len(), "x".repeat(15_000));
        let answer = ada.post(&path, &json!({ "body": body })).await;
        if answer.status == 201 {
            let seq = answer.json["seq"].as_u64().unwrap();
            assert_eq!(ada.get(answer.header("location")).await.status, 200, "seq {seq} is acknowledged and not there");
            acknowledged.insert(seq, body);
        } else {
            assert_eq!((answer.status, answer.json["code"].as_str()), (503, Some("unavailable")), "{}", answer.text);
            refused += 1;
        }
    }
    refused
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_loses_nothing_that_was_acknowledged() {
    let mut server = Server::start(Backend::Sqlite).await;
    let mut ada = server.person("ada", "host").await;
    let group = ada.create_group("Engines", &[]).await;
    let mut acknowledged = BTreeMap::new();
    // Room for the schema, and for some of the messages.
    limit_files(&mut server, "1000000");
    let refused = send(&ada, &group, 60, &mut acknowledged).await;
    assert!(refused >= 2 && acknowledged.len() >= 2, "{refused} refused, {} acknowledged", acknowledged.len());
    limit_files(&mut server, "unlimited");
    assert_eq!(send(&ada, &group, 20, &mut acknowledged).await, 0, "it heals");

    for _ in 0..2 {
        let messages = ada.read_all(&group, 100).await;
        let found: BTreeMap<u64, String> = messages
            .iter()
            .map(|message| (message["seq"].as_u64().unwrap(), message["body"].as_str().unwrap().to_owned()))
            .collect();
        assert!(found == acknowledged, "{} acknowledged, {} found", acknowledged.len(), found.len());
        server.process().kill();
        server.restart();
        ada.api = server.api();
    }
}
