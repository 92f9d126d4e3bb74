//! `kill -9` of the server while 64 people send: nothing that was acknowledged is lost, and nothing is doubled.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use std::sync::Arc;

use confab_tests::{Attempt, Backend, Count, Crowd, Server, ServerOptions, on_each_backend};

on_each_backend!([sqlite, postgres] what_was_acknowledged_survives_kill_9, what_was_taken_is_answered_before_it_stops);

const ROUNDS: usize = 10;
const SENDERS: usize = 64;
const GROUPS: usize = 3;

async fn what_was_acknowledged_survives_kill_9(backend: Backend) {
    let mut server = Server::with(backend, ServerOptions::cheap_passwords()).await;
    let mut crowd = Crowd::new(&server, SENDERS, GROUPS).await;
    let mut attempts: Vec<Attempt> = Vec::new();
    let mut committed = 0;
    for round in 0..ROUNDS {
        let answered = Arc::new(Count::default());
        // It dies after a number of answers that differs each round.
        let fatal = 70 + (round * 2_654_435_761) % 97;
        let kill = async {
            answered.reaches(fatal).await;
            server.process().kill();
        };
        let (mut cut_off, ()) = tokio::join!(crowd.send_until_cut_off(round, &answered), kill);
        assert!(cut_off.iter().any(|attempt| attempt.broke_off), "nothing was under way when the server died");
        attempts.append(&mut cut_off);
        server.restart();
        crowd.move_to(&server);
        committed += crowd.retry(&mut attempts).await;
        crowd.verify(&attempts).await;
    }
    let total = attempts.len();
    println!(
        "{total} messages, {ROUNDS} kills on {backend:?}: none lost or doubled; {committed} unanswered were on disk"
    );
}

/// SIGTERM while everyone sends: whatever was written is answered, and whatever was answered is there.
async fn what_was_taken_is_answered_before_it_stops(backend: Backend) {
    let mut server = Server::with(backend, ServerOptions::cheap_passwords()).await;
    let mut crowd = Crowd::new(&server, SENDERS, GROUPS).await;
    let mut attempts: Vec<Attempt> = Vec::new();
    for round in 0..2 {
        let answered = Arc::new(Count::default());
        let stop = async {
            answered.reaches(100 + round * 40).await;
            server.process().signal("TERM");
        };
        let (mut cut_off, ()) = tokio::join!(crowd.send_until_cut_off(round, &answered), stop);
        assert_eq!(server.process().wait().code(), Some(0));
        attempts.append(&mut cut_off);
        server.restart();
        crowd.move_to(&server);
        let unanswered = crowd.retry(&mut attempts).await;
        assert_eq!(unanswered, 0, "messages were written, and nobody was told");
        crowd.verify(&attempts).await;
    }
}
