//! Measurements of log-ins, and of what strangers learn from time, on the real binary. Run by name, on a machine that does
//! nothing else, with a binary that is optimised:
//! `CONFAB_TEST_BINARY=$PWD/target/release/confab cargo xtask test -p confab-tests --test timing -- --ignored --nocapture`
//!
//! What does not depend on the machine is asserted elsewhere: that a log-in runs the same statements and the same hashing
//! whether or not there is such an account (`crates/persistence/tests/statements`, `crates/security`); that what is of others
//! takes the statements of what is nowhere (`tests/tests/strangers.rs`).
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use confab_tests::{Backend, Server, ServerOptions};
use futures_util::future::join_all;
use serde_json::{Value, json};

/// Log-ins of each kind.
const LOG_INS: usize = 200;
/// Log-ins at once, and for how long there are as many.
const FLOOD: u64 = 200;
const FLOOD_TIME: Duration = Duration::from_secs(10);
/// Calls of each kind, of what is another's and of what is nowhere.
const CALLS: usize = 300;
/// Conversations of another, and as many ids beside theirs that are of nothing.
const IDS: usize = 20;

/// Log-ins with a wrong password, to addresses that exist and to others in turn. Neither the medians nor the ranks may tell
/// them apart. By chance alone it fails one time in a hundred: that is what p > 0.01 means. It is not repeated.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "it measures time: run it by name"]
async fn the_time_of_a_log_in_does_not_tell_whether_there_is_an_account() {
    let server = Server::with(Backend::Sqlite, ServerOptions::default()).await;
    let ada = server.api().sign_up("ada").await;
    let log_in = async |email: &str| {
        let begun = Instant::now();
        let wrong = json!({ "email": email, "password": "not the password" });
        assert_eq!(ada.api.post("/api/v1/auth/token", &wrong).await.status, 401);
        begun.elapsed().as_secs_f64() * 1000.0
    };
    for _ in 0..20 {
        log_in("warm-up@example.org").await;
    }
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for number in 0..LOG_INS {
        // Whichever comes first may find the machine in another state: they take turns in that too.
        if number % 2 == 0 {
            known.push(log_in(&ada.email).await);
            unknown.push(log_in("nobody@example.org").await);
        } else {
            unknown.push(log_in("nobody@example.org").await);
            known.push(log_in(&ada.email).await);
        }
    }
    let p = rank_test(&known, &unknown);
    let (known, unknown) = (median(&mut known), median(&mut unknown));
    let ratio = known / unknown;
    println!(
        "{LOG_INS} log-ins each: median {known:.2} ms known, {unknown:.2} ms unknown, ratio {ratio:.3}; p = {p:.3}"
    );
    assert!((0.95..=1.05).contains(&ratio), "the medians differ: {ratio}");
    assert!(p > 0.01, "the ranks tell them apart: p = {p}");
}

/// Messages are sent one after the other by four people, first in quiet and then while 200 log-ins are under way all the
/// time: the 99th percentile stays within twice its quiet value, and memory within a bound.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "it measures time: run it by name"]
async fn a_flood_of_log_ins_does_not_slow_messages_on_sqlite() {
    flood(Backend::Sqlite).await;
}

/// The same.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "it measures time: run it by name"]
async fn a_flood_of_log_ins_does_not_slow_messages_on_postgres() {
    flood(Backend::Postgres).await;
}

