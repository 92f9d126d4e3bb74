//! Two servers on one database are one to their clients.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use confab_tests::{Api, Attempt, Backend, Crowd, Person, Server, ServerOptions};
use futures_util::future::join_all;
use serde_json::Value;

const SENDERS: usize = 64;
const GROUPS: usize = 10;
const EACH: usize = 12;

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_keep_one_order_and_find_each_other_s_messages() {
    let first = Server::with(Backend::Postgres, ServerOptions::cheap_passwords()).await;
    let second = first.another_node();
    let mut crowd = Crowd::new(&first, SENDERS, GROUPS).await;
    // Half of them at each.
    for person in crowd.people.iter_mut().skip(SENDERS / 2) {
        person.api = second.api();
    }
    let crowd = Arc::new(crowd);
    let apis = [first.api(), second.api()];
    let senders = (0..SENDERS).map(|sender| {
        let (crowd, apis) = (Arc::clone(&crowd), apis.clone());
        tokio::spawn(async move {
            let mut attempts = Vec::new();
            for number in 0..EACH {
                let mut attempt = crowd.attempt(sender, number, format!("{sender}-{number}"));
                send(&crowd, &apis, &mut attempt, number).await;
                attempts.push(attempt);
            }
            attempts
        })
    });
    let attempts: Vec<Attempt> = join_all(senders).await.into_iter().flat_map(Result::unwrap).collect();
    crowd.verify(&attempts).await;
    let mut elsewhere = Crowd { people: crowd.people.clone(), groups: Arc::clone(&crowd.groups) };
    elsewhere.move_to(&second);
    elsewhere.verify(&attempts).await;
}

/// Sends a message once; or again to the other node when it was answered; or to both at once.
async fn send(crowd: &Crowd, apis: &[Api; 2], attempt: &mut Attempt, number: usize) {
    let home = usize::from(attempt.sender >= SENDERS / 2);
    let [here, there] = [&apis[home], &apis[1 - home]];
    if number % 3 == 2 {
        let (one, other) = tokio::join!(attempt.send_to(crowd, here), attempt.send_to(crowd, there));
        let (one, other) = (one.unwrap(), other.unwrap());
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 201], "{} {}", one.text, other.text);
        assert_eq!(one.json, other.json);
        attempt.answer = Some(one.json);
        return;
    }
    let sent = attempt.send_to(crowd, here).await.unwrap().expect(201);
    if number % 3 == 1 {
        assert_eq!(attempt.send_to(crowd, there).await.unwrap().expect(200), sent);
    }
    attempt.answer = Some(sent);
}

/// How long a node may go on serving a session that was ended at the other one, by its default settings; with what it takes
/// to ask.
const BOUND: Duration = Duration::from_millis(1000);
const TRIES: usize = 100;
const AT_ONCE: usize = 10;

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_ended_at_one_node_is_refused_at_the_other() {
    let first = Server::with(Backend::Postgres, ServerOptions::cheap_passwords()).await;
    let second = first.another_node();
    let ada = first.api().sign_up("ada").await;
    let one = || async {
        let here = Person::log_in(first.api(), &ada.email, &ada.password).await;
        let there = Person { api: second.api(), ..here.clone() };
        // So that it is remembered there, as freshly as can be.
        there.get("/api/v1/users/me/sessions").await.expect(200);
        let ended = Instant::now();
        here.call("POST", "/api/v1/auth/logout", &Value::Null).await.expect(204);
        let answered = Instant::now();
        here.get("/api/v1/users/me/sessions").await.expect(401);
        let mut last_served = ended;
        loop {
            let asked = Instant::now();
            match there.get("/api/v1/users/me/sessions").await.status {
                200 => last_served = asked,
                401 => return (last_served.max(answered) - answered, asked - answered),
                other => panic!("{other}"),
            }
        }
    };
    let mut outcomes: Vec<(Duration, Duration)> = Vec::new();
    while outcomes.len() < TRIES {
        outcomes.extend(join_all((0..AT_ONCE).map(|_| one())).await);
    }
    let worst = outcomes.iter().map(|(served, _)| *served).max().unwrap();
    let refused = outcomes.iter().map(|(_, refused)| *refused).max().unwrap();
    println!(
        "of {TRIES} ended sessions the other node served one at the most {worst:?} later; all were refused by {refused:?}"
    );
    assert!(worst <= BOUND, "{worst:?}");
}
