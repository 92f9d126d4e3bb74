//! Every page of somebody who has little, and the same page of somebody who has much, in turn.

use std::time::Instant;

use serde_json::Value;

use super::bench::Bench;
use crate::Result;
use crate::fill::extent::{self, ADMIN, CROWD, Extent, LARGE, READER, SMALL};
use crate::load::Connection;
use crate::report::{Figures, Labels, SIZES, rounded};
use crate::stage::{Backend, Database, Kind, Server, log_in_as, migrate};
use crate::world;

/// How often each page is read before it is measured, and then.
const WARM_UP: u32 = 5;
const TIMES: u32 = 40;
const TIMES_QUICKLY: u32 = 5;
/// How far a list is walked to find a page at its end.
const MOST_PAGES: usize = 100;

/// A server over a database, and who reads there.
struct Side {
    extent: Extent,
    server: Server,
    connection: Connection,
    reader: String,
    admin: String,
    requests: Vec<Request>,
}

/// What is asked for, and by which name.
struct Request {
    name: String,
    method: &'static str,
    path: String,
    body: &'static str,
    by_admin: bool,
}

/// Measures all pages on both databases.
///
/// # Errors
/// Where a database cannot be filled, or a page is refused.
pub async fn run(bench: &mut Bench) -> Result<()> {
    let times = if bench.options.quick { TIMES_QUICKLY } else { TIMES };
    for backend in bench.options.backends() {
        let mut small = Side::start(bench, backend, "small", SMALL).await?;
        let mut large = Side::start(bench, backend, "large", LARGE).await?;
        for number in 0..small.requests.len() {
            let (mut little, mut much) = (Vec::new(), Vec::new());
            // What has more pages has one in the middle more.
            let name = small.requests.get(number).map(|request| request.name.clone());
            let Some(same) = large.requests.iter().position(|request| Some(&request.name) == name.as_ref()) else {
                continue;
            };
            for time in 0..WARM_UP + times {
                let [one, other] = [small.time(number).await?, large.time(same).await?];
                if time >= WARM_UP {
                    little.push(one);
                    much.push(other);
                }
            }
            for (side, millis) in [(&small, little), (&large, much)] {
                let labels = Labels {
                    scenario: SIZES.to_owned(),
                    database: backend.name().to_owned(),
                    variant: name.clone().unwrap_or_default(),
                    clients: 1,
                    messages: side.extent.messages,
                };
                bench.keep(labels, &[figures(millis)]);
            }
        }
        for side in [small, large] {
            side.server.stop()?;
        }
    }
    Ok(())
}

impl Side {
    async fn start(bench: &Bench, backend: Backend, name: &str, extent: Extent) -> Result<Self> {
        let begun = Instant::now();
        let database = Database::create(&bench.places, backend, &format!("sizes_{name}")).await?;
        migrate(&bench.places, &database)?;
        extent::fill(&database, extent).await?;
        let server = bench.serve(Kind::Confab, &database)?;
        let mut connection = Connection::open(server.address()).await?;
        let reader = log_in_as(&mut connection, READER).await?;
        let admin = log_in_as(&mut connection, ADMIN).await?;
        let mut side = Self { extent, server, connection, reader, admin, requests: Vec::new() };
        side.ask().await?;
        eprintln!("{}: {name} made in {:.1} s", backend.name(), begun.elapsed().as_secs_f64());
        Ok(side)
    }

