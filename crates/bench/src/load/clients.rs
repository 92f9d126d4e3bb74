//! The clients: each is one of the users on a connection of its own.

use std::io::Write as _;
use std::rc::Rc;

use super::{Client, Expected, Keys};
use crate::world::{self, Size, USERS, conversation_id};

/// The bytes of each message.
const BODY_BYTES: usize = 120;

/// The most messages of a history's page.
const PAGE: u32 = 50;

/// A user, with what it takes to ask for something.
#[derive(Clone)]
struct User {
    /// The end of every head: who asks.
    authorization: Rc<str>,
    /// Where what is read is found.
    base: &'static str,
    random: Random,
}

/// Where the product has its routes.
const PRODUCT: &str = "/api/v1";
/// Where the yardstick has its own, which answer the same.
const RAW: &str = "/raw";

impl User {
    /// The user of the client with this number.
    fn of_client(client: u32, tokens: &[String]) -> Self {
        let user = client % USERS;
        let authorization = format!(" HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {}\r\n", tokens[user as usize]);
        Self {
            authorization: authorization.into(),
            base: PRODUCT,
            random: Random((u64::from(client) + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)),
        }
    }

    fn get(&self, request: &mut Vec<u8>, path: std::fmt::Arguments<'_>) -> Expected {
        write(request, format_args!("GET {}{path}{}\r\n", self.base, self.authorization));
        Expected::Ok
    }

    fn with_json(&self, request: &mut Vec<u8>, line: std::fmt::Arguments<'_>, json: &[u8]) {
        write(request, format_args!("{line}{}Content-Type: application/json\r\n", self.authorization));
        write(request, format_args!("Content-Length: {}\r\n\r\n", json.len()));
        request.extend_from_slice(json);
    }

    /// The same user, who reads what the yardstick has to read.
    fn of_yardstick(self) -> Self {
        Self { base: RAW, ..self }
    }

    fn one_of(&mut self, conversations: &[u32]) -> u32 {
        conversations[self.random.below(conversations.len() as u64) as usize]
    }
}

fn write(request: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Writing to memory does not fail.
    let _ = request.write_fmt(text);
}

/// Sends messages, each with a key and a text of its own.
pub struct Senders {
    user: User,
    conversations: Rc<[u32]>,
    keys: Rc<Keys>,
    json: Vec<u8>,
}

impl Senders {
    /// A client that sends to these conversations, which it is in, at random.
    pub fn new(client: u32, tokens: &[String], conversations: Rc<[u32]>, keys: &Rc<Keys>) -> Self {
        Self { user: User::of_client(client, tokens), conversations, keys: Rc::clone(keys), json: Vec::new() }
    }

