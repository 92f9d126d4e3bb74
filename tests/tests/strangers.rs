//! Whoever is not who they say, or not in a conversation, learns nothing: for every operation of the OpenAPI document.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use std::collections::BTreeSet;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use confab_application::ports::{AccessClaims, AccessTokens as _};
use confab_domain::{SessionId, Timestamp, UserId};
use confab_security::{JwtAccessTokens, KeySet, Keyring, SigningKey};
use confab_tests::{Answer, Backend, Operation, Person, Server, ServerOptions, on_each_backend, operations};
use jsonwebtoken::{EncodingKey, Header};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

on_each_backend!([sqlite, postgres]
    every_operation_refuses_who_may_not_use_it,
    what_is_of_others_looks_like_what_is_nowhere,
    ids_of_others_in_queries_and_bodies_find_nothing,
    whoever_has_blocked_looks_like_nobody,
);

/// An id of nothing.
const NOWHERE: &str = "0198c5a2-6f3e-7c41-9d2b-3f5a7c9e1b20";

/// What a stranger, who has an account and is in nobody's conversation, finds at an operation.
#[derive(PartialEq)]
enum Stranger {
    /// It takes no token.
    Public,
    /// Only what is the stranger's own.
    Own,
    /// Nothing: 404.
    Nothing,
}

/// The table: each operation with what a stranger finds, and a body that it takes. An operation without a row fails.
fn row(operation: &str) -> Option<(Stranger, Value)> {
    use Stranger::{Nothing, Own, Public};
    Some(match operation {
        "healthz" | "readyz" | "register" | "log_in" | "refresh_token" => (Public, Value::Null),
        "forgot_password" | "reset_password" => (Public, Value::Null),
        "verify_email" | "request_email_verification" => (Public, Value::Null),
        "change_password" => (Own, json!({ "current_password": "wrong password", "new_password": "another password" })),
        "delete_account" => (Own, json!({ "current_password": "wrong password" })),
        "read_profile" | "export_data" | "list_limits" | "list_conversations" | "read_permissions" => {
            (Own, Value::Null)
        }
        "change_standing" => (Own, json!({ "role": "guest" })),
        "list_users" | "end_user_sessions" => (Own, Value::Null),
        "read_user" | "block_user" => (Nothing, Value::Null),
        "list_blocks" | "unblock_user" => (Own, Value::Null),
        "find_users" => (Own, Value::Null),
        "list_reports" | "read_report" => (Own, Value::Null),
        "change_report" => (Own, json!({ "state": "resolved" })),
        "report_message" => (Nothing, json!({ "reason": "spam", "comment": "let me in" })),
        "list_own_audit" | "list_sessions" | "end_session" | "end_other_sessions" | "log_out" => (Own, Value::Null),
        "search_messages" | "count_unread" | "mark_all_conversations_read" => (Own, Value::Null),
        "change_profile" => (Own, json!({ "first_name": "Mallory" })),
        "create_conversation" => (Own, json!({ "participant_ids": [] })),
        "get_conversation"
        | "list_messages"
        | "get_message"
        | "list_events"
        | "list_message_readers"
        | "list_participants" => (Nothing, Value::Null),
        "list_message_revisions" | "list_reactions" | "delete_message" => (Nothing, Value::Null),
        "replace_message" | "change_message" => (Nothing, json!({ "body": "let me in" })),
        "add_reaction" | "remove_reaction" => (Nothing, Value::Null),
        "mark_conversation_read" | "mark_conversation_delivered" | "mark_conversation_unread" => {
            (Nothing, json!({ "seq": 1 }))
        }
        "send_message" => (Nothing, json!({ "body": "let me in" })),
        "change_conversation" => (Nothing, json!({ "title": "mine" })),
        "replace_conversation" => (
            Nothing,
            json!({ "title": "mine", "announcement": false, "history": "from_start", "closed": false, "metadata": {} }),
        ),
        "delete_conversation" | "remove_participant" => (Nothing, Value::Null),
        "inspect_conversation" => (Nothing, json!({ "minutes": 15 })),
        "set_conversation_preferences" => (Nothing, json!({ "pinned": true })),
        "add_participants" => (Nothing, json!({ "user_ids": ["0198c5a2-6f3e-7c41-9d2b-3f5a7c9e1b20"] })),
        "hand_on_conversation" => (Nothing, json!({ "user_id": "0198c5a2-6f3e-7c41-9d2b-3f5a7c9e1b20" })),
        _ => return None,
    })
}

