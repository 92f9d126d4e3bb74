//! Clients, which hold every answer against the OpenAPI document.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::contract;

/// A client without a log-in.
#[derive(Clone)]
pub struct Api {
    http: reqwest::Client,
    base: String,
}

/// Someone who is logged in.
#[derive(Clone)]
pub struct Person {
    /// The client.
    pub api: Api,
    /// The user's id.
    pub id: String,
    /// The e-mail address.
    pub email: String,
    /// The password.
    pub password: String,
    /// The access token.
    pub token: String,
    /// The refresh token.
    pub refresh_token: String,
}

/// What the server has answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub text: String,
    /// The body as JSON; null where it is none.
    pub json: Value,
}

impl Api {
    /// A client of the server at this address.
    pub fn new(base: &str) -> Self {
        // A server closes what is idle for longer than a minute, and may do so just when it is used again.
        let http = reqwest::Client::builder().pool_idle_timeout(Duration::from_secs(30)).build().unwrap();
        Self { http, base: base.to_owned() }
    }

    /// A request, to be completed.
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        self.http.request(Method::from_bytes(method.as_bytes()).unwrap(), format!("{}{path}", self.base))
    }

    /// Sends a request.
    ///
    /// # Errors
    /// Where no answer comes.
    ///
    /// # Panics
    /// Where the answer is not as documented.
    pub async fn send(&self, request: RequestBuilder) -> Result<Answer, reqwest::Error> {
        let request = request.build()?;
        let (method, path) = (request.method().to_string(), request.url().path().to_owned());
        let response = self.http.execute(request).await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await?;
        let content_type = headers.get(CONTENT_TYPE).map_or("", |value| value.to_str().unwrap());
        assert!(headers.contains_key("x-request-id"), "{method} {path}: {status} without X-Request-Id");
        contract::check(&method, &path, status, content_type, &text);
        let json = serde_json::from_str(&text).unwrap_or_default();
        Ok(Answer { status, headers, text, json })
    }

    /// GETs a path.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path)).await.unwrap()
    }

    /// POSTs JSON to a path.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request("POST", path).json(body)).await.unwrap()
    }

    /// Signs up a guest of this name, and logs in.
    pub async fn sign_up(&self, name: &str) -> Person {
        let (email, password) = (format!("{name}@example.org"), format!("the password of {name}"));
        self.sign_up_as(&email, &password, name, "Test").await
    }

    /// The same, through connections of its own.
    pub async fn sign_up_apart(&self, name: String) -> Person {
        Self::new(&self.base).sign_up(&name).await
    }

    /// Signs up a guest, and logs in.
    pub async fn sign_up_as(&self, email: &str, password: &str, first_name: &str, last_name: &str) -> Person {
        let account = json!({ "email": email, "password": password, "first_name": first_name, "last_name": last_name });
        self.post("/api/v1/auth/register", &account).await.expect(201);
        Person::log_in(self.clone(), email, password).await
    }
}

impl Person {
    /// Logs in.
    pub async fn log_in(api: Api, email: &str, password: &str) -> Self {
        let tokens = api.post("/api/v1/auth/token", &json!({ "email": email, "password": password })).await.expect(200);
        let mut person = Self {
            api,
            id: String::new(),
            email: email.to_owned(),
            password: password.to_owned(),
            token: text(&tokens["access_token"]),
            refresh_token: text(&tokens["refresh_token"]),
        };
        person.id = text(&person.get("/api/v1/users/me").await.expect(200)["id"]);
        person
    }

    /// A request with the access token, to be completed.
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        self.api.request(method, path).bearer_auth(&self.token)
    }

    /// GETs a path.
    pub async fn get(&self, path: &str) -> Answer {
        self.api.send(self.request("GET", path)).await.unwrap()
    }

    /// Sends JSON to a path.
    pub async fn call(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.api.send(self.request(method, path).json(body)).await.unwrap()
    }

    /// POSTs JSON to a path.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path, body).await
    }

    /// Makes a group with these people, and returns its id.
    pub async fn create_group(&self, title: &str, others: &[&Self]) -> String {
        let ids: Vec<&str> = others.iter().map(|person| person.id.as_str()).collect();
        let group = json!({ "participant_ids": ids, "title": title, "kind": "group" });
        text(&self.post("/api/v1/conversations", &group).await.expect(201)["id"])
    }

    /// Sends a message, and returns it.
    pub async fn say(&self, conversation: &str, body: &str) -> Value {
        let path = format!("/api/v1/conversations/{conversation}/messages");
        self.post(&path, &json!({ "body": body })).await.expect(201)
    }

    /// All messages of a conversation, page by page, from the oldest on.
    pub async fn read_all(&self, conversation: &str, limit: usize) -> Vec<Value> {
        self.read_pages(conversation, limit, 0).await
    }

    /// The same after a crash of the database: connections that died with it are found dead one by one, by whoever is the first
    /// to use them, and each of the server's threads has its own.
    pub(crate) async fn read_all_after_a_crash(&self, conversation: &str, limit: usize) -> Vec<Value> {
        self.read_pages(conversation, limit, 100).await
    }

    async fn read_pages(&self, conversation: &str, limit: usize, mut refusals: usize) -> Vec<Value> {
        let base = format!("/api/v1/conversations/{conversation}/messages?order=oldest_first&limit={limit}");
        let mut messages = Vec::new();
        let mut path = base.clone();
        loop {
            let mut answer = self.get(&path).await;
            while answer.status == 503 && refusals > 0 {
                refusals -= 1;
                answer = self.get(&path).await;
            }
            let mut page = answer.expect(200);
            messages.append(page["items"].as_array_mut().unwrap());
            match page["next_cursor"].as_str() {
                Some(cursor) => path = format!("{base}&cursor={cursor}"),
                None => return messages,
            }
        }
    }
}

impl Answer {
    /// The body of an answer that has this status.
    ///
    /// # Panics
    /// Where it has another.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json
    }

    /// The value of a header; empty where it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}
