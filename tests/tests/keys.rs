//! Signing keys change while people call, and nobody is logged out.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use confab_tests::{Answer, Api, Backend, Person, Server, ServerOptions};
use futures_util::future::join_all;
use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A key, as a file from before there could be several has it.
const OLD_KEY: &str = "qL7mW2xS9dJ4vR0uZ8cT1pK5nB3hF6gY-aE_iOoXsQ0";

/// What `confab keys …` tells in JSON.
fn keys(server: &Server, arguments: &[&str]) -> Vec<Value> {
    let output = server.run(&[&["keys"], arguments, &["--json"]].concat(), "");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice::<Value>(&output.stdout).unwrap().as_array().unwrap().clone()
}

/// A file with these keys, and options that name it.
fn with_file(folder: &Path, text: &str) -> ServerOptions {
    let path = folder.join("some.key");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    ServerOptions::cheap_passwords().set("CONFAB__AUTH__SIGNING_KEY_FILE", &path.display().to_string())
}

fn part(token: &str, number: usize) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(number).unwrap()).unwrap()).unwrap()
}

async fn profile(api: &Api, token: &str) -> Answer {
    api.send(api.request("GET", "/api/v1/users/me").bearer_auth(token)).await.unwrap()
}

async fn refresh(person: &mut Person) {
    let body = json!({ "refresh_token": person.refresh_token });
    let pair = person.api.post("/api/v1/auth/token/refresh", &body).await.expect(200);
    person.token = pair["access_token"].as_str().unwrap().to_owned();
    person.refresh_token = pair["refresh_token"].as_str().unwrap().to_owned();
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_change_under_load_on_two_nodes_and_no_request_is_refused() {
    const CALLERS: usize = 8;
    let folder = TempDir::new().unwrap();
    let first = Server::with(Backend::Postgres, with_file(folder.path(), OLD_KEY)).await;
    let second = first.another_node();
    let (done, served) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let (kids, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let callers = (0..CALLERS).map(|number| {
        let (here, there) = (first.api(), second.api());
        let (done, served, kids) = (Arc::clone(&done), Arc::clone(&served), kids.clone());
        tokio::spawn(async move {
            let mut person = here.sign_up_apart(format!("caller{number}")).await;
            let before = person.token.clone();
            let apis = [here, there];
            for turn in number.. {
                if done.load(Ordering::SeqCst) {
                    break;
                }
                // A token is asked for at one node, and shown to the other first.
                person.api = apis[turn % 2].clone();
                refresh(&mut person).await;
                let kid = part(&person.token, 0)["kid"].as_str().unwrap().to_owned();
                let _ = kids.send((turn % 2, kid));
                for (node, token) in [(1, &person.token), (0, &person.token), (1, &before), (0, &before)] {
                    profile(&apis[(turn + node) % 2], token).await.expect(200);
                    served.fetch_add(1, Ordering::SeqCst);
                }
            }
        })
    });
    let callers: Vec<_> = callers.collect();
    let old = keys(&first, &["list"]);
    assert_eq!((old.len(), &old[0]["state"], &old[0]["made_at"]), (1, &json!("signs"), &Value::Null));
    for _ in 0..2 {
        let kid = keys(&first, &["rotate", "--signs-in", "5"]).last().unwrap()["kid"].as_str().unwrap().to_owned();
        let mut nodes = HashSet::new();
        while nodes.len() < 2 {
            let (node, signed_with) = seen.recv().await.unwrap();
            if signed_with == kid {
                nodes.insert(node);
            }
        }
    }
    done.store(true, Ordering::SeqCst);
    for outcome in join_all(callers).await {
        outcome.unwrap();
    }
    let states: Vec<_> = keys(&second, &["prune"]).iter().map(|key| key["state"].clone()).collect();
    assert_eq!(states, ["verifies", "verifies", "signs"], "none is dropped whose tokens may be good");
    println!("{} requests while the key changed twice, and none was refused", served.load(Ordering::SeqCst));
}

#[tokio::test]
async fn the_file_of_one_key_goes_on_and_so_do_its_tokens() {
    let folder = TempDir::new().unwrap();
    let server = Server::with(Backend::Sqlite, with_file(folder.path(), &format!("{OLD_KEY}\n"))).await;
    let ada = server.api().sign_up("ada").await;
    // As tokens were before: neither a key's id nor an id of their own.
    let mut claims = part(&ada.token, 1);
    assert_eq!(claims.as_object_mut().unwrap().remove("jti").unwrap().as_str().unwrap().len(), 22);
    let key = EncodingKey::from_secret(&URL_SAFE_NO_PAD.decode(OLD_KEY).unwrap());
    let old = jsonwebtoken::encode(&Header::default(), &claims, &key).unwrap();
    profile(&server.api(), &old).await.expect(200);

    let listed = keys(&server, &["rotate", "--signs-in", "0"]);
    assert_eq!((&listed[0]["state"], &listed[1]["state"]), (&json!("verifies"), &json!("signs")));
    let mut ada = ada;
    while part(&ada.token, 0)["kid"] != listed[1]["kid"] {
        refresh(&mut ada).await;
    }
    profile(&server.api(), &old).await.expect(200);
    profile(&server.api(), &ada.token).await.expect(200);
}

#[tokio::test]
async fn stolen_keys_are_dropped_at_once_and_clients_refresh() {
    let mut server = Server::with(Backend::Sqlite, ServerOptions::cheap_passwords()).await;
    let mut ada = server.api().sign_up("ada").await;
    let path = server.folder().join("data/signing.key");
    let stolen = fs::read_to_string(&path).unwrap();
    // What is no key changes nothing.
    fs::write(&path, "no key").unwrap();
    server.process().wait_for_log(|line| line.contains("changed signing keys cannot be used"));
    profile(&server.api(), &ada.token).await.expect(200);
    fs::write(&path, stolen).unwrap();

    let listed = keys(&server, &["rotate", "--drop-others"]);
    assert_eq!((listed.len(), &listed[0]["state"]), (1, &json!("signs")));
    server.process().wait_for_log(|line| line.contains("took changed signing keys"));
    assert_eq!(profile(&server.api(), &ada.token).await.expect(401)["code"], "invalid_token");
    refresh(&mut ada).await;
    profile(&server.api(), &ada.token).await.expect(200);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn keys_are_listed_without_telling_them_and_dropped_when_they_verify_nothing() {
    let folder = TempDir::new().unwrap();
    let new = "Zk3vQ9sT6yB1nM8wE4rU7iO2pA5dF0gH-jK_lXcVbN0";
    let text = format!("{OLD_KEY}\n{new} 2026-01-31T09:30:00.000000Z 2026-01-31T09:30:10.000000Z\n");
    let server = Server::with(Backend::Sqlite, with_file(folder.path(), &text)).await;
    let output = server.run(&["keys", "list"], "");
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(!told.contains(&OLD_KEY[..8]) && !told.contains(&new[..8]), "{told}");
    let lines: Vec<_> = told.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert!(lines[0].ends_with(" made at an unknown time retired: `confab keys prune` drops it"), "{told}");
    assert!(lines[1].ends_with(" made 2026-01-31T09:30:00Z signs"), "{told}");
    assert_eq!(keys(&server, &["prune"]).len(), 1);
    assert_eq!(
        fs::read_to_string(folder.path().join("some.key")).unwrap(),
        text.lines().nth(1).unwrap().to_owned() + "\n"
    );

    fs::write(folder.path().join("some.key.new"), "").unwrap();
    let output = server.run(&["keys", "rotate"], "");
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(told.contains("is being changed by another process; if there is none, one died at it: remove"), "{told}");
    fs::remove_file(folder.path().join("some.key")).unwrap();
    let output = server.run(&["keys", "list"], "");
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("cannot be read") && told.contains("the first start makes it"), "{told}");
}