async fn every_operation_refuses_who_may_not_use_it(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, stranger) = (server.person("ada", "host").await, server.api().sign_up("mallory").await);
    let group = ada.create_group("A secret title", &[]).await;
    let message = ada.say(&group, "a secret message").await;
    let secrets = ["secret", &ada.id, &ada.email];
    let ids = [
        ("{conversation_id}", group.as_str()),
        ("{user_id}", ada.id.as_str()),
        ("{message_id}", message["id"].as_str().unwrap()),
        ("{report_id}", NOWHERE),
        ("{emoji}", "%F0%9F%91%8D"),
    ];

    let keys = KeySet::load(&server.folder().join("data/signing.key")).unwrap();
    let session = session_of(&ada.token);
    let sign = |keys: &KeySet, user: &str, session: SessionId, from: &str, until: &str| {
        let time = |text| Timestamp::parse(text).unwrap();
        let user_id = UserId::parse(user).unwrap();
        let claims = AccessClaims { user_id, session_id: session, issued_at: time(from), expires_at: time(until) };
        JwtAccessTokens::new(Arc::new(Keyring::new(keys.clone()))).issue(&claims).unwrap()
    };
    let (past, future) = ("2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z");
    let control = sign(&keys, &ada.id, session, past, future);
    assert_eq!(
        get(&server, Some(&control)).await.status,
        200,
        "a token made here is good, or the others prove nothing"
    );
    let (header, rest) = ada.token.split_once('.').unwrap();
    let (payload, signature) = rest.split_once('.').unwrap();
    // {"alg":"none","typ":"JWT"}
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
    let mut bad_tokens = vec![
        ("missing_token", None),
        ("missing_token", Some(String::new())),
        ("invalid_token", Some("garbage".to_owned())),
        ("invalid_token", Some("a.b.c".to_owned())),
        ("invalid_token", Some("x".repeat(8000))),
        ("invalid_token", Some(format!("{none}.{payload}."))),
        ("invalid_token", Some(format!("{none}.{payload}.{signature}"))),
        ("invalid_token", Some(format!("{header}.{payload}.{}", signature.chars().rev().collect::<String>()))),
        ("invalid_token", Some(ada.refresh_token.clone())),
        ("expired_token", Some(sign(&keys, &ada.id, session, past, "2020-01-01T00:10:00Z"))),
        ("invalid_token", Some(sign(&SigningKey::generate().unwrap().into(), &ada.id, session, past, future))),
        ("invalid_token", Some(sign(&keys, &ada.id, SessionId::parse(&group).unwrap(), past, future))),
        ("invalid_token", Some(sign(&keys, &stranger.id, session, past, future))),
    ];

    let foreign = |name: &str| {
        let mut claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
        claims[name] = json!("another");
        forge(&server, &claims, |_| {})
    };
    let ours = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    let control = forge(&server, &ours, |_| {});
    assert_eq!(get(&server, Some(&control)).await.status, 200, "the same, but for the claim, is good");
    for kid in [None, Some(""), Some("../../../dev/null"), Some("' OR 1=1 --"), Some(&"x".repeat(2000))] {
        bad_tokens.push(("invalid_token", Some(forge(&server, &ours, |header| header.kid = kid.map(str::to_owned)))));
    }
    bad_tokens.push(("invalid_token", Some(foreign("iss"))));
    bad_tokens.push(("invalid_token", Some(foreign("aud"))));
    for token in shut_out(&server).await {
        bad_tokens.push(("invalid_token", Some(token)));
    }

    for operation in operations() {
        let (finds, body) = row(&operation.id).unwrap_or_else(|| panic!("{} has no row in this table", operation.id));
        assert_eq!(operation.secured, finds != Stranger::Public, "{}", operation.id);
        if finds == Stranger::Public {
            continue;
        }
        let path = ids.iter().fold(operation.path.clone(), |path, (name, id)| path.replace(name, id));
        let path = match operation.id.as_str() {
            "list_events" => format!("{path}?after=0"),
            "search_messages" => format!("{path}?q=message"),
            _ => path,
        };
        for (code, token) in &bad_tokens {
            let answer = call(&server, &operation, &path, token.as_deref(), &body).await;
            let found = (answer.status, answer.json["code"].as_str().unwrap());
            assert!(found == (401, code), "{}: {found:?} for {token:?}", operation.id);
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{}", operation.id);
            assert_silent(&answer, &secrets);
        }
        // Some operations end the session that they are called in.
        let stranger = Person::log_in(server.api(), &stranger.email, &stranger.password).await;
        let answer = call(&server, &operation, &path, Some(&stranger.token), &body).await;
        assert_silent(&answer, &secrets);
        if finds == Stranger::Nothing {
            // The same as for what does not exist, but for the request's id.
            let missing = path.replace(&group, "0198c5a2-6f3e-7c41-9d2b-3f5a7c9e1b20");
            let nowhere = call(&server, &operation, &missing, Some(&stranger.token), &body).await;
            assert_eq!((answer.status, nowhere.status), (404, 404), "{}", operation.id);
            let same = |answer: &Answer| json!({ "code": answer.json["code"], "detail": answer.json["detail"] });
            assert_eq!(same(&answer), same(&nowhere));
        }
    }
    assert_eq!(ada.read_all(&group, 100).await.len(), 1, "a refused message is not sent");
}

