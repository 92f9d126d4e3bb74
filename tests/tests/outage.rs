//! The database crashes while 64 people send, and comes back: the server stays up, says that it cannot serve, and heals by
//! itself; nothing that was acknowledged is lost, and nothing is doubled.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use confab_test_postgres::Cluster;
use confab_tests::{Answer, Api, Attempt, Backend, Count, Crowd, Server, ServerOptions, cluster};
use futures_util::future::join_all;
use tokio::task::block_in_place;

const ROUNDS: usize = 10;
const SENDERS: usize = 64;
const GROUPS: usize = 3;

/// The longest that anybody waits for an answer, whatever the database does: a second for a connection to look up who
/// asks; then, in the log of messages, a second for the batch that is being written and one for one's own; and as much
/// again for a slow machine.
const LONGEST: Duration = Duration::from_secs(6);

static LONGEST_SEEN: AtomicU64 = AtomicU64::new(0);

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_does_not_answer_is_not_waited_for() {
    let database = cluster().await;
    let server = Server::with(Backend::Postgres, ServerOptions::default().on(database.url())).await;
    server.api().get("/readyz").await.expect(200);
    database.pause().unwrap();
    let asked = Instant::now();
    let refused = server.api().get("/readyz").await;
    let took = asked.elapsed();
    database.resume().unwrap();
    assert_eq!(refused.status, 503, "{}", refused.text);
    assert!(took >= Duration::from_secs(2) && took < Duration::from_secs(4), "{took:?}");
    server.api().get("/healthz").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_of_the_database_is_survived() {
    let mut database = cluster().await;
    let options =
        ServerOptions::cheap_passwords().on(database.url()).set("CONFAB__DATABASE__ACQUIRE_TIMEOUT_SECONDS", "1");
    let server = Server::with(Backend::Postgres, options).await;
    let crowd = Arc::new(Crowd::new(&server, SENDERS, GROUPS).await);
    let mut attempts = Vec::new();
    let mut refused = 0;
    for round in 0..ROUNDS {
        let (answered, turned_away) = (Arc::new(Count::default()), Arc::new(Count::default()));
        let healed = Arc::new(AtomicBool::new(false));
        let senders = (0..SENDERS).map(|sender| {
            let crowd = Arc::clone(&crowd);
            let (answered, turned_away, healed) =
                (Arc::clone(&answered), Arc::clone(&turned_away), Arc::clone(&healed));
            tokio::spawn(async move {
                let mut attempts = Vec::new();
                for number in 0.. {
                    let last = healed.load(Ordering::SeqCst);
                    let mut attempt = crowd.attempt(sender, number, format!("{round}-{sender}-{number}"));
                    attempt.answer = Some(until_kept(&crowd, &attempt, &turned_away).await);
                    attempts.push(attempt);
                    answered.add_one();
                    if last {
                        break;
                    }
                }
                attempts
            })
        });
        let senders: Vec<_> = senders.collect();
        answered.reaches(100 + (round * 37) % 64).await;
        crash(&mut database, &server.api(), &turned_away).await;
        healed.store(true, Ordering::SeqCst);
        for theirs in join_all(senders).await {
            attempts.append(&mut theirs.unwrap());
        }
        refused += turned_away.so_far();
        crowd.verify(&attempts).await;
    }
    println!(
        "{} messages, {ROUNDS} crashes of the database: none lost or doubled; {refused} times 503; nobody waited for \
         longer than {} ms",
        attempts.len(),
        LONGEST_SEEN.load(Ordering::Relaxed)
    );
}

/// Crashes the database, and starts it again when everyone has noticed.
async fn crash(database: &mut Cluster, api: &Api, turned_away: &Count) {
    block_in_place(|| database.crash()).unwrap();
    assert_eq!(ask(api, "/healthz").await.status, 200);
    assert_unavailable(&ask(api, "/readyz").await);
    turned_away.reaches(SENDERS).await;
    assert_eq!(ask(api, "/healthz").await.status, 200);
    block_in_place(|| database.restart()).unwrap();
    // Each connection of the pool that was alive at the crash is found dead by whoever is the first to use it: so many
    // refusals, and not one more.
    let mut refusals = 0;
    while ask(api, "/readyz").await.status != 200 {
        refusals += 1;
        assert!(refusals <= 16, "it does not heal");
    }
}

/// Sends a message again and again until it is kept, and returns what is kept.
async fn until_kept(crowd: &Crowd, attempt: &Attempt, turned_away: &Count) -> serde_json::Value {
    loop {
        let asked = Instant::now();
        let answer = attempt.send(crowd).await.unwrap();
        in_time(asked);
        if answer.status == 200 || answer.status == 201 {
            return answer.json;
        }
        assert_unavailable(&answer);
        turned_away.add_one();
    }
}

async fn ask(api: &Api, path: &str) -> Answer {
    let asked = Instant::now();
    let answer = api.get(path).await;
    in_time(asked);
    answer
}

fn in_time(asked: Instant) {
    let waited = asked.elapsed();
    assert!(waited <= LONGEST, "an answer took {waited:?}");
    LONGEST_SEEN.fetch_max(u64::try_from(waited.as_millis()).unwrap(), Ordering::Relaxed);
}

fn assert_unavailable(answer: &Answer) {
    assert_eq!((answer.status, answer.json["code"].as_str()), (503, Some("unavailable")), "{}", answer.text);
    assert_eq!(answer.header("retry-after"), "1");
}
