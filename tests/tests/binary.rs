//! The binary, as an operator uses it.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use std::fs;
use std::net::TcpListener;
use std::process::Output;

use confab_tests::{Backend, Process, Server, ServerOptions, on_each_backend};
use serde_json::json;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

on_each_backend!([sqlite, postgres] signals_drain_and_exit_0, migrations_go_up_and_down, users_are_made_with_roles);

fn run(folder: &TempDir, arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    let settings: Vec<_> = settings.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    Process::run(folder.path(), arguments, &settings, "")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A request that is half sent when the signal comes is answered, and what it did is kept.
async fn signals_drain_and_exit_0(backend: Backend) {
    let mut server = Server::start(backend).await;
    let mut ada = server.person("ada", "host").await;
    let group = ada.create_group("Engines", &[]).await;
    for (n, signal) in ["TERM", "INT"].into_iter().enumerate() {
        let body = format!(r#"{{"body": "said during SIG{signal}"}}"#);
        let head = format!(
            "POST /api/v1/conversations/{group}/messages HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
            ada.token,
            body.len()
        );
        let mut socket = TcpStream::connect(server.base().trim_start_matches("http://")).await.unwrap();
        socket.write_all(head.as_bytes()).await.unwrap();
        // The server asks for the body: the request is under way.
        assert_eq!(read_head(&mut socket).await, "HTTP/1.1 100 Continue");
        server.process().signal(signal);
        server.process().wait_for_log(|line| line.contains("stopping"));
        socket.write_all(body.as_bytes()).await.unwrap();
        assert_eq!(read_head(&mut socket).await, "HTTP/1.1 201 Created");
        assert_eq!(server.process().wait().code(), Some(0), "{signal}");
        server.restart();
        ada.api = server.api();
        assert_eq!(ada.read_all(&group, 100).await.len(), n + 1, "{signal}");
    }
}

/// The first line of the next answer, whose head is read to its end.
async fn read_head(socket: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap().lines().next().unwrap().to_owned()
}

async fn migrations_go_up_and_down(backend: Backend) {
    let mut server = Server::start(backend).await;
    server.process().signal("TERM");
    server.process().wait();
    let text = |output: Output| {
        assert!(output.status.success(), "{}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    let status = text(server.run(&["migrate", "status"], ""));
    let count = status.lines().count();
    assert!(count >= 1 && status.lines().all(|line| line.contains("applied")), "{status}");
    text(server.run(&["migrate", "down", "--steps", &count.to_string()], ""));
    let status = text(server.run(&["migrate", "status"], ""));
    assert!(status.lines().all(|line| line.contains("pending")), "{status}");
    text(server.run(&["migrate", "up"], ""));
    server.restart();
    server.api().sign_up("ada").await;
}

async fn users_are_made_with_roles(backend: Backend) {
    let server = Server::start(backend).await;
    let admin = server.person("root", "admin").await;
    assert_eq!(admin.get("/api/v1/users/me").await.expect(200)["role"], "admin");
    let audit = admin.get("/api/v1/users/me/audit").await.expect(200);
    let made = audit["items"].as_array().unwrap().last().unwrap();
    assert_eq!((&made["kind"], &made["after"]["role"]), (&json!("account_created"), &json!("admin")), "{audit}");
    let create = |email: &str, input: &str| {
        server.run(
            &["user", "create", "--role", "host", "--email", email, "--first-name", "A", "--last-name", "B"],
            input,
        )
    };
    let taken = create("ROOT@example.org", "long enough password\n");
    assert!(!taken.status.success() && stderr(&taken).contains("e-mail address"), "{}", stderr(&taken));
    let short = create("new@example.org", "short\n");
    assert!(!short.status.success() && stderr(&short).contains("at least 10 characters"), "{}", stderr(&short));
}

#[tokio::test]
async fn the_first_start_makes_a_private_key_and_a_database() {
    use std::os::unix::fs::PermissionsExt as _;
    let server = Server::start(Backend::Sqlite).await;
    let key = server.folder().join("data/signing.key");
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(server.folder().join("data/confab.db").is_file());
    server.api().get("/readyz").await.expect(200);
    let docs = reqwest::get(format!("{}/docs", server.base())).await.unwrap().text().await.unwrap();
    assert!(docs.contains("swagger-ui"), "{docs}");
}

#[test]
fn what_is_wrong_in_the_configuration_is_named() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("wrong.toml"), "[server]\nbnid = \"127.0.0.1:0\"\n").unwrap();
    for (arguments, settings, named) in [
        (&["serve"][..], &[("CONFAB__SERVER__BNID", "x")][..], "bnid"),
        (&["serve"], &[("CONFAB__SREVER__BIND", "x")], "srever"),
        (&["serve"], &[("CONFAB_DATABASE_URL", "postgres://localhost/x")], "confab__database__url"),
        (&["serve"], &[("CONFAB__SERVER__BIND", "nowhere")], "bind"),
        (&["serve"], &[("CONFAB__DATABASE__URL", "mysql://localhost/x")], "database"),
        (&["serve"], &[("CONFAB__AUTH__ACCESS_TOKEN_SECONDS", "0")], "access_token_seconds"),
        (&["serve"], &[("CONFAB__PASSWORDS__MEMORY_KIB", "many")], "memory_kib"),
        (&["serve", "--config", "wrong.toml"], &[], "bnid"),
        (&["serve", "--config", "absent.toml"], &[], "absent.toml"),
        (&["serve", "--bnid"], &[], "--bnid"),
    ] {
        let output = run(&folder, arguments, settings);
        let said = stderr(&output).to_lowercase();
        assert!(!output.status.success() && said.contains(named), "{arguments:?} {settings:?}: {said}");
        assert!(!said.contains("panicked"), "{said}");
    }
}

#[test]
fn an_address_in_use_is_named() {
    let folder = TempDir::new().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = run(&folder, &["serve", "--bind", &address], &[]);
    assert!(!output.status.success() && stderr(&output).contains(&address), "{}", stderr(&output));
}

#[test]
fn the_document_is_the_committed_one() {
    let folder = TempDir::new().unwrap();
    let output = run(&folder, &["openapi"], &[]);
    assert_eq!(String::from_utf8(output.stdout).unwrap(), include_str!("../../docs/openapi.json"));
}

#[tokio::test]
async fn only_listed_origins_may_call_from_a_browser() {
    let settings = vec![("CONFAB__CORS__ALLOWED_ORIGINS", "[\"https://chat.example.org\"]".to_owned())];
    let server = Server::with(Backend::Sqlite, ServerOptions { settings, ..ServerOptions::default() }).await;
    let api = server.api();
    let from = |origin: &str| api.send(api.request("GET", "/api/v1/users/me").header("Origin", origin));
    let allowed = from("https://chat.example.org").await.unwrap();
    assert_eq!((allowed.status, allowed.header("access-control-allow-origin")), (401, "https://chat.example.org"));
    assert_eq!(from("https://evil.example.org").await.unwrap().header("access-control-allow-origin"), "");
    let preflight = reqwest::Client::new()
        .request(reqwest::Method::OPTIONS, format!("{}/api/v1/conversations", server.base()))
        .headers(
            [
                ("origin", "https://chat.example.org"),
                ("access-control-request-method", "POST"),
                ("access-control-request-headers", "authorization,content-type"),
            ]
            .into_iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect(),
        )
        .send()
        .await
        .unwrap();
    assert_eq!(preflight.status().as_u16(), 200);
    assert_eq!(preflight.headers()["access-control-allow-origin"], "https://chat.example.org");
}