/// With ids of others, every operation answers as with ids of nothing: the same status, headers and text, after as many
/// statements. It is tried with each kind of id that an operation takes, in another's conversation and in one's own. Of
/// sending only the look-up of the session is counted here: its other statements are those of a batch, in nobody's name.
async fn what_is_of_others_looks_like_what_is_nowhere(backend: Backend) {
    let mut server = Server::with(backend, ServerOptions::default().counting()).await;
    let (ada, mallory) = (server.person("ada", "host").await, server.person("mallory", "host").await);
    let brian = server.api().sign_up("brian").await;
    let group = ada.create_group("A secret title", &[&brian]).await;
    let message = ada.say(&group, "a secret message").await["id"].as_str().unwrap().to_owned();
    let report = format!("/api/v1/conversations/{group}/messages/{message}/report");
    let report = brian.post(&report, &json!({ "reason": "spam" })).await.expect(201)["id"].as_str().unwrap().to_owned();
    let own = mallory.create_group("My own", &[]).await;
    let own_message = mallory.say(&own, "hello").await["id"].as_str().unwrap().to_owned();
    let session = ada.get("/api/v1/users/me/sessions").await.expect(200)["items"][0]["id"].as_str().unwrap().to_owned();
    let theirs = [
        ("{conversation_id}", group.as_str(), own.as_str()),
        ("{message_id}", &message, &own_message),
        ("{user_id}", &ada.id, &mallory.id),
        ("{session_id}", &session, NOWHERE),
        ("{report_id}", &report, NOWHERE),
    ];

    let mut tried: Vec<(Operation, String, String, Value)> = Vec::new();
    for operation in operations().into_iter().filter(|operation| operation.secured) {
        let (_, body) = row(&operation.id).unwrap_or_else(|| panic!("{} has no row in this table", operation.id));
        let base = match operation.id.as_str() {
            "list_events" => format!("{}?after=0", operation.path),
            _ => operation.path.clone(),
        }
        .replace("{emoji}", "%F0%9F%91%8D");
        let asked: Vec<_> = theirs.iter().filter(|(name, ..)| base.contains(name)).collect();
        // All of others; and one of others where the rest is one's own.
        let all = asked.iter().fold(base.clone(), |path, (name, ..)| path.replace(name, &format!("<{name}>")));
        let one_each = asked.iter().map(|(one, ..)| {
            let others = asked.iter().filter(|(name, ..)| name != one);
            others.fold(base.replace(one, &format!("<{one}>")), |path, (name, _, own)| path.replace(name, own))
        });
        let ways: BTreeSet<String> = if asked.is_empty() { BTreeSet::new() } else { one_each.chain([all]).collect() };
        for way in ways {
            let there = theirs.iter().fold(way.clone(), |path, (name, id, _)| path.replace(&format!("<{name}>"), id));
            let nowhere = theirs.iter().fold(way, |path, (name, ..)| path.replace(&format!("<{name}>"), NOWHERE));
            tried.push((operation.clone(), there, nowhere, body.clone()));
        }
    }
    assert!(tried.len() > 40, "{} ways", tried.len());
    let (mut told, mut counts) = (Vec::new(), BTreeSet::new());
    // The requests' ids are as long as each other, and so are the answers.
    for (number, (operation, there, nowhere, body)) in tried.iter().enumerate() {
        let (of_others, first) = seen(&mut server, &mallory, operation, there, body, &format!("others-{number}")).await;
        let (of_nothing, second) =
            seen(&mut server, &mallory, operation, nowhere, body, &format!("nobody-{number}")).await;
        let status = of_others[0].as_u64().unwrap();
        // Whoever is no admin may not do that to anybody, whomever they name.
        let for_admins =
            ["change_standing", "end_user_sessions", "read_report", "change_report"].contains(&operation.id.as_str());
        // Of whoever is not blocked there is no block to lift, whether they are there or not.
        let refused = status
            == match operation.id.as_str() {
                _ if for_admins => 403,
                "unblock_user" => 204,
                _ => 404,
            };
        counts.insert((operation.id.as_str(), first));
        if !refused || of_others != of_nothing || first != second {
            told.push(format!("{}: {there}: {of_others} after {first}, {of_nothing} after {second}", operation.id));
        }
    }
    println!("{backend:?}: {} ways, each with the statements {counts:?}", tried.len());
    assert!(told.is_empty(), "{told:#?}");
    assert_eq!((ada.read_all(&group, 100).await.len(), mallory.read_all(&own, 100).await.len()), (1, 1));
}