    fn write_to(&mut self, request: &mut Vec<u8>, path: std::fmt::Arguments<'_>) -> Expected {
        let key = self.keys.next();
        self.json.clear();
        write(&mut self.json, format_args!(r#"{{"client_message_id":"{key}","body":""#));
        let begin = self.json.len();
        write(&mut self.json, format_args!("Message {key}: "));
        self.json.resize(begin + BODY_BYTES, b'x');
        self.json.extend_from_slice(br#""}"#);
        self.user.with_json(request, path, &self.json);
        Expected::Created(key)
    }
}

impl Client for Senders {
    fn write(&mut self, request: &mut Vec<u8>) -> Expected {
        let id = conversation_id(self.user.one_of(&Rc::clone(&self.conversations)));
        self.write_to(request, format_args!("POST /api/v1/conversations/{id}/messages"))
    }
}

/// Sends the same to the route that only checks the token and echoes.
pub struct Echo(Senders);

impl Echo {
    /// A client.
    pub fn new(client: u32, tokens: &[String], keys: &Rc<Keys>) -> Self {
        Self(Senders::new(client, tokens, Rc::new([]), keys))
    }
}

impl Client for Echo {
    fn write(&mut self, request: &mut Vec<u8>) -> Expected {
        self.0.write_to(request, format_args!("POST /echo"));
        Expected::Ok
    }
}

/// Reads a page of 50 of the user's own conversations: half of them the newest page, half from a random place.
pub struct Histories {
    user: User,
    /// Conversations with more than two pages, and how many messages each has.
    conversations: Rc<[(u32, u32)]>,
}

impl Histories {
    /// A client.
    pub fn new(client: u32, tokens: &[String], size: Size) -> Self {
        let groups = &world::groups_by_user()[(client % USERS) as usize];
        let long = groups.iter().map(|group| (*group, size.messages_in(*group))).filter(|(_, n)| *n > 2 * PAGE);
        Self { user: User::of_client(client, tokens), conversations: long.collect() }
    }

    /// The same client of the yardstick.
    #[must_use]
    pub fn of_yardstick(self) -> Self {
        Self { user: self.user.of_yardstick(), ..self }
    }
}

impl Client for Histories {
    fn write(&mut self, request: &mut Vec<u8>) -> Expected {
        let random = &mut self.user.random;
        let (group, messages) = self.conversations[random.below(self.conversations.len() as u64) as usize];
        let id = conversation_id(group);
        if random.below(2) == 0 {
            return self.user.get(request, format_args!("/conversations/{id}/messages?limit={PAGE}"));
        }
        // So that a whole page lies before it.
        let before = u64::from(PAGE) + 1 + random.below(u64::from(messages - PAGE));
        self.user.get(request, format_args!("/conversations/{id}/messages?limit={PAGE}&before_seq={before}"))
    }
}

/// Reads the first page of the user's conversations, of 20.
pub struct Lists(User);

impl Lists {
    /// A client.
    pub fn new(client: u32, tokens: &[String]) -> Self {
        Self(User::of_client(client, tokens))
    }

    /// The same client of the yardstick.
    #[must_use]
    pub fn of_yardstick(self) -> Self {
        Self(self.0.of_yardstick())
    }
}

impl Client for Lists {
    fn write(&mut self, request: &mut Vec<u8>) -> Expected {
        self.0.get(request, format_args!("/conversations?limit=20"))
    }
}

/// Half histories, a fifth sends, a fifth lists, a tenth marks a conversation read.
pub struct Mixed {
    senders: Senders,
    histories: Histories,
    lists: Lists,
}

impl Mixed {
    /// A client.
    pub fn new(client: u32, tokens: &[String], size: Size, keys: &Rc<Keys>) -> Self {
        let own = world::groups_by_user().swap_remove((client % USERS) as usize).into();
        Self {
            senders: Senders::new(client, tokens, own, keys),
            histories: Histories::new(client, tokens, size),
            lists: Lists::new(client, tokens),
        }
    }

    fn mark_read(&mut self, request: &mut Vec<u8>) -> Expected {
        let (group, messages) = self.histories.conversations[0];
        let seq = 1 + self.histories.user.random.below(u64::from(messages));
        let json = format!(r#"{{"seq":{seq}}}"#);
        let id = conversation_id(group);
        self.lists.0.with_json(request, format_args!("PUT /api/v1/conversations/{id}/read"), json.as_bytes());
        Expected::Ok
    }
}

impl Client for Mixed {
    fn write(&mut self, request: &mut Vec<u8>) -> Expected {
        match self.lists.0.random.below(10) {
            0 | 1 => self.senders.write(request),
            2 | 3 => self.lists.write(request),
            4 => self.mark_read(request),
            _ => self.histories.write(request),
        }
    }
}

/// Numbers that are the same in every run: xorshift64*, which is good enough to choose a conversation by.
#[derive(Debug, Clone)]
struct Random(u64);

impl Random {
    /// A number below this one, which is small.
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens() -> Vec<String> {
        (0..USERS).map(|user| format!("token{user}")).collect()
    }

    #[test]
    fn each_message_has_a_text_of_120_bytes_and_a_key_of_its_own() {
        let keys = Rc::new(Keys::of_run(1));
        let mut sender = Senders::new(3, &tokens(), Rc::new([5]), &keys);
        let mut seen = Vec::new();
        for _ in 0..2 {
            let mut request = Vec::new();
            let Expected::Created(key) = sender.write(&mut request) else { panic!() };
            let text = String::from_utf8(request).unwrap();
            let (head, json) = text.split_once("\r\n\r\n").unwrap();
            assert!(
                head.starts_with(
                    "POST /api/v1/conversations/01980000-0000-7000-8000-100000000005/messages HTTP/1.1\r\n"
                )
            );
            assert!(head.contains("\r\nAuthorization: Bearer token3\r\n"), "{head}");
            assert!(head.ends_with(&format!("\r\nContent-Length: {}", json.len())), "{head}");
            let json: serde_json::Value = serde_json::from_str(json).unwrap();
            assert_eq!(json["client_message_id"], key.to_string());
            let body = json["body"].as_str().unwrap().to_owned();
            assert_eq!(body.len(), BODY_BYTES);
            assert!(!seen.contains(&body));
            seen.push(body);
        }
    }

    #[test]
    fn half_of_the_histories_begin_at_the_end_and_all_are_whole_pages() {
        let size = Size::new(10_000);
        let mut reader = Histories::new(0, &tokens(), size);
        let mut newest = 0;
        for _ in 0..1000 {
            let mut request = Vec::new();
            reader.write(&mut request);
            let text = String::from_utf8(request).unwrap();
            match text.split_once("before_seq=") {
                None => newest += 1,
                Some((_, rest)) => {
                    let before: u32 = rest.split(' ').next().unwrap().parse().unwrap();
                    assert!(before > PAGE && before <= size.messages_in(0) + 1, "{before}");
                }
            }
        }
        assert!((400..600).contains(&newest), "{newest}");
    }
}
