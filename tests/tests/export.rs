//! The copy of all that is kept of oneself: whole or not at all, in bounded memory, and with all that the inventory says.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use std::path::Path;

use confab_tests::{Backend, Person, Server, ServerOptions, on_each_backend};
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

on_each_backend!([memory, sqlite, postgres]
    the_copy_has_all_that_the_inventory_says,
    a_copy_of_nearly_nothing_is_whole,
    a_copy_has_nothing_of_others,
);
mod of_the_binary {
    use super::*;

    on_each_backend!([sqlite, postgres]
        a_large_copy_takes_no_more_memory_than_a_small_one,
        a_copy_is_cut_when_the_session_ends,
        copies_have_a_limit_of_their_own,
    );
}

const EXPORT: &str = "/api/v1/users/me/export";
const MESSAGES: u64 = 100_000;

/// Mails go nowhere, and wait.
fn without_mail() -> ServerOptions {
    ServerOptions::cheap_passwords()
        .set("CONFAB__MAIL__TRANSPORT", "smtp")
        .set("CONFAB__MAIL__SMTP_HOST", "127.0.0.1")
        .set("CONFAB__MAIL__SMTP_PORT", "9")
        .set("CONFAB__MAIL__SMTP_SECURITY", "none")
}

/// Where things are in the archive, by the inventory: columns with their places.
fn places() -> Vec<(String, String)> {
    let inventory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/personal-data.md");
    let inventory = std::fs::read_to_string(inventory).unwrap();
    let (mut table, mut found) = (String::new(), Vec::new());
    for line in inventory.lines() {
        if let Some(name) = line.strip_prefix("## `") {
            table = name.trim_end_matches('`').to_owned();
        }
        let cells: Vec<&str> = line.split(" | ").collect();
        if let [column, _, _, place] = cells.as_slice()
            && let Some(place) = place.strip_prefix('`')
        {
            let column = column.trim_start_matches("| `").trim_end_matches('`');
            found.push((format!("{table}.{column}"), place.trim_end_matches(" |").trim_end_matches('`').to_owned()));
        }
    }
    found
}

/// What is at a place, in whichever item of the lists on the way.
fn at<'a>(value: &'a Value, place: &[&str]) -> Vec<&'a Value> {
    if let Value::Array(items) = value {
        return items.iter().flat_map(|item| at(item, place)).collect();
    }
    match place {
        [] => vec![value],
        [name, rest @ ..] => value.get(name).map(|value| at(value, rest)).unwrap_or_default(),
    }
}