    /// What is asked for. The cursors of pages are found by going there.
    async fn ask(&mut self) -> Result<()> {
        let messages = self.extent.messages;
        let crowd = format!("/api/v1/conversations/{}", world::conversation_id(CROWD));
        for filter in [
            "",
            "&include=participants",
            "&unread=true",
            "&unread=false",
            "&archived=true",
            "&archived=false",
            "&pinned=true",
            "&pinned=false",
            "&muted=true",
            "&muted=false",
            "&kind=direct",
            "&kind=group",
            "&title=special",
            "&updated_since=2026-01-01T12:00:00Z",
            "&count=true",
        ] {
            self.pages(&format!("conversations {filter}"), &format!("/api/v1/conversations?limit=20{filter}"), false)
                .await?;
        }
        let other = world::user_id(2);
        self.get("conversations &participant_id, first", format!("/api/v1/conversations?participant_id={other}"));
        self.pages("participants", &format!("{crowd}/participants?limit=20"), false).await?;
        self.get("participants, the owner", format!("{crowd}/participants?membership=owner"));

        let history = format!("{crowd}/messages?limit=50");
        let middle = messages / 2;
        for (name, rest) in [
            ("newest", String::new()),
            ("before the middle", format!("&before_seq={middle}")),
            ("after the middle", format!("&order=oldest_first&after_seq={middle}")),
            ("oldest", "&order=oldest_first".to_owned()),
            ("the very first, newest first", "&before_seq=51".to_owned()),
            ("around the first", format!("&around={}", self.extent.message_id(1))),
            ("around the middle", format!("&around={}", self.extent.message_id(middle))),
            ("around the last", format!("&around={}", self.extent.message_id(messages))),
            ("sent from a time on, oldest first", format!("&order=oldest_first&sent_from={}", time_of(messages - 60))),
            ("sent from a time on", format!("&sent_from={}", time_of(messages - 60))),
            ("sent before a time", format!("&sent_before={}", time_of(60))),
            ("of one who said little", format!("&sender_id={}", world::user_id(2))),
        ] {
            self.get(&format!("history, {name}"), format!("{history}{rest}"));
        }
        for (name, after) in [("first", 0), ("middle", middle), ("last", messages - 50)] {
            self.get(&format!("events, {name}"), format!("{crowd}/events?limit=50&after={after}"));
        }
        let message = |seq: u32| format!("{crowd}/messages/{}", self.extent.message_id(seq));
        let (first, last) = (message(1), message(messages));
        self.get("a message", last.clone());
        self.pages("readers of the first message", &format!("{first}/readers?limit=20"), false).await?;
        self.pages("readers of the last message", &format!("{last}/readers?limit=20"), false).await?;

        let here = format!("in:{}", world::conversation_id(CROWD));
        for (name, words) in [("rare word", "quokka"), ("common word", "fox"), ("nothing", "quux")] {
            self.pages(&format!("search, {name}"), &format!("/api/v1/search?limit=20&q={words}"), false).await?;
            let path = format!("/api/v1/search?limit=20&q={words}+{here}");
            self.pages(&format!("search in the crowd, {name}"), &path, false).await?;
        }
        let phrase = format!("/api/v1/search?limit=20&q=%22quokka+looks%22+from:{}", world::user_id(2));
        self.get("search, a phrase of one person", phrase);

        self.get("unread in all", "/api/v1/users/me/unread".to_owned());
        self.get("a conversation of two", format!("/api/v1/conversations/{}", world::conversation_id(3)));
        self.write("mark read", "PUT", format!("{crowd}/read"), r#"{"seq":1}"#);
        self.pages("accounts", "/api/v1/users?limit=20", true).await?;
        self.pages("accounts, oldest first", "/api/v1/users?limit=20&order=oldest_first", true).await?;
        self.pages("accounts, admins", "/api/v1/users?limit=20&role=admin", true).await?;
        self.get_as("accounts, by address", "/api/v1/users?email=user5@example.org".to_owned(), true);
        // The last: whatever is unread is read then.
        self.write("mark all read", "POST", "/api/v1/conversations/read-all".to_owned(), "");
        Ok(())
    }

    /// The first page, one in the middle and the last, or the last of so many.
    async fn pages(&mut self, name: &str, path: &str, by_admin: bool) -> Result<()> {
        let mut cursors = Vec::new();
        self.get_as(&format!("{name}, first"), path.to_owned(), by_admin);
        // Long lists are walked in longer steps: a cursor is a place, whatever the size of the page.
        let wide = path.replace("/conversations?limit=20", "/conversations?limit=100");
        let mut next = wide.clone();
        while cursors.len() < MOST_PAGES {
            let answer = self.exchange(&Request::get("", next, by_admin)).await?;
            let Some(cursor) = answer["next_cursor"].as_str() else { break };
            next = format!("{wide}&cursor={cursor}");
            cursors.push(format!("{path}&cursor={cursor}"));
        }
        if let (Some(middle), Some(last)) = (cursors.get(cursors.len() / 2), cursors.last()) {
            self.get_as(&format!("{name}, middle"), middle.clone(), by_admin);
            self.get_as(&format!("{name}, last"), last.clone(), by_admin);
        }
        Ok(())
    }

    fn get(&mut self, name: &str, path: String) {
        self.get_as(name, path, false);
    }

    fn get_as(&mut self, name: &str, path: String, by_admin: bool) {
        self.requests.push(Request::get(name, path, by_admin));
    }

    fn write(&mut self, name: &str, method: &'static str, path: String, body: &'static str) {
        self.requests.push(Request { name: name.to_owned(), method, path, body, by_admin: false });
    }

    /// How many milliseconds an answer takes.
    async fn time(&mut self, number: usize) -> Result<f64> {
        let request = self.requests.get(number).ok_or("both have the same requests")?;
        let text = request.text(if request.by_admin { &self.admin } else { &self.reader });
        let begun = Instant::now();
        self.connection.request().extend_from_slice(text.as_bytes());
        let answer = self.connection.exchange().await?;
        let millis = begun.elapsed().as_secs_f64() * 1000.0;
        match answer.status {
            200..300 => Ok(millis),
            status => Err(format!("{status} for {}", request.path).into()),
        }
    }

    async fn exchange(&mut self, request: &Request) -> Result<Value> {
        let text = request.text(if request.by_admin { &self.admin } else { &self.reader });
        self.connection.request().extend_from_slice(text.as_bytes());
        let answer = self.connection.exchange().await?;
        match answer.status {
            200 => Ok(serde_json::from_slice(answer.body)?),
            status => Err(format!("{status} for {}\n{}", request.path, self.server.log()).into()),
        }
    }
}

impl Request {
    fn get(name: &str, path: String, by_admin: bool) -> Self {
        Self { name: name.to_owned(), method: "GET", path, body: "", by_admin }
    }

    fn text(&self, token: &str) -> String {
        let Self { method, path, body, .. } = self;
        let kind = if body.is_empty() { "" } else { "Content-Type: application/json\r\n" };
        format!(
            "{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n{kind}Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }
}

/// When the crowd's message was sent.
fn time_of(seq: u32) -> String {
    let seconds = seq % 60;
    let (minutes, days) = ((seq / 60) % 60, seq / 86_400);
    format!("2026-01-{:02}T{:02}:{minutes:02}:{seconds:02}Z", 1 + days, (seq / 3600) % 24)
}

fn figures(mut millis: Vec<f64>) -> Figures {
    millis.sort_by(f64::total_cmp);
    let within = |percent: usize| {
        let place = (millis.len() * percent / 100).min(millis.len().saturating_sub(1));
        rounded(millis.get(place).copied().unwrap_or_default())
    };
    Figures {
        per_second: rounded(1000.0 * millis.len() as f64 / millis.iter().sum::<f64>()),
        p50_ms: within(50),
        p90_ms: within(90),
        p99_ms: within(99),
        p999_ms: within(100),
        max_ms: within(100),
        errors: 0.0,
        server_cores: None,
        database_cores: None,
        driver_cores: None,
        server_mib: None,
        database_mib: None,
        driver_mib: None,
    }
}
