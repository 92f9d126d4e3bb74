//! Real conversations with all who came and went: every member sees exactly what their membership allows.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use confab_tests::{Api, Backend, Conversation, Happening, Person, Server, ServerOptions, corpus, on_each_backend};
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

on_each_backend!([sqlite, postgres] irc_corpus_shows_to_everyone_what_their_membership_allows);

const CLIENTS: usize = 16;

type People = Arc<HashMap<String, Person>>;

/// A message as it must be: who sent it, or did what it tells, and what it says or tells.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Told {
    Said(String, String),
    Added(String),
    Left(String),
}

/// What a group must be like.
#[derive(Default)]
struct Model {
    group: String,
    /// The messages, by seq from 1 on.
    told: Vec<Told>,
    /// Who takes part: since which seq, and up to which they have read.
    members: HashMap<String, (usize, usize)>,
    former: HashSet<String>,
}

/// A replay goes through the API, one happening after the other, the groups side by side. An IRC channel has notices of more
/// than it has members of: whoever joins once more changes nothing; whoever speaks or leaves without having joined was there from the
/// start. Somebody with another name is another account here: the one leaves, the other is added.
async fn irc_corpus_shows_to_everyone_what_their_membership_allows(backend: Backend) {
    let server = Server::with(backend, ServerOptions::cheap_passwords()).await;
    let host = server.person("host", "host").await;
    let conversations = corpus();
    let nicks: BTreeSet<&str> = conversations.iter().flat_map(|one| &one.happenings).flat_map(names).collect();
    assert_eq!(nicks.len(), 2517);
    let people: HashMap<String, Person> = stream::iter(nicks.iter().enumerate())
        .map(|(n, nick)| sign_up(server.api(), n, (*nick).to_owned()))
        .buffer_unordered(CLIENTS)
        .collect()
        .await;
    let people = Arc::new(people);

    let replays = conversations.iter().cloned().map(|conversation| {
        let (host, people) = (host.clone(), Arc::clone(&people));
        tokio::spawn(async move { replay(&host, &people, &conversation).await })
    });
    let models: Vec<Model> = futures_util::future::join_all(replays).await.into_iter().map(Result::unwrap).collect();
    let count = |kind: fn(&Told) -> bool| models.iter().flat_map(|model| &model.told).filter(|told| kind(told)).count();
    let (added, left) = (count(|told| matches!(told, Told::Added(_))), count(|told| matches!(told, Told::Left(_))));
    println!("{} messages, {added} added, {left} left", count(|_| true));
    assert!(added > 1_000 && left > 300);

    // New connections: the old ones have been idle meanwhile, and may be closed any moment.
    let fresh = server.api();
    let anew = |(nick, person): (&String, &Person)| (nick.clone(), Person { api: fresh.clone(), ..person.clone() });
    let people: People = Arc::new(people.iter().map(anew).collect());
    let models = Arc::new(models);
    let checks = nicks.iter().enumerate().map(|(n, nick)| {
        let (nick, people, models) = ((*nick).to_owned(), Arc::clone(&people), Arc::clone(&models));
        tokio::spawn(async move { verify(n, &nick, &people, &models).await })
    });
    let walked: Vec<usize> =
        stream::iter(checks).buffer_unordered(CLIENTS).map(Result::unwrap).collect::<Vec<_>>().await;
    println!("{} histories walked from end to end", walked.iter().sum::<usize>());
}

fn names(happening: &Happening) -> Vec<&str> {
    match happening {
        Happening::Said(line) => vec![&line.nick],
        Happening::Joined(nick) | Happening::Left(nick) => vec![nick],
        Happening::Renamed(one, other) => vec![one, other],
    }
}

/// Somebody of this name, in two requests.
async fn sign_up(api: Api, n: usize, nick: String) -> (String, Person) {
    let (email, password) = (format!("person-{n}@irc.example"), "harbour 7 lantern");
    let account = json!({ "email": email, "password": password, "first_name": nick, "last_name": "IRC" });
    let user = api.post("/api/v1/auth/register", &account).await.expect(201);
    let tokens = api.post("/api/v1/auth/token", &json!({ "email": email, "password": password })).await.expect(200);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let person = Person {
        api,
        id: text(&user["id"]),
        email,
        password: password.to_owned(),
        token: text(&tokens["access_token"]),
        refresh_token: text(&tokens["refresh_token"]),
    };
    (nick, person)
}

/// Those who are there before anybody is seen to come.
fn present_at_first(happenings: &[Happening]) -> BTreeSet<&str> {
    let (mut first, mut known) = (BTreeSet::new(), HashSet::new());
    for happening in happenings {
        let nick = names(happening)[0];
        if known.insert(nick) && !matches!(happening, Happening::Joined(_)) {
            first.insert(nick);
        }
        known.extend(names(happening));
    }
    first
}