async fn the_copy_has_all_that_the_inventory_says(backend: Backend) {
    let server = Server::with(backend, without_mail()).await;
    let (admin, ben) = (server.person("root", "admin").await, server.person("ben", "host").await);
    let ada = server.api().sign_up("ada").await;
    let standing = format!("/api/v1/users/{}/standing", ada.id);
    admin.call("PATCH", &standing, &json!({ "role": "host" })).await.expect(200);
    ada.call("PATCH", "/api/v1/users/me", &json!({ "phone_number": "+442079460958" })).await.expect(200);
    let log_in = json!({ "email": ada.email, "password": ada.password, "device_name": "Engine" });
    let tokens = ada.api.request("POST", "/api/v1/auth/token").header("User-Agent", "loom/1.0").json(&log_in);
    ada.api.send(tokens).await.unwrap().expect(200);
    ada.api.post("/api/v1/auth/password/forgot", &json!({ "email": ada.email })).await;

    let group = ada.create_group("Engines", &[&ben]).await;
    let path = |group: &str, rest: &str| format!("/api/v1/conversations/{group}{rest}");
    let message = json!({
        "body": format!("hello, <@{}>", ben.id), "payload": { "card": 7 }, "client_message_id": "first",
    });
    let first = ada.post(&path(&group, "/messages"), &message).await.expect(201);
    let first = first["id"].as_str().unwrap();
    let this = path(&group, &format!("/messages/{first}"));
    let edit = json!({ "body": "hello, again", "payload": { "card": 8 } });
    let edit = ada.request("PUT", &this).header("If-Match", "*").json(&edit);
    ada.api.send(edit).await.unwrap().expect(200);
    let answer = json!({ "body": "and an answer", "reply_to": first });
    let answer = ada.post(&path(&group, "/messages"), &answer).await.expect(201);
    let gone = ada.say(&group, "soon gone").await;
    let gone = path(&group, &format!("/messages/{}", gone["id"].as_str().unwrap()));
    let delete = ada.api.send(ada.request("DELETE", &gone)).await.unwrap();
    assert!(delete.status < 300, "{}", delete.text);
    let heard = ben.say(&group, "what ben says").await;
    let heard = path(&group, &format!("/messages/{}", heard["id"].as_str().unwrap()));
    let react = ada.api.send(ada.request("PUT", &format!("{heard}/reactions/%F0%9F%91%8D"))).await.unwrap();
    assert!(react.status < 300, "{}", react.text);
    let report = json!({ "reason": "other", "comment": "I would rather not say" });
    ada.post(&format!("{heard}/report"), &report).await.expect(201);
    let hide = ada.api.send(ada.request("DELETE", &format!("{heard}?for=me"))).await.unwrap();
    assert!(hide.status < 300, "{}", hide.text);
    let preferences = json!({ "muted_until": "2999-01-01T00:00:00Z", "archived": true, "pinned": true });
    ada.call("PATCH", &path(&group, "/preferences"), &preferences).await.expect(200);
    let left = ben.create_group("left", &[&ada]).await;
    ada.say(&left, "before I go").await;
    let leave = ada.api.send(ada.request("DELETE", &path(&left, "/participants/me"))).await.unwrap();
    assert_eq!(leave.status, 204);

    ada.call("PUT", &format!("/api/v1/users/me/blocks/{}", ben.id), &Value::Null).await.expect(204);

    let answered = ada.get(EXPORT).await;
    assert_eq!(answered.header("content-disposition"), "attachment; filename=\"confab-export.json\"");
    assert_eq!(answered.header("cache-control"), "no-store");
    let copy = answered.expect(200);
    let places = places();
    assert!(places.len() > 50, "the inventory was not read: {places:?}");
    let is_there = |place: &str| {
        let path: Vec<&str> = place.split('.').collect();
        at(&copy, &path).iter().any(|value| !value.is_null())
    };
    let missing: Vec<_> = places.iter().filter(|(_, place)| !is_there(place)).collect();
    assert!(missing.is_empty(), "the inventory says that these are in the copy: {missing:?}\n{copy:#}");
    assert!(!is_there("profile.shoe_size"), "or the search proves nothing");

    assert_eq!(copy["profile"], ada.get("/api/v1/users/me").await.expect(200));
    assert_eq!(copy["audit"][0]["kind"], "data_exported");
    assert_eq!(at(&copy, &["sessions", "id"]).len(), 2);
    assert_eq!(at(&copy, &["blocks", "user_id"]), [&json!(ben.id)]);
    let body =
        |place: &[&str]| at(&copy, place).iter().map(|body| body.as_str().unwrap().to_owned()).collect::<Vec<_>>();
    let mut said = body(&["conversations", "messages", "body"]);
    said.retain(|body| !body.is_empty());
    assert_eq!(said, ["hello, again", "and an answer", "before I go"]);
    assert_eq!(body(&["conversations", "messages", "revisions", "body"]), [format!("hello, <@{}>", ben.id)]);
    assert_eq!(at(&copy, &["conversations", "messages", "reply_to"]).iter().filter(|id| **id == first).count(), 1);
    assert!(answer["id"].is_string() && !copy.to_string().contains("what ben says"));
}

async fn a_copy_of_nearly_nothing_is_whole(backend: Backend) {
    let server = Server::start(backend).await;
    let ada = server.api().sign_up("ada").await;
    let copy = ada.get(EXPORT).await.expect(200);
    assert_eq!(
        (&copy["conversations"], &copy["reactions"], &copy["hidden_messages"]),
        (&json!([]), &json!([]), &json!([]))
    );
    assert_eq!(copy["profile"]["email"], ada.email);
}

async fn a_copy_has_nothing_of_others(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, ben) = (server.person("ada", "host").await, server.person("ben", "host").await);
    let group = ada.create_group("Engines", &[&ben]).await;
    for number in 0..150 {
        ada.say(&group, &format!("of ada {number}")).await;
    }
    ben.say(&group, "of ben").await;
    let of_ben = ben.get(EXPORT).await.expect(200).to_string();
    assert!(of_ben.contains("of ben") && !of_ben.contains("of ada") && !of_ben.contains(&ada.email), "{of_ben}");
    let of_ada = ada.get(EXPORT).await.expect(200);
    let said = at(&of_ada, &["conversations", "messages", "body"]).into_iter().map(|body| body.as_str().unwrap());
    let wanted = (0..150).map(|number| format!("of ada {number}"));
    assert!(said.eq(wanted), "each once, and in order, over several pages");
}

