//! `kill -9` while people send: nothing that was acknowledged is lost, and nothing is doubled.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use confab_tests::{Backend, Person, Server, on_each_backend};
use serde_json::{Value, json};
use tokio::sync::mpsc;

on_each_backend!([sqlite, postgres] what_was_acknowledged_survives_kill_9);

const ROUNDS: u64 = 10;
const SENDERS: usize = 8;
const GROUPS: usize = 3;

/// What a client knows of a message: which key it was sent with, and what the server has answered.
struct Attempt {
    sender: usize,
    group: usize,
    key: String,
    answer: Option<Value>,
    /// The request had reached the server when no answer came.
    broke_off: bool,
}

async fn what_was_acknowledged_survives_kill_9(backend: Backend) {
    let mut server = Server::start(backend).await;
    let mut people = vec![server.person("sender-0", "host").await];
    for n in 1..SENDERS {
        people.push(server.api().sign_up(&format!("sender-{n}")).await);
    }
    let others: Vec<&Person> = people.iter().skip(1).collect();
    let mut groups = Vec::new();
    for n in 0..GROUPS {
        groups.push(people[0].create_group(&format!("group {n}"), &others).await);
    }
    let groups = Arc::new(groups);
    let mut attempts: Vec<Attempt> = Vec::new();
    let mut committed = 0;

    for round in 0..ROUNDS {
        attempts.append(&mut send_until_killed(&mut server, &people, &groups, round).await);
        server.restart();
        for person in &mut people {
            // The tokens outlive the process: the key and the sessions are on disk.
            person.api = server.api();
        }
        committed += retry(&people, &groups, &mut attempts).await;
        verify(&people[0], &groups, &attempts).await;
    }
    let total = attempts.len();
    println!(
        "{total} messages over {ROUNDS} kills on {backend:?}: none lost, none doubled; {committed} unanswered ones were on disk"
    );
}

/// Lets everyone send until the server dies, which it does after a number of acknowledgements that differs each round.
async fn send_until_killed(
    server: &mut Server,
    people: &[Person],
    groups: &Arc<Vec<String>>,
    round: u64,
) -> Vec<Attempt> {
    let fatal = 20 + (round * 2_654_435_761) % 97;
    let acknowledged = Arc::new(AtomicU64::new(0));
    let (kill, mut killed) = mpsc::channel::<()>(1);
    let tasks: Vec<_> = people
        .iter()
        .cloned()
        .enumerate()
        .map(|(sender, person)| {
            let (groups, acknowledged, kill) = (Arc::clone(groups), Arc::clone(&acknowledged), kill.clone());
            tokio::spawn(async move {
                let mut attempts = Vec::new();
                for n in 0.. {
                    let (group, key) = ((n + sender) % GROUPS, format!("{round}-{sender}-{n}"));
                    let path = format!("/api/v1/conversations/{}/messages", groups[group]);
                    let request = person.request("POST", &path).json(&message(&key));
                    let outcome = person.api.send(request).await;
                    let broke_off = outcome.as_ref().is_err_and(|error| !error.is_connect());
                    let answer = outcome.ok().map(|answer| answer.expect(201));
                    let dead = answer.is_none();
                    attempts.push(Attempt { sender, group, key, answer, broke_off });
                    if dead {
                        break;
                    }
                    if acknowledged.fetch_add(1, Ordering::Relaxed) == fatal {
                        kill.send(()).await.unwrap();
                    }
                }
                attempts
            })
        })
        .collect();
    killed.recv().await.unwrap();
    server.process().kill();
    let attempts: Vec<Attempt> =
        futures_util::future::join_all(tasks).await.into_iter().flat_map(Result::unwrap).collect();
    assert!(attempts.iter().any(|attempt| attempt.broke_off), "nothing was under way when the server died");
    attempts
}

/// Sends the unanswered ones again, and one answered one for each sender. Returns how many of the unanswered ones were on
/// disk already.
async fn retry(people: &[Person], groups: &[String], attempts: &mut [Attempt]) -> usize {
    let mut repeated = HashSet::new();
    let mut committed = 0;
    for attempt in attempts.iter_mut().rev() {
        let unanswered = attempt.answer.is_none();
        if !unanswered && !repeated.insert(attempt.sender) {
            continue;
        }
        let path = format!("/api/v1/conversations/{}/messages", groups[attempt.group]);
        let answer = people[attempt.sender].post(&path, &message(&attempt.key)).await;
        match &attempt.answer {
            None => {
                assert!(answer.status == 201 || answer.status == 200, "{}", answer.text);
                committed += usize::from(answer.status == 200);
                attempt.answer = Some(answer.json);
            }
            Some(first) => assert_eq!(&answer.expect(200), first),
        }
    }
    committed
}

/// Every message is there once, as it was acknowledged, and the seqs have no gap.
async fn verify(reader: &Person, groups: &[String], attempts: &[Attempt]) {
    for (n, group) in groups.iter().enumerate() {
        let messages = reader.read_all(group, 100).await;
        assert!(messages.iter().map(|message| message["seq"].as_u64().unwrap()).eq(1..=messages.len() as u64));
        let expected: Vec<&Attempt> = attempts.iter().filter(|attempt| attempt.group == n).collect();
        assert_eq!(messages.len(), expected.len());
        let found: HashMap<&str, &Value> =
            messages.iter().map(|message| (message["client_message_id"].as_str().unwrap(), message)).collect();
        for attempt in expected {
            assert_eq!(found.get(attempt.key.as_str()).copied(), attempt.answer.as_ref(), "{}", attempt.key);
        }
    }
}

fn message(key: &str) -> Value {
    json!({ "body": format!("message {key}"), "client_message_id": key })
}