async fn flood(backend: Backend) {
    let mut server = Server::with(backend, ServerOptions::default()).await;
    let ada = server.person("ada", "host").await;
    let mut senders = Vec::new();
    for number in 0..4 {
        senders.push(server.api().sign_up(&format!("sender{number}")).await);
    }
    let group = ada.create_group("busy", &senders.iter().collect::<Vec<_>>()).await;
    let send_for = async |time: Duration| {
        let until = Instant::now() + time;
        let sent = join_all(senders.iter().map(async |sender| {
            let mut times = Vec::new();
            while Instant::now() < until {
                let begun = Instant::now();
                sender.say(&group, "hello").await;
                times.push(begun.elapsed().as_secs_f64() * 1000.0);
            }
            times
        }));
        let mut times: Vec<f64> = sent.await.into_iter().flatten().collect();
        times.sort_by(f64::total_cmp);
        times
    };
    send_for(Duration::from_secs(2)).await;
    let quiet = send_for(FLOOD_TIME).await;
    let memory_before = server.process().resident_kib();

    let done = Arc::new(AtomicBool::new(false));
    let api = server.api();
    let log_ins: Vec<_> = (0..FLOOD)
        .map(|number| {
            let (api, done) = (api.clone(), Arc::clone(&done));
            tokio::spawn(async move {
                let (mut judged, mut busy) = (0_usize, 0_usize);
                let wrong =
                    json!({ "email": format!("sender{}@example.org", number % 4), "password": "not the password" });
                while !done.load(Ordering::Relaxed) {
                    // Not held against the document, which would take the cores that are measured.
                    let answer = api.request("POST", "/api/v1/auth/token").json(&wrong).send().await.unwrap();
                    match answer.status().as_u16() {
                        401 => judged += 1,
                        503 => {
                            assert!(answer.headers().contains_key("retry-after"));
                            busy += 1;
                            // As `Retry-After` asks; each has a clock of its own.
                            tokio::time::sleep(Duration::from_millis(1000 + 5 * number)).await;
                        }
                        status => panic!("{status}"),
                    }
                }
                (judged, busy)
            })
        })
        .collect();
    let flooded = send_for(FLOOD_TIME).await;
    let memory = server.process().resident_kib().saturating_sub(memory_before) / 1024;
    done.store(true, Ordering::Relaxed);
    let (judged, busy) =
        join_all(log_ins).await.into_iter().map(Result::unwrap).fold((0, 0), |(a, b), (c, d)| (a + c, b + d));
    let (before, after) = (percentile(&quiet, 99), percentile(&flooded, 99));
    println!(
        "{backend:?}: p50 {:.2} -> {:.2} ms, p99 {before:.2} -> {after:.2} ms, ratio {:.2}; {} and {} messages, \
         {judged} log-ins judged and {busy} told to wait; {memory} MiB more",
        percentile(&quiet, 50),
        percentile(&flooded, 50),
        after / before,
        quiet.len(),
        flooded.len(),
    );
    assert!(memory < 256, "{memory} MiB more");
    assert!(after < 2.0 * before, "the 99th percentile is {before} ms in quiet and {after} ms in the flood");
}

/// What is not one's own takes as long as what is not there, on SQLite.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "it measures time: run it by name"]
async fn the_time_of_an_answer_does_not_tell_what_is_of_others_on_sqlite() {
    strangers(Backend::Sqlite).await;
}

/// The same.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "it measures time: run it by name"]
async fn the_time_of_an_answer_does_not_tell_what_is_of_others_on_postgres() {
    strangers(Backend::Postgres).await;
}