/// Puts a hundred thousand messages of somebody into a group, behind the server's back.
async fn fill(server: &Server, backend: Backend, sender: &Person, group: &str) {
    let connection = server.database().await;
    let id = |id: &str| match backend {
        Backend::Postgres => format!("'{id}'"),
        _ => format!("x'{}'", id.replace('-', "")),
    };
    let (group, sender) = (id(group), id(&sender.id));
    let (new_id, text) = match backend {
        Backend::Postgres => ("gen_random_uuid()", "repeat('x', 500)"),
        _ => ("randomblob(16)", "hex(zeroblob(250))"),
    };
    for sql in [
        format!(
            "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {MESSAGES}) \
             INSERT INTO messages (id, conversation_id, seq, version, sender_id, sent_at, body, search_tokens) \
             SELECT {new_id}, {group}, n, n, {sender}, n, {text}, '' FROM n"
        ),
        format!("UPDATE conversations SET last_seq = {MESSAGES}, version = {MESSAGES} WHERE id = {group}"),
    ] {
        connection.execute_unprepared(&sql).await.unwrap();
    }
    connection.close().await.unwrap();
}

async fn a_large_copy_takes_no_more_memory_than_a_small_one(backend: Backend) {
    let mut server = Server::with(backend, ServerOptions::cheap_passwords()).await;
    let ada = server.person("ada", "host").await;
    let group = ada.create_group("Engines", &[]).await;
    for _ in 0..5 {
        ada.get(EXPORT).await.expect(200);
    }
    let small = server.process().resident_kib();
    fill(&server, backend, &ada, &group).await;
    let mut response = ada.request("GET", EXPORT).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let (mut copy, mut most) = (Vec::new(), small);
    while let Some(portion) = response.chunk().await.unwrap() {
        copy.extend_from_slice(&portion);
        most = most.max(server.process().resident_kib());
    }
    let size_kib = copy.len() as u64 / 1024;
    let copy: Value = serde_json::from_slice(&copy).unwrap();
    let seqs = at(&copy, &["conversations", "messages", "seq"]);
    assert!(seqs.iter().map(|seq| seq.as_u64().unwrap()).eq(1..=MESSAGES), "{} messages", seqs.len());
    println!("{small} KiB after small copies, at the most {most} KiB during one of {MESSAGES} messages");
    // SQLite's connections fill their caches of pages, which have a bound each.
    assert!(most < small + size_kib / 2, "{small} KiB before, and {most} KiB, of a copy of {size_kib}");
}

async fn a_copy_is_cut_when_the_session_ends(backend: Backend) {
    let server = Server::with(backend, ServerOptions::cheap_passwords()).await;
    let ada = server.person("ada", "host").await;
    let group = ada.create_group("Engines", &[]).await;
    fill(&server, backend, &ada, &group).await;
    let mut response = ada.request("GET", EXPORT).send().await.unwrap();
    let mut copy = response.chunk().await.unwrap().unwrap().to_vec();
    ada.call("POST", "/api/v1/auth/logout", &Value::Null).await.expect(204);
    let outcome = loop {
        match response.chunk().await {
            Ok(Some(portion)) => copy.extend_from_slice(&portion),
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    assert!(outcome.is_err(), "the answer ended as if it were whole, after {} bytes", copy.len());
    assert!(serde_json::from_slice::<Value>(&copy).is_err());
}

async fn copies_have_a_limit_of_their_own(backend: Backend) {
    let options = ServerOptions::cheap_passwords().set("CONFAB__RATE_LIMIT__EXPORT", "2/1h");
    let server = Server::with(backend, options).await;
    let ada = server.api().sign_up("ada").await;
    for _ in 0..2 {
        ada.get(EXPORT).await.expect(200);
    }
    let refused = ada.get(EXPORT).await;
    assert!(refused.header("ratelimit").contains("\"export\";r=0;"), "{}", refused.header("ratelimit"));
    assert_eq!(refused.expect(429)["code"], "too_many_requests");
    ada.get("/api/v1/users/me").await.expect(200);
    let limits = ada.get("/api/v1/limits").await.expect(200);
    assert!(limits["items"].as_array().unwrap().iter().any(|limit| limit["name"] == "export"), "{limits}");
}
