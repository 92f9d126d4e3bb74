//! Two servers on one database are one to their clients.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use std::sync::Arc;

use confab_tests::{Api, Attempt, Backend, Crowd, Server, ServerOptions};
use futures_util::future::join_all;

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