/// Ids of others, and the ids next to them, which lead to the same pages of each index, in turn. The medians are within 5 %
/// of each other, and the ranks do not tell them apart: with as many operations as there are here, by chance alone one run in
/// a hundred fails. It is not repeated.
async fn strangers(backend: Backend) {
    let server = Server::with(backend, ServerOptions::default()).await;
    let (ada, mallory) = (server.person("ada", "host").await, server.person("mallory", "host").await);
    mallory.say(&mallory.create_group("My own", &[]).await, "hello").await;
    let mut theirs = Vec::new();
    for number in 0..IDS {
        let group = ada.create_group(&format!("secret {number}"), &[]).await;
        let message = ada.say(&group, "a secret message").await["id"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/conversations/{group}/messages/{message}");
        let edit = ada.request("PATCH", &path).header("If-Match", "*").json(&json!({ "body": "a secret" }));
        assert_eq!(ada.api.send(edit).await.unwrap().status, 200);
        assert_eq!(ada.call("PUT", &format!("{path}/reactions/%F0%9F%91%8D"), &Value::Null).await.status, 200);
        let person = server.api().sign_up(&format!("person{number}")).await;
        theirs.push([group, message, person.id]);
    }
    let nowhere: Vec<[String; 3]> = theirs.iter().map(|ids| ids.clone().map(|id| beside(&id))).collect();

    let operations = [
        ("get_conversation", "GET", "/conversations/{c}", Value::Null),
        ("list_messages", "GET", "/conversations/{c}/messages", Value::Null),
        ("get_message", "GET", "/conversations/{c}/messages/{m}", Value::Null),
        ("list_message_revisions", "GET", "/conversations/{c}/messages/{m}/revisions", Value::Null),
        ("list_reactions", "GET", "/conversations/{c}/messages/{m}/reactions", Value::Null),
        ("list_message_readers", "GET", "/conversations/{c}/messages/{m}/readers", Value::Null),
        ("add_reaction", "PUT", "/conversations/{c}/messages/{m}/reactions/%F0%9F%91%8D", Value::Null),
        ("change_message", "PATCH", "/conversations/{c}/messages/{m}", json!({ "body": "let me in" })),
        ("list_participants", "GET", "/conversations/{c}/participants", Value::Null),
        ("list_events", "GET", "/conversations/{c}/events?after=0", Value::Null),
        ("mark_conversation_read", "PUT", "/conversations/{c}/read", json!({ "seq": 1 })),
        ("send_message", "POST", "/conversations/{c}/messages", json!({ "body": "let me in" })),
        ("read_user", "GET", "/users/{u}", Value::Null),
        ("search_messages, in:", "GET", "/search?q=secret+in:{c}", Value::Null),
        ("search_messages, from:", "GET", "/search?q=secret+from:{u}", Value::Null),
    ];
    let call = async |method: &str, path: &str, body: &Value, ids: &[String; 3]| {
        let [group, message, person] = ids;
        let path = path.replace("{c}", group).replace("{m}", message).replace("{u}", person);
        let mut request = mallory.request(method, &format!("/api/v1{path}")).header("If-Match", "*");
        if !body.is_null() {
            request = request.json(body);
        }
        let begun = Instant::now();
        let answer = mallory.api.send(request).await.unwrap();
        assert_eq!(answer.status, if path.starts_with("/search") { 200 } else { 404 }, "{path}: {}", answer.text);
        begun.elapsed().as_secs_f64() * 1e6
    };
    let mut told = Vec::new();
    let (mut worst_p, mut worst_ratio) = (1.0_f64, 1.0_f64);
    for (name, method, path, body) in &operations {
        let (mut of_others, mut of_nothing) = (Vec::new(), Vec::new());
        for number in 0..CALLS + 20 {
            let (one, other) = (&theirs[number * 7 % IDS], &nowhere[number * 7 % IDS]);
            let (first, second) = if number % 2 == 0 { (one, other) } else { (other, one) };
            let first = call(method, path, body, first).await;
            let second = call(method, path, body, second).await;
            if number >= 20 {
                let (one, other) = if number % 2 == 0 { (first, second) } else { (second, first) };
                of_others.push(one);
                of_nothing.push(other);
            }
        }
        let p = rank_test(&of_others, &of_nothing);
        let (others, nothing) = (median(&mut of_others), median(&mut of_nothing));
        let ratio = others / nothing;
        println!(
            "{backend:?} {name}: {others:.0} µs of others, {nothing:.0} µs of nothing, ratio {ratio:.3}, p = {p:.3}"
        );
        worst_p = worst_p.min(p);
        worst_ratio = if (ratio - 1.0).abs() > (worst_ratio - 1.0).abs() { ratio } else { worst_ratio };
        if !(0.95..=1.05).contains(&ratio) || p < 0.01 / operations.len() as f64 {
            told.push(*name);
        }
    }
    println!("{backend:?}: the worst p is {worst_p:.4} of {}, the worst ratio {worst_ratio:.3}", operations.len());
    assert!(told.is_empty(), "these tell them apart: {told:?}");
}

/// An id that is next to another in every index, and of nothing.
fn beside(id: &str) -> String {
    let (rest, last) = id.split_at(id.len() - 1);
    format!("{rest}{}", if last == "0" { '1' } else { '0' })
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    percentile(times, 50)
}

fn percentile(sorted: &[f64], percent: usize) -> f64 {
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)]
}

/// The p value of Mann and Whitney's test, by its normal approximation, which is good from some twenty values on.
fn rank_test(one: &[f64], other: &[f64]) -> f64 {
    let mut all: Vec<(f64, bool)> =
        one.iter().map(|time| (*time, true)).chain(other.iter().map(|time| (*time, false))).collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let ranks: usize = all.iter().enumerate().filter(|(_, (_, is_one))| *is_one).map(|(rank, _)| rank + 1).sum();
    let (n, m) = (one.len() as f64, other.len() as f64);
    let u = ranks as f64 - n * (n + 1.0) / 2.0;
    let deviation = (n * m * (n + m + 1.0) / 12.0).sqrt();
    two_sided((u - n * m / 2.0) / deviation)
}

/// How probable it is that a normal value lies as far from 0, by Abramowitz and Stegun's formula 7.1.26.
fn two_sided(z: f64) -> f64 {
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let sum = [1.061_405_429, -1.453_152_027, 1.421_413_741, -0.284_496_736, 0.254_829_592];
    sum.iter().fold(0.0, |total, factor| (total + factor) * t) * (-x * x).exp()
}

#[test]
fn the_rank_test_can_tell_what_differs_and_nothing_else() {
    for (z, p) in [(0.0, 1.0), (1.0, 0.3173), (1.96, 0.05), (2.5758, 0.01)] {
        assert!((two_sided(z) - p).abs() < 1e-4, "{z}: {}", two_sided(z));
    }
    // The same values, shuffled by a multiplication; and the same, each a little more.
    let values: Vec<f64> = (0..200).map(|n| f64::from(n * 77 % 200)).collect();
    let more: Vec<f64> = values.iter().map(|value| value + 20.0).collect();
    assert!(rank_test(&values, &values) > 0.9);
    assert!(rank_test(&values, &more) < 0.01);
}
