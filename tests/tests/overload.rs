//! Clients that do not read, and more sends than can be served: memory has a bound, /healthz answers, and nothing that is
//! acknowledged is lost.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use std::collections::HashMap;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use confab_tests::wire::{Answers, Probes, request};
use confab_tests::{Backend, Server, ServerOptions, on_each_backend};
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::sync::Mutex;

on_each_backend!([sqlite, postgres] clients_that_stop_reading_cost_little, a_flood_of_sends_is_answered_or_refused);

/// The most memory that the server may ever have had, with clients that do not read and with too many sends; as
/// docs/architecture.md says.
const MOST_MIB: [usize; 2] = [1024, 1536];

/// The most characters of a message.
const LONGEST_TEXT: usize = 20_000;

/// How long a probe may take in a release build, where it is asserted; a debug build on a busy machine says little.
const PROMPT: Duration = Duration::from_millis(100);

/// These take all cores: one at a time.
static ALONE: Mutex<()> = Mutex::const_new(());

async fn clients_that_stop_reading_cost_little(backend: Backend) {
    const CLIENTS: usize = 100;
    const PIPELINED: usize = 400;
    let _alone = ALONE.lock().await;
    let mut server = Server::start(backend).await;
    let ada = server.person("ada", "host").await;
    let group = ada.create_group("Engines", &[]).await;
    let text = "😀".repeat(LONGEST_TEXT);
    for _ in 0..50 {
        ada.say(&group, &text).await;
    }
    let page = format!("/api/v1/conversations/{group}/messages?limit=50");
    let requests = Arc::new(request("GET", &page, &ada.token, "").repeat(PIPELINED));
    let quiet = peak_mib(&mut server);

    let all_begun = Arc::new(AtomicBool::new(false));
    let probes = probe(&server, &all_begun);
    let clients = (0..CLIENTS).map(|_| {
        let (address, requests) = (address(&server), Arc::clone(&requests));
        tokio::spawn(async move {
            let (read, mut write) = TcpStream::connect(address).await.unwrap().into_split();
            // The server takes them only as far as it makes answers.
            let writing = tokio::spawn(async move { write.write_all(requests.as_bytes()).await });
            read.readable().await.unwrap();
            (read, writing)
        })
    });
    let clients: Vec<_> = join_all(clients).await.into_iter().map(Result::unwrap).collect();
    // Others are served meanwhile.
    let other = server.person("brian", "host").await;
    let quiet_group = other.create_group("Quiet", &[]).await;
    for n in 0..20 {
        other.say(&quiet_group, &format!("message {n}")).await;
    }
    assert_eq!(other.read_all(&quiet_group, 100).await.len(), 20);
    all_begun.store(true, Ordering::SeqCst);
    let probes = tokio::task::spawn_blocking(|| probes.join().unwrap()).await.unwrap();
    let peak = peak_mib(&mut server);
    println!(
        "{CLIENTS} clients that do not read, {backend:?}: {quiet} MiB before, at most {peak} MiB; {}; CPU {} s",
        told(&probes),
        cpu_seconds(&mut server)
    );
    drop(clients);
    judge(&probes, peak, MOST_MIB[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_reads_nothing_is_dropped() {
    let options = ServerOptions::default().set("CONFAB__SERVER__UNREAD_TIMEOUT_SECONDS", "1");
    let server = Server::with(Backend::Sqlite, options).await;
    let ada = server.person("ada", "host").await;
    let group = ada.create_group("Engines", &[]).await;
    for _ in 0..5 {
        ada.say(&group, &"x".repeat(LONGEST_TEXT)).await;
    }
    let page = format!("/api/v1/conversations/{group}/messages");
    let mut client = TcpStream::connect(address(&server)).await.unwrap();
    // More than the system would keep for it.
    client.write_all(request("GET", &page, &ada.token, "").repeat(200).as_bytes()).await.unwrap();
    // The client's system is taken for dead and told nothing, and there is no other signal: so this looks until the
    // server's end of the connection is gone.
    let (here, there) = (client.local_addr().unwrap().port(), client.peer_addr().unwrap().port());
    let begun = Instant::now();
    while is_connected(there, here) {
        assert!(begun.elapsed() < Duration::from_secs(60), "it is still connected");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(begun.elapsed() >= Duration::from_secs(1), "it was dropped before its time");
}

/// Whether Linux knows of a connection from this port of this machine to that one.
fn is_connected(local: u16, remote: u16) -> bool {
    const ESTABLISHED: &str = "01";
    let connections = std::fs::read_to_string("/proc/net/tcp").unwrap();
    connections.lines().skip(1).any(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let ends = (fields[1].ends_with(&format!(":{local:04X}")), fields[2].ends_with(&format!(":{remote:04X}")));
        ends == (true, true) && fields[3] == ESTABLISHED
    })
}

async fn a_flood_of_sends_is_answered_or_refused(backend: Backend) {
    const CONNECTIONS: usize = 2000;
    const PIPELINED: usize = 50;
    const GROUPS: usize = 8;
    /// So many are waited for. A debug build would take minutes for all.
    const ANSWERS: usize = if cfg!(debug_assertions) { 10_000 } else { CONNECTIONS * PIPELINED };
    let _alone = ALONE.lock().await;
    // Ours, which the server inherits.
    let files = Command::new("prlimit").args(["--pid", &std::process::id().to_string(), "--nofile=8192:8192"]).status();
    assert!(files.unwrap().success());
    let mut server = Server::start(backend).await;
    let ada = server.person("ada", "host").await;
    let mut groups = Vec::new();
    for n in 0..GROUPS {
        groups.push(ada.create_group(&format!("group {n}"), &[]).await);
    }
    let quiet = peak_mib(&mut server);

    let done = Arc::new(AtomicBool::new(false));
    let probes = probe(&server, &done);
    let (answers, sent) = (Arc::new(AtomicUsize::new(0)), Arc::new(tokio::sync::Barrier::new(CONNECTIONS)));
    let connections = (0..CONNECTIONS).map(|n| {
        let (address, token, group) = (address(&server), ada.token.clone(), groups[n % GROUPS].clone());
        let (answers, sent) = (Arc::clone(&answers), Arc::clone(&sent));
        tokio::spawn(async move {
            let (read, mut write) = TcpStream::connect(address).await.unwrap().into_split();
            let path = format!("/api/v1/conversations/{group}/messages");
            for k in 0..PIPELINED {
                let body = json!({ "body": format!("message {n}-{k}"), "client_message_id": format!("{n}-{k}") });
                write.write_all(request("POST", &path, &token, &body.to_string()).as_bytes()).await.unwrap();
            }
            // All are on their way before the first answer is taken.
            sent.wait().await;
            let mut read = Answers::new(read);
            let (mut created, mut refused) = (Vec::new(), 0);
            for _ in 0..PIPELINED {
                if answers.fetch_add(1, Ordering::Relaxed) >= ANSWERS {
                    break;
                }
                let answer = read.next().await.unwrap();
                match answer.status {
                    201 | 200 => created.push(serde_json::from_slice::<Value>(&answer.body).unwrap()),
                    503 if answer.retry_after => refused += 1,
                    _ => panic!("{} {}", answer.status, String::from_utf8_lossy(&answer.body)),
                }
            }
            (created, refused)
        })
    });
    let (mut created, mut refused) = (Vec::new(), 0);
    for outcome in join_all(connections).await {
        let (theirs, turned_away) = outcome.unwrap();
        created.extend(theirs);
        refused += turned_away;
    }
    done.store(true, Ordering::SeqCst);
    let probes = tokio::task::spawn_blocking(|| probes.join().unwrap()).await.unwrap();
    let peak = peak_mib(&mut server);
    println!(
        "{} sends, {backend:?}: {} created, {refused} refused; {quiet} MiB before, at most {peak} MiB; {}",
        CONNECTIONS * PIPELINED,
        created.len(),
        told(&probes)
    );
    let mut there = HashMap::new();
    for group in &groups {
        let messages = ada.read_all(group, 100).await;
        assert!(messages.iter().map(|message| message["seq"].as_u64().unwrap()).eq(1..=messages.len() as u64));
        there.extend(messages.into_iter().map(|message| (message["client_message_id"].to_string(), message)));
    }
    assert!(!created.is_empty());
    for message in created {
        assert_eq!(there.get(&message["client_message_id"].to_string()), Some(&message));
    }
    judge(&probes, peak, MOST_MIB[1]);
}

fn probe(server: &Server, done: &Arc<AtomicBool>) -> std::thread::JoinHandle<Probes> {
    let (address, done) = (address(server), Arc::clone(done));
    std::thread::spawn(move || Probes::healthz(&address, 100, || done.load(Ordering::SeqCst)))
}

fn told(probes: &Probes) -> String {
    format!("{} probes of /healthz, p99 {:?}, longest {:?}", probes.count(), probes.p99(), probes.longest())
}

fn judge(probes: &Probes, peak: usize, most: usize) {
    assert!(peak <= most, "{peak} MiB");
    if !cfg!(debug_assertions) {
        assert!(probes.p99() < PROMPT, "{}", told(probes));
    }
}

fn address(server: &Server) -> String {
    server.base().trim_start_matches("http://").to_owned()
}

/// The most memory that the server has had so far, as Linux counts it.
fn peak_mib(server: &mut Server) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.process().id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() / 1024
}

fn cpu_seconds(server: &mut Server) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", server.process().id())).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}