async fn replay(host: &Person, people: &People, conversation: &Conversation) -> Model {
    let first = present_at_first(&conversation.happenings);
    let others: Vec<&Person> = first.iter().map(|nick| &people[*nick]).collect();
    let group = host.create_group(&conversation.name, &others).await;
    let members = first.iter().map(|nick| ((*nick).to_owned(), (0, 0))).collect();
    let mut model = Model { group, members, ..Model::default() };
    for happening in &conversation.happenings {
        match happening {
            Happening::Said(line) => {
                model.join(host, people, &line.nick).await;
                let message = people[&line.nick].say(&model.group, &line.text).await;
                model.told.push(Told::Said(line.nick.clone(), line.text.clone()));
                let seq = model.told.len();
                assert_eq!(message["seq"], seq);
                model.members.get_mut(&line.nick).unwrap().1 = seq;
            }
            Happening::Joined(nick) => model.join(host, people, nick).await,
            Happening::Left(nick) => model.leave(people, nick).await,
            Happening::Renamed(one, other) => {
                model.leave(people, one).await;
                model.join(host, people, other).await;
            }
        }
    }
    model
}

impl Model {
    fn at(&self, rest: &str) -> String {
        format!("/api/v1/conversations/{}{rest}", self.group)
    }

    async fn join(&mut self, host: &Person, people: &People, nick: &str) {
        if self.members.contains_key(nick) {
            return;
        }
        let ids = json!({ "user_ids": [people[nick].id] });
        host.post(&self.at("/participants"), &ids).await.expect(200);
        self.former.remove(nick);
        self.members.insert(nick.to_owned(), (self.told.len(), self.told.len()));
        self.told.push(Told::Added(nick.to_owned()));
    }

    async fn leave(&mut self, people: &People, nick: &str) {
        if self.members.remove(nick).is_none() {
            return;
        }
        let person = &people[nick];
        let left = person.api.send(person.request("DELETE", &self.at("/participants/me"))).await.unwrap();
        assert_eq!(left.status, 204, "{}", left.text);
        self.former.insert(nick.to_owned());
        self.told.push(Told::Left(nick.to_owned()));
        // At once.
        let refused = person.post(&self.at("/messages"), &json!({ "body": "still here?" })).await;
        assert_eq!(refused.status, 404);
    }

    /// How many messages of others there are after what somebody has read.
    fn unread(&self, nick: &str) -> usize {
        let (_, read) = self.members[nick];
        let others = self.told[read..].iter().filter(|told| match told {
            Told::Said(sender, _) | Told::Left(sender) => sender != nick,
            Told::Added(_) => true,
        });
        others.count().min(100)
    }
}

/// Looks at everything as one person. Returns how many histories were walked: those of every twentieth person, and all short ones.
async fn verify(n: usize, nick: &str, people: &People, models: &[Model]) -> usize {
    let person = &people[nick];
    let list = person.get("/api/v1/conversations?limit=100").await.expect(200);
    let found: HashMap<&str, &Value> =
        list["items"].as_array().unwrap().iter().map(|item| (item["id"].as_str().unwrap(), item)).collect();
    let mine: HashSet<&str> =
        models.iter().filter(|model| model.members.contains_key(nick)).map(|model| model.group.as_str()).collect();
    assert_eq!(found.keys().copied().collect::<HashSet<_>>(), mine, "{nick}");
    let mut walked = 0;
    for model in models {
        let path = |rest: &str| model.at(&format!("/messages{rest}"));
        let Some((joined, _)) = model.members.get(nick).copied() else {
            // Former or never: there is no difference.
            for path in [path("?limit=1"), model.at("/events?after=0&limit=1")] {
                if model.former.contains(nick) {
                    assert_eq!(person.get(&path).await.status, 404, "{nick} in {}", model.group);
                }
            }
            continue;
        };
        let item = found[model.group.as_str()];
        assert_eq!(item["unread_count"], model.unread(nick), "{nick} in {}", model.group);
        assert_eq!(item["last_seq"], model.told.len());
        assert_eq!(item["participant_count"], model.members.len() + 1);

        let oldest = person.get(&path("?limit=1&order=oldest_first")).await.expect(200);
        let seqs = |page: &Value| {
            page["items"].as_array().unwrap().iter().map(|one| one["seq"].as_u64().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(seqs(&oldest), [joined as u64 + 1], "{nick} in {}", model.group);
        if joined > 0 {
            let before = person.get(&path(&format!("?limit=100&before_seq={}", joined + 1))).await.expect(200);
            assert_eq!(seqs(&before), [0; 0], "{nick} in {}", model.group);
        }
        if n.is_multiple_of(20) || model.told.len() - joined <= 100 {
            let seen = person.read_all(&model.group, 100).await;
            let seen: Vec<Told> = seen.iter().map(told).collect();
            assert!(seen == model.told[joined..], "{nick} in {} sees something else", model.group);
            walked += 1;
        }
    }
    walked
}

fn told(message: &Value) -> Told {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let sender = text(&message["sender"]["first_name"]);
    let system = &message["system"];
    match system["kind"].as_str() {
        None => Told::Said(sender, text(&message["body"])),
        Some("participants_added") => Told::Added(text(&system["users"][0]["first_name"])),
        Some("participant_left") => {
            assert_eq!(system["users"][0]["first_name"], sender);
            Told::Left(sender)
        }
        Some(other) => panic!("{other}"),
    }
}
