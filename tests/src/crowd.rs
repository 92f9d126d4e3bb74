//! Many who send at once, and what each of them knows: with which keys, and what was answered.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::client::{Answer, Api, Person};
use crate::server::Server;

/// People, each a client of its own, in the same groups.
pub struct Crowd {
    /// Who they are. The first is the groups' owner.
    pub people: Vec<Person>,
    /// The ids of the groups.
    pub groups: Arc<Vec<String>>,
}

/// A message that somebody has sent, and what became of it.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// Whose, as a number of [`Crowd::people`].
    pub sender: usize,
    /// Where, as a number of [`Crowd::groups`].
    pub group: usize,
    /// Its `client_message_id`, and a part of its text.
    pub key: String,
    /// The message as the server has shown it; none where no answer came.
    pub answer: Option<Value>,
    /// The request had gone out when its connection ended.
    pub broke_off: bool,
}

/// Counts, and tells when there are enough.
#[derive(Default)]
pub struct Count {
    so_far: AtomicUsize,
    changed: Notify,
}

impl Crowd {
    /// So many people, who are members of so many groups.
    pub async fn new(server: &Server, people: usize, groups: usize) -> Self {
        let api = server.api();
        let mut everyone = vec![server.person("sender-0", "host").await];
        everyone.extend(join_all((1..people).map(|n| api.sign_up_apart(format!("sender-{n}")))).await);
        let others: Vec<&Person> = everyone.iter().skip(1).collect();
        let mut ids = Vec::new();
        for n in 0..groups {
            ids.push(everyone[0].create_group(&format!("group {n}"), &others).await);
        }
        Self { people: everyone, groups: Arc::new(ids) }
    }

    /// Has everyone talk to this server from now on. Their tokens are as good there.
    pub fn move_to(&mut self, server: &Server) {
        for person in &mut self.people {
            person.api = server.api();
        }
    }

    /// An attempt of one of them, whose number also chooses the group.
    pub fn attempt(&self, sender: usize, number: usize, key: String) -> Attempt {
        Attempt { sender, group: (number + sender) % self.groups.len(), key, answer: None, broke_off: false }
    }

    /// Has everyone send, one message after the other, until `round` answers none; returns what they tried. The number
    /// of their messages goes on from round to round.
    pub async fn send_until_cut_off(&self, round: usize, answered: &Arc<Count>) -> Vec<Attempt> {
        let senders = (0..self.people.len()).map(|sender| {
            let crowd = Self { people: self.people.clone(), groups: Arc::clone(&self.groups) };
            let answered = Arc::clone(answered);
            tokio::spawn(async move {
                let mut attempts = Vec::new();
                for number in 0.. {
                    let mut attempt = crowd.attempt(sender, number, format!("{round}-{sender}-{number}"));
                    match attempt.send(&crowd).await {
                        Ok(answer) => attempt.answer = Some(answer.expect(201)),
                        Err(error) => attempt.broke_off = !error.is_connect(),
                    }
                    let cut_off = attempt.answer.is_none();
                    attempts.push(attempt);
                    if cut_off {
                        break;
                    }
                    answered.add_one();
                }
                attempts
            })
        });
        join_all(senders).await.into_iter().flat_map(Result::unwrap).collect()
    }

    /// Sends again what was not answered, and one answered message of each sender. Returns how many of the unanswered
    /// ones were there already.
    pub async fn retry(&self, attempts: &mut [Attempt]) -> usize {
        let mut by_sender: Vec<Vec<&mut Attempt>> = self.people.iter().map(|_| Vec::new()).collect();
        for attempt in attempts.iter_mut().rev() {
            let theirs = &mut by_sender[attempt.sender];
            if attempt.answer.is_none() || !theirs.iter().any(|attempt| attempt.answer.is_some()) {
                theirs.push(attempt);
            }
        }
        let there = by_sender.into_iter().map(|attempts| async {
            let mut there = 0;
            for attempt in attempts {
                let answer = attempt.send(self).await.unwrap();
                if let Some(first) = &attempt.answer {
                    assert_eq!(&answer.expect(200), first, "a repetition finds another message");
                } else {
                    assert!(answer.status == 201 || answer.status == 200, "{}", answer.text);
                    there += usize::from(answer.status == 200);
                    attempt.answer = Some(answer.json);
                }
            }
            there
        });
        join_all(there).await.into_iter().sum()
    }

    /// Asserts that every message is there once, as it was answered; that the seqs have no gap; and that those of each
    /// sender in a group are in the order in which they were sent.
    pub async fn verify(&self, attempts: &[Attempt]) {
        for (n, group) in self.groups.iter().enumerate() {
            let messages = self.people[0].read_all_after_a_crash(group, 100).await;
            assert!(messages.iter().map(seq).eq(1..=messages.len() as u64), "a gap in group {n}");
            let expected: Vec<&Attempt> = attempts.iter().filter(|attempt| attempt.group == n).collect();
            assert_eq!(messages.len(), expected.len(), "lost or doubled in group {n}");
            let found: HashMap<&str, &Value> =
                messages.iter().map(|message| (message["client_message_id"].as_str().unwrap(), message)).collect();
            let mut last = vec![0; self.people.len()];
            for attempt in expected {
                let found = found.get(attempt.key.as_str()).copied();
                assert_eq!(found, attempt.answer.as_ref(), "{}", attempt.key);
                let seq = found.map(seq).unwrap();
                assert!(seq > last[attempt.sender], "{} is out of order", attempt.key);
                last[attempt.sender] = seq;
            }
        }
    }
}

impl Attempt {
    /// Sends it, as its sender.
    ///
    /// # Errors
    /// Where no answer comes.
    pub async fn send(&self, crowd: &Crowd) -> Result<Answer, reqwest::Error> {
        self.send_to(crowd, &crowd.people[self.sender].api).await
    }

    /// Sends it, as its sender, to some server.
    ///
    /// # Errors
    /// Where no answer comes.
    pub async fn send_to(&self, crowd: &Crowd, api: &Api) -> Result<Answer, reqwest::Error> {
        let path = format!("/api/v1/conversations/{}/messages", crowd.groups[self.group]);
        let message = json!({ "body": format!("message {}", self.key), "client_message_id": self.key });
        let request = api.request("POST", &path).bearer_auth(&crowd.people[self.sender].token);
        api.send(request.json(&message)).await
    }
}

impl Count {
    /// One more.
    pub fn add_one(&self) {
        self.so_far.fetch_add(1, Ordering::SeqCst);
        self.changed.notify_waiters();
    }

    /// How many there are.
    pub fn so_far(&self) -> usize {
        self.so_far.load(Ordering::SeqCst)
    }

    /// Waits until there are so many.
    pub async fn reaches(&self, count: usize) {
        loop {
            let changed = self.changed.notified();
            if self.so_far.load(Ordering::SeqCst) >= count {
                return;
            }
            changed.await;
        }
    }
}

fn seq(message: &Value) -> u64 {
    message["seq"].as_u64().unwrap()
}
