//! What stands around every request: headers of answers, hosts, and limits of size, time and number.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use confab_tests::wire::{Answers, Probes};
use confab_tests::{Answer, Api, Backend, Server, ServerOptions, headers};
use futures_util::future::join_all;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

async fn server(settings: &[(&'static str, &str)]) -> Server {
    let set = |options: ServerOptions, (name, value): &(&'static str, &str)| options.set(name, value);
    Server::with(Backend::Sqlite, settings.iter().fold(ServerOptions::default(), set)).await
}

fn address(server: &Server) -> String {
    server.base().trim_start_matches("http://").to_owned()
}

/// All that comes back for these bytes, until the server closes the connection.
async fn said(server: &Server, bytes: &str) -> String {
    let mut socket = TcpStream::connect(address(server)).await.unwrap();
    socket.write_all(bytes.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(60), socket.read_to_end(&mut answer)).await;
    assert!(read.is_ok(), "the connection is never closed");
    String::from_utf8_lossy(&answer).into_owned()
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("no status: {answer:?}"))
}

#[tokio::test]
async fn pages_of_listed_origins_may_use_every_header_of_the_document() {
    let server = server(&[("CONFAB__CORS__ALLOWED_ORIGINS", r#"["https://chat.example.org"]"#)]).await;
    let http = reqwest::Client::new();
    let url = format!("{}/api/v1/users/me", server.base());
    let (of_requests, of_answers) = headers();
    assert!(of_requests.contains("if-match") && of_answers.contains("etag"), "{of_requests:?} {of_answers:?}");
    for origin in ["https://chat.example.org", "https://evil.example.org"] {
        let listed = origin == "https://chat.example.org";
        let names = of_requests.iter().map(String::as_str).chain(["authorization", "content-type"]);
        let preflight = http
            .request(reqwest::Method::OPTIONS, &url)
            .header("Origin", origin)
            .header("Access-Control-Request-Method", "PATCH")
            .header("Access-Control-Request-Headers", names.collect::<Vec<_>>().join(","));
        let preflight = preflight.send().await.unwrap();
        assert_eq!(preflight.status().is_success(), listed, "{origin}: {}", preflight.status());
        assert_eq!(preflight.headers().contains_key("access-control-allow-origin"), listed, "{origin}");
        assert!(!preflight.headers().contains_key("access-control-allow-credentials"), "{origin}");
        let answer = http.get(&url).header("Origin", origin).send().await.unwrap();
        assert_eq!(answer.headers().contains_key("access-control-allow-origin"), listed, "{origin}");
        if listed {
            let exposed = answer.headers()["access-control-expose-headers"].to_str().unwrap().to_lowercase();
            let exposed: BTreeSet<String> = exposed.split(',').map(|name| name.trim().to_owned()).collect();
            assert!(of_answers.is_subset(&exposed), "{of_answers:?} {exposed:?}");
        }
    }
}

#[tokio::test]
async fn every_answer_tells_browsers_what_not_to_do_with_it() {
    let server = server(&[("CONFAB__TLS__HSTS_SECONDS", "3600")]).await;
    let http = reqwest::Client::new();
    for (path, is_page, is_private) in [
        ("/healthz", false, true),
        ("/api/v1/users/me", false, true),
        ("/api/v1/nowhere", false, true),
        ("/nowhere", false, true),
        ("/api/openapi.json", false, false),
        ("/docs/", true, false),
        ("/docs/swagger-ui-bundle.js", true, false),
    ] {
        let answer = http.get(format!("{}{path}", server.base())).send().await.unwrap();
        let header = |name: &str| answer.headers().get(name).map_or("", |value| value.to_str().unwrap());
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("x-frame-options"), "DENY", "{path}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert_eq!(header("cross-origin-resource-policy"), "same-origin", "{path}");
        assert!(header("permissions-policy").contains("camera=()"), "{path}");
        assert_eq!(header("strict-transport-security"), "", "{path}: it came in the clear");
        assert_eq!(header("cache-control") == "no-store", is_private, "{path}");
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none';"), "{path}: {policy}");
        assert_eq!(policy.contains("script-src 'self';"), is_page, "{path}: {policy}");
        let scripts = policy.split(';').find(|rule| rule.contains("script-src")).unwrap_or_default();
        assert!(!scripts.contains("unsafe"), "{path}: {policy}");
    }
}

#[tokio::test]
async fn what_comes_through_a_trusted_proxy_is_secure() {
    let settings = [("CONFAB__TLS__HSTS_SECONDS", "3600"), ("CONFAB__SERVER__TRUSTED_PROXIES", r#"["127.0.0.0/8"]"#)];
    let server = server(&[settings[0], settings[1], ("CONFAB__TLS__HSTS_INCLUDE_SUBDOMAINS", "true")]).await;
    let answer = server.api().get("/healthz").await;
    assert_eq!(answer.header("strict-transport-security"), "max-age=3600; includeSubDomains");
}

#[tokio::test]
async fn only_the_hosts_that_are_listed_are_answered_for() {
    let server = server(&[("CONFAB__SERVER__ALLOWED_HOSTS", r#"["chat.example.org", ".example.com"]"#)]).await;
    let ask = async |path: &str, hosts: &str| {
        said(&server, &format!("GET {path} HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n")).await
    };
    for (hosts, expected) in [
        ("Host: chat.example.org\r\n", 401),
        ("Host: CHAT.example.org:8443\r\n", 401),
        ("Host: a.example.com\r\n", 401),
        ("Host: evil.example\r\n", 421),
        ("Host: evil.example\r\nX-Forwarded-Host: chat.example.org\r\n", 421),
        ("Host: chat.example.org\r\nHost: evil.example\r\n", 400),
        ("Host: chat example\r\n", 400),
        ("", 400),
    ] {
        let answer = ask("/api/v1/users/me", hosts).await;
        assert_eq!(status(&answer), expected, "{hosts}: {answer}");
        // Some of what is malformed the framework refuses by itself, and says no more.
        assert!(answer.contains("application/problem+json") || expected == 400, "{answer}");
    }
    let absolute =
        "GET http://evil.example/api/v1/users/me HTTP/1.1\r\nHost: chat.example.org\r\nConnection: close\r\n\r\n";
    assert_eq!(status(&said(&server, absolute).await), 421, "the URL goes before the header");
    assert_eq!(status(&ask("/healthz", "Host: 10.0.0.7\r\n").await), 200, "probes know no names");
}

#[tokio::test]
async fn what_is_too_large_is_told_which_limit() {
    let server = server(&[
        ("CONFAB__SERVER__MAX_URL_BYTES", "1024"),
        ("CONFAB__SERVER__MAX_HEADER_BYTES", "4096"),
        ("CONFAB__SERVER__MAX_BODY_BYTES", "1024"),
    ])
    .await;
    let api = server.api();
    let url = api.get(&format!("/api/v1/conversations?cursor={}", "x".repeat(1024))).await;
    assert_eq!((url.status, &url.json["code"]), (414, &json!("uri_too_long")));
    let headers = api.request("GET", "/api/v1/users/me").header("X-Large", "x".repeat(4096));
    let headers = api.send(headers).await.unwrap();
    assert_eq!((headers.status, &headers.json["code"]), (431, &json!("headers_too_large")));
    let body = api.post("/api/v1/auth/token", &json!({ "email": "x".repeat(1024), "password": "x" })).await;
    assert_eq!((body.status, &body.json["code"]), (413, &json!("content_too_large")));
    // What the framework itself refuses has no body.
    let endless = format!("GET / HTTP/1.1\r\nHost: x\r\nX-Large: {}", "x".repeat(200_000));
    assert_eq!(status(&said(&server, &endless).await), 431);
    let chunked = "POST /api/v1/auth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
                   Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
    let chunks = format!("{:x}\r\n{}\r\n", 2048, "x".repeat(2048));
    assert_eq!(status(&said(&server, &format!("{chunked}{chunks}0\r\n\r\n")).await), 413);
}

#[tokio::test]
async fn what_is_malformed_is_refused() {
    let server = server(&[]).await;
    let api = server.api();
    let twice =
        api.request("GET", "/api/v1/users/me").header("Authorization", "Bearer a").header("Authorization", "Bearer b");
    let twice = api.send(twice).await.unwrap();
    assert_eq!((twice.status, &twice.json["code"]), (400, &json!("bad_request")));
    for (method, path) in [("POST", "/docs/"), ("POST", "/docs"), ("PUT", "/api/openapi.json")] {
        let answer = api.send(api.request(method, path)).await.unwrap();
        assert_eq!((answer.status, answer.header("allow")), (405, "GET, HEAD"), "{method} {path}");
    }
    assert_eq!(api.get("/docs/nothing.js").await.status, 404);
    let ada = api.sign_up("ada").await;
    for (method, path, kind, expected) in [
        ("POST", "/api/v1/auth/token", "application/json; charset=utf-8", 422),
        ("POST", "/api/v1/auth/token", "application/merge-patch+json", 415),
        ("POST", "/api/v1/auth/token", "application/ld+json", 415),
        ("POST", "/api/v1/auth/token", "text/json", 415),
        ("PATCH", "/api/v1/users/me", "application/merge-patch+json", 200),
        ("PATCH", "/api/v1/users/me", "application/json-patch+json", 415),
    ] {
        let request = ada.request(method, path).header("Content-Type", kind).body("{}");
        assert_eq!(api.send(request).await.unwrap().status, expected, "{method} {path} {kind}");
    }
}

#[tokio::test]
async fn slow_headers_are_408_and_idle_connections_are_closed() {
    let server =
        server(&[("CONFAB__SERVER__HEADER_TIMEOUT_SECONDS", "1"), ("CONFAB__SERVER__IDLE_TIMEOUT_SECONDS", "1")]).await;
    let slow = said(&server, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ").await;
    assert_eq!(status(&slow), 408);
    let idle = said(&server, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert_eq!(status(&idle), 200, "and then it is closed");
}

#[tokio::test]
async fn a_connection_too_many_is_told_so() {
    const MOST: usize = 16;
    let server = server(&[("CONFAB__SERVER__MAX_CONNECTIONS", "16")]).await;
    let api = server.api();
    let mut held = Vec::new();
    for n in 0..MOST {
        let (read, mut write) = TcpStream::connect(address(&server)).await.unwrap().into_split();
        write.write_all(b"GET /api/v1/users/me HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let mut answers = Answers::new(read);
        assert_eq!(answers.next().await.unwrap().status, 401, "connection {n}");
        held.push((answers, write));
    }
    let refused = api.get("/api/v1/users/me").await;
    assert_eq!((refused.status, &refused.json["code"]), (503, &json!("busy")));
    assert_eq!((refused.header("retry-after"), refused.header("connection")), ("1", "close"));
    assert_eq!(api.get("/healthz").await.status, 200, "it is alive");
    held.truncate(MOST / 2);
    let begun = Instant::now();
    // The server learns of each end by itself.
    while Api::new(server.base()).get("/api/v1/users/me").await.status == 503 {
        assert!(begun.elapsed() < Duration::from_secs(30), "there is no room again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_idle_and_slow_connections_slow_nobody_down() {
    const EACH: usize = 1000;
    let files = Command::new("prlimit").args(["--pid", &std::process::id().to_string(), "--nofile=8192:8192"]).status();
    assert!(files.unwrap().success());
    let server = server(&[("CONFAB__SERVER__HEADER_TIMEOUT_SECONDS", "600")]).await;
    let hold = |bytes: &'static str| {
        let address = address(&server);
        tokio::spawn(async move {
            let mut socket = TcpStream::connect(address).await.unwrap();
            socket.write_all(bytes.as_bytes()).await.unwrap();
            socket
        })
    };
    let idle = (0..EACH).map(|_| hold(""));
    let slow = (0..EACH).map(|_| hold("POST /api/v1/auth/token HTTP/1.1\r\nHost: x\r\nX-Slow: "));
    let mut held: Vec<TcpStream> = join_all(idle.chain(slow)).await.into_iter().map(Result::unwrap).collect();
    let (probed, done) = (address(&server), Arc::new(AtomicBool::new(false)));
    let until = Arc::clone(&done);
    let probes = std::thread::spawn(move || Probes::healthz(&probed, 200, || until.load(Ordering::SeqCst)));
    // Slowloris: a byte more, now and then.
    for _ in 0..3 {
        for socket in &mut held[EACH..] {
            socket.write_all(b"x").await.unwrap();
        }
    }
    let answer: Answer = server.api().get("/readyz").await;
    answer.expect(200);
    done.store(true, Ordering::SeqCst);
    let probes = tokio::task::spawn_blocking(|| probes.join().unwrap()).await.unwrap();
    println!("{} probes of /healthz, p99 {:?}, longest {:?}", probes.count(), probes.p99(), probes.longest());
    assert!(probes.p99() < Duration::from_millis(100), "p99 {:?}", probes.p99());
}