/// The same of ids that do not stand in the path: what an operation looks for, refers to, or adds. `@` is the id.
async fn ids_of_others_in_queries_and_bodies_find_nothing(backend: Backend) {
    let mut server = Server::with(backend, ServerOptions::default().counting()).await;
    let (ada, mallory) = (server.person("ada", "host").await, server.person("mallory", "host").await);
    let group = ada.create_group("A secret title", &[]).await;
    let message = ada.say(&group, "a secret message").await["id"].as_str().unwrap().to_owned();
    let own = mallory.create_group("My own", &[]).await;
    mallory.say(&own, "hello").await;
    let at = |rest: &str| format!("/api/v1/conversations/{own}{rest}");
    let tried = [
        ("list_messages", &message, at("/messages?around=@"), Value::Null),
        ("list_messages", &ada.id, at("/messages?sender_id=@"), Value::Null),
        ("send_message", &message, at("/messages"), json!({ "body": "look", "reply_to": "@" })),
        (
            "send_message",
            &message,
            at("/messages"),
            json!({ "body": "look", "reply_to": "@", "client_message_id": "1" }),
        ),
        ("hand_on_conversation", &ada.id, at("/owner"), json!({ "user_id": "@" })),
        ("list_conversations", &ada.id, "/api/v1/conversations?participant_id=@&count=true".to_owned(), Value::Null),
        ("search_messages", &group, "/api/v1/search?q=secret%20in:@".to_owned(), Value::Null),
        ("search_messages", &ada.id, "/api/v1/search?q=secret%20from:@".to_owned(), Value::Null),
    ];
    for (number, (operation, id, path, body)) in tried.iter().enumerate() {
        let operation = operations().into_iter().find(|one| one.id == *operation).unwrap();
        let mut answers = Vec::new();
        for (who, id) in [("others", id.as_str()), ("nobody", NOWHERE)] {
            let (path, body) = (path.replace('@', id), body.to_string().replace('@', id));
            let body = serde_json::from_str(&body).unwrap();
            let (seen, count) = seen(&mut server, &mallory, &operation, &path, &body, &format!("{who}-{number}")).await;
            // An answer may name what it was asked for.
            answers.push((seen.to_string().replace(id, NOWHERE), count));
        }
        println!("{backend:?} {path} {body}: {:.60} after {} statements", answers[0].0, answers[0].1);
        assert_eq!(answers[0], answers[1], "{path} {body}");
        assert!(!answers[0].0.contains("secret"), "{}", answers[0].0);
    }
    assert_eq!(mallory.read_all(&own, 100).await.len(), 1);
}

