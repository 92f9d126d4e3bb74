//! Real conversations through the real binary: everything that was sent is there, once, in order, byte for byte.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use confab_tests::{Backend, Conversation, Person, Server, corpus, on_each_backend};
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

on_each_backend!([sqlite, postgres] irc_corpus_comes_back_as_it_was_sent);

const CLIENTS: usize = 16;

/// What a 201 has said: the conversation's messages by seq.
type Acknowledged = BTreeMap<u64, (String, String)>;

async fn irc_corpus_comes_back_as_it_was_sent(backend: Backend) {
    let conversations = corpus();
    let nicks: BTreeSet<&str> =
        conversations.iter().flat_map(|conversation| &conversation.lines).map(|line| line.nick.as_str()).collect();
    let total: usize = conversations.iter().map(|conversation| conversation.lines.len()).sum();
    // 1,487 people write messages, and one is only seen in an action.
    assert_eq!((conversations.len(), nicks.len()), (12, 1488));
    assert!(total > 15_000, "{total} messages");

    let server = Server::start(backend).await;
    let api = server.api();
    let people: HashMap<String, Person> = stream::iter(nicks.iter().enumerate())
        .map(|(n, nick)| {
            let api = api.clone();
            async move {
                let email = format!("person-{n}@irc.example");
                (nick.to_string(), api.sign_up_as(&email, "harbour 7 lantern", nick, "IRC").await)
            }
        })
        .buffer_unordered(CLIENTS)
        .collect()
        .await;
    let people = Arc::new(people);

    let host = server.person("host", "host").await;
    let mut groups = Vec::new();
    for conversation in &conversations {
        let members: BTreeSet<&str> = conversation.lines.iter().map(|line| line.nick.as_str()).collect();
        let members: Vec<&Person> = members.into_iter().map(|nick| &people[nick]).collect();
        groups.push((host.create_group(&conversation.name, &members).await, conversation));
    }

    let acknowledged = send_all(&groups, &people).await;
    for (group, conversation) in &groups {
        verify(group, conversation, &acknowledged[group], &people).await;
    }
}

/// Sends everything with 16 clients at once. All that one person says goes through one client, in order.
async fn send_all(
    groups: &[(String, &Conversation)],
    people: &Arc<HashMap<String, Person>>,
) -> HashMap<String, Acknowledged> {
    let mut queues: Vec<Vec<(String, String, String)>> = vec![Vec::new(); CLIENTS];
    let mut clients: HashMap<&str, usize> = HashMap::new();
    // Line by line through all conversations at once, so that each client works on all of them.
    for n in 0..groups.iter().map(|(_, conversation)| conversation.lines.len()).max().unwrap() {
        for (group, conversation) in groups {
            let Some(line) = conversation.lines.get(n) else { continue };
            let next = clients.len() % CLIENTS;
            let client = *clients.entry(&line.nick).or_insert(next);
            queues[client].push((group.clone(), line.nick.clone(), line.text.clone()));
        }
    }
    let tasks = queues.into_iter().map(|queue| {
        let people = Arc::clone(people);
        tokio::spawn(async move {
            let mut sent = Vec::new();
            for (group, nick, text) in queue {
                let message = people[&nick].say(&group, &text).await;
                assert_eq!(message["body"], json!(text));
                sent.push((group, message["seq"].as_u64().unwrap(), nick, text));
            }
            sent
        })
    });
    let mut acknowledged: HashMap<String, Acknowledged> = HashMap::new();
    for sent in futures_util::future::join_all(tasks).await {
        for (group, seq, nick, text) in sent.unwrap() {
            let earlier = acknowledged.entry(group).or_default().insert(seq, (nick, text));
            assert_eq!(earlier, None, "seq {seq} was given twice");
        }
    }
    acknowledged
}

/// Walks a conversation as three of its members.
async fn verify(
    group: &str,
    conversation: &Conversation,
    acknowledged: &Acknowledged,
    people: &HashMap<String, Person>,
) {
    let members: BTreeSet<&str> = conversation.lines.iter().map(|line| line.nick.as_str()).collect();
    let members: Vec<&str> = members.into_iter().collect();
    for (nick, limit) in [(members[0], 100), (members[members.len() / 2], 73), (members[members.len() - 1], 50)] {
        let messages = people[nick].read_all(group, limit).await;
        let found: Acknowledged =
            messages.iter().map(|message| (message["seq"].as_u64().unwrap(), spoken(message))).collect();
        assert_eq!(messages.len(), conversation.lines.len(), "{}", conversation.name);
        assert!(messages.iter().map(|message| message["seq"].as_u64().unwrap()).eq(1..=messages.len() as u64));
        assert_eq!(&found, acknowledged, "{}", conversation.name);
        assert!(messages.is_sorted_by_key(|message| message["sent_at"].as_str().unwrap().to_owned()));

        let mut by_person: HashMap<&str, Vec<&str>> = HashMap::new();
        for line in &conversation.lines {
            by_person.entry(&line.nick).or_default().push(&line.text);
        }
        for (nick, said) in by_person {
            let found: Vec<&str> =
                found.values().filter(|(sender, _)| sender == nick).map(|(_, text)| text.as_str()).collect();
            assert_eq!(found, said, "{nick} in {}", conversation.name);
        }
    }
}

fn spoken(message: &Value) -> (String, String) {
    let nick = message["sender"]["first_name"].as_str().unwrap();
    (nick.to_owned(), message["body"].as_str().unwrap().to_owned())
}