/// Two between whom there is a block, and who share no group: whatever either asks about the other is answered as of nobody,
/// after as many statements. `@` is the id, and `^` the address.
async fn whoever_has_blocked_looks_like_nobody(backend: Backend) {
    let mut server = Server::with(backend, ServerOptions::default().counting()).await;
    let (ada, ben) = (server.person("ada", "host").await, server.person("ben", "host").await);
    let shared = ada.create_group("Shared once", &[&ben]).await;
    let leave = format!("/api/v1/conversations/{shared}/participants/me");
    for person in [&ada, &ben] {
        let discoverable = json!({ "discoverable_by_email": true });
        person.call("PATCH", "/api/v1/users/me", &discoverable).await.expect(200);
    }
    ada.call("PUT", &format!("/api/v1/users/me/blocks/{}", ben.id), &Value::Null).await.expect(204);
    ben.call("DELETE", &leave, &Value::Null).await.expect(204);
    for (person, other) in [(&ada, &ben), (&ben, &ada)] {
        let own = person.create_group("My own", &[]).await;
        let tried = [
            ("read_user", "/api/v1/users/@".to_owned(), Value::Null, 404),
            ("find_users", "/api/v1/users/lookup?contact=^".to_owned(), Value::Null, 200),
            ("create_conversation", "/api/v1/conversations".to_owned(), json!({ "participant_ids": ["@"] }), 422),
            (
                "create_conversation",
                "/api/v1/conversations".to_owned(),
                json!({ "participant_ids": ["@"], "kind": "group" }),
                422,
            ),
            (
                "add_participants",
                format!("/api/v1/conversations/{own}/participants"),
                json!({ "user_ids": ["@"] }),
                422,
            ),
        ];
        for (number, (operation, path, body, status)) in tried.iter().enumerate() {
            let operation = operations().into_iter().find(|one| one.id == *operation).unwrap();
            let mut answers = Vec::new();
            for (who, id, email) in
                [("others", other.id.as_str(), &other.email), ("nobody", NOWHERE, &"x@y.org".into())]
            {
                let fill = |text: &str| text.replace('@', id).replace('^', email);
                let (path, body) = (fill(path), serde_json::from_str(&fill(&body.to_string())).unwrap());
                let request_id = format!("{who}-{}-{number}", person.id);
                answers.push(seen(&mut server, person, &operation, &path, &body, &request_id).await);
            }
            println!("{backend:?} {path}: {:.60} after {} statements", answers[0].0.to_string(), answers[0].1);
            assert_eq!(answers[0], answers[1], "{path} {body}");
            assert_eq!(answers[0].0[0], *status, "{path} {body}");
        }
    }
    // Without the block they would have been found: of whom nothing is hidden.
    ada.call("DELETE", &format!("/api/v1/users/me/blocks/{}", ben.id), &Value::Null).await.expect(204);
    let found = ben.get(&format!("/api/v1/users/lookup?contact={}", ada.email)).await.expect(200);
    assert_eq!(found["items"][0]["id"], ada.id);
}

/// What somebody sees of an answer, and how many statements it took.
async fn seen(
    server: &mut Server,
    person: &Person,
    operation: &Operation,
    path: &str,
    body: &Value,
    request_id: &str,
) -> (Value, usize) {
    let mut request = request(server, operation, path, Some(&person.token), body);
    request = request.header("X-Request-Id", request_id);
    let answer = server.api().send(request).await.unwrap();
    let mut json = answer.json.clone();
    if let Some(json) = json.as_object_mut() {
        json.remove("request_id");
    }
    // What differs from one request to the next, whatever is asked for: the last but by its order.
    let differs = ["x-request-id", "date", "ratelimit", "access-control-expose-headers"];
    let mut headers: Vec<String> = answer
        .headers
        .iter()
        .filter(|(name, _)| !differs.contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    headers.sort();
    (json!([answer.status, json, headers]), server.statements(request_id))
}

/// A token with these claims and the server's own key, and its header changed.
fn forge(server: &Server, claims: &Value, change: impl FnOnce(&mut Header)) -> String {
    let text = std::fs::read_to_string(server.folder().join("data/signing.key")).unwrap();
    let key = URL_SAFE_NO_PAD.decode(text.split_whitespace().next().unwrap()).unwrap();
    let mut header = Header { kid: Some(SigningKey::from_bytes(&key).unwrap().id()), ..Header::default() };
    change(&mut header);
    jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(&key)).unwrap()
}

/// Tokens that were good a moment ago: of a session that has ended, of a user who is suspended, and of one who has changed
/// the password elsewhere.
async fn shut_out(server: &Server) -> [String; 3] {
    let admin = server.person("root", "admin").await;
    let [gone, suspended, changed] = [
        server.api().sign_up("gone").await,
        server.api().sign_up("suspended").await,
        server.api().sign_up("changed").await,
    ];
    gone.call("POST", "/api/v1/auth/logout", &Value::Null).await.expect(204);
    let path = format!("/api/v1/users/{}/standing", suspended.id);
    admin.call("PATCH", &path, &json!({ "active": false })).await.expect(200);
    let elsewhere = Person::log_in(server.api(), &changed.email, &changed.password).await;
    let passwords = json!({ "current_password": changed.password, "new_password": "as good as new, and longer" });
    let answer = elsewhere.call("PUT", "/api/v1/users/me/password", &passwords).await;
    assert!(answer.status < 300, "{}", answer.text);
    [gone.token, suspended.token, changed.token]
}

async fn get(server: &Server, token: Option<&str>) -> Answer {
    let operation = operations().into_iter().find(|operation| operation.id == "read_profile").unwrap();
    call(server, &operation, &operation.path, token, &Value::Null).await
}

async fn call(server: &Server, operation: &Operation, path: &str, token: Option<&str>, body: &Value) -> Answer {
    server.api().send(request(server, operation, path, token, body)).await.unwrap()
}

fn request(server: &Server, operation: &Operation, path: &str, token: Option<&str>, body: &Value) -> RequestBuilder {
    let mut request = server.api().request(&operation.method, path);
    if let Some(token) = token {
        request =
            request.header("Authorization", if token.is_empty() { String::new() } else { format!("Bearer {token}") });
    }
    if operation.has_body {
        request = request.json(body);
    }
    if operation.id.ends_with("_message") {
        request = request.header("If-Match", "*");
    }
    request
}

fn assert_silent(answer: &Answer, secrets: &[&str]) {
    let told = secrets.iter().find(|secret| answer.text.contains(**secret));
    assert_eq!(told, None, "{}", answer.text);
}

/// The session in a token's payload, which is no secret.
fn session_of(token: &str) -> SessionId {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&payload).unwrap();
    SessionId::parse(claims["sid"].as_str().unwrap()).unwrap()
}
