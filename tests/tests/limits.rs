//! How often one may do what, and who is counted together.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use confab_tests::{Answer, Api, Backend, Server, ServerOptions};
use serde_json::{Value, json};

/// A server with these limits, which takes this machine for a proxy.
async fn server(limits: &[(&'static str, &str)]) -> Server {
    let proxied = ServerOptions::default().set("CONFAB__SERVER__TRUSTED_PROXIES", r#"["127.0.0.1"]"#);
    let options = limits.iter().fold(proxied, |options, (name, limit)| options.set(name, limit));
    Server::with(Backend::Sqlite, options).await
}

/// A log-in through a proxy, by a client of this address.
async fn log_in(api: &Api, from: &str, email: &str, password: &str) -> Answer {
    let request = api.request("POST", "/api/v1/auth/token").header("X-Forwarded-For", from);
    api.send(request.json(&json!({ "email": email, "password": password }))).await.unwrap()
}

#[tokio::test]
async fn a_refusal_names_the_limit_and_says_when_to_try_again() {
    let server = server(&[("CONFAB__RATE_LIMIT__ADDRESS", "3/3s")]).await;
    let mut answers = Vec::new();
    for _ in 0..10 {
        answers.push(server.api().get("/api/v1/users/me").await);
    }
    assert_eq!(answers[0].header("ratelimit-policy"), "\"address\";q=3;w=3");
    assert_eq!(answers[0].header("ratelimit"), "\"address\";r=2;t=1");
    assert_eq!(answers[0].header("x-ratelimit-limit"), "", "said once");
    let refused = answers.iter().find(|answer| answer.status == 429).expect("ten at once, of which three are allowed");
    assert_eq!(refused.json["code"], "too_many_requests");
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(refused.header("ratelimit-policy"), "\"address\";q=3;w=3");
    assert!(refused.header("ratelimit").starts_with("\"address\";r=0;t="), "{}", refused.header("ratelimit"));
    let detail = refused.json["detail"].as_str().unwrap();
    assert!(detail.starts_with("this address may make 3 requests in 3 s (limit `address`)"), "{detail}");
    server.api().get("/healthz").await.expect(200);
}

#[tokio::test]
async fn a_spoofed_header_changes_nothing() {
    let options = ServerOptions::default().set("CONFAB__RATE_LIMIT__ADDRESS", "3/24h");
    let server = Server::with(Backend::Sqlite, options).await;
    let api = server.api();
    let mut statuses = Vec::new();
    for n in 0..4 {
        let spoofed = api.request("GET", "/api/v1/users/me").header("X-Forwarded-For", format!("192.0.2.{n}"));
        let spoofed =
            spoofed.header("Forwarded", format!("for=192.0.2.{n}")).header("X-Real-IP", format!("192.0.2.{n}"));
        statuses.push(api.send(spoofed).await.unwrap().status);
    }
    assert_eq!(statuses, [401, 401, 401, 429]);
}

#[tokio::test]
async fn clients_behind_a_proxy_count_each_and_ipv6_by_its_network() {
    let server = server(&[("CONFAB__RATE_LIMIT__ADDRESS", "1/24h")]).await;
    let api = server.api();
    let from = async |address: &str| {
        let request = api.request("GET", "/api/v1/users/me").header("X-Forwarded-For", address);
        api.send(request).await.unwrap().status
    };
    assert_eq!((from("192.0.2.1").await, from("192.0.2.2").await), (401, 401));
    assert_eq!(from("9.9.9.9, 192.0.2.1").await, 429, "the right-most one that is no proxy");
    assert_eq!(from("2001:db8:1:1::1").await, 401);
    assert_eq!(from("2001:db8:1:1:ffff::2").await, 429);
    assert_eq!(from("2001:db8:1:2::1").await, 401);
}

#[tokio::test]
async fn log_ins_are_counted_by_address_and_by_account() {
    let limits = [("CONFAB__RATE_LIMIT__LOG_IN", "4/24h"), ("CONFAB__RATE_LIMIT__LOG_IN_ACCOUNT", "3/24h")];
    let server = server(&limits).await;
    let api = server.api();
    let ada = api.sign_up("ada").await;
    // She has logged in once, from here. Case does not make it another account.
    for (n, email) in [(1, ada.email.as_str()), (2, "ADA@example.org")] {
        log_in(&api, &format!("192.0.2.{n}"), email, &ada.password).await.expect(200);
    }
    let refused = log_in(&api, "192.0.2.3", &ada.email, &ada.password).await;
    assert_eq!(refused.status, 429);
    assert!(refused.header("ratelimit").contains("\"log_in_account\";r=0;t="), "{}", refused.header("ratelimit"));

    for n in 0..4 {
        assert_eq!(log_in(&api, "192.0.2.9", &format!("nobody{n}@example.org"), "a wrong one").await.status, 401);
    }
    let refused = log_in(&api, "192.0.2.9", "nobody@example.org", "a wrong one").await;
    assert_eq!(refused.status, 429);
    assert!(refused.header("ratelimit").contains("\"log_in\";r=0;t="), "{}", refused.header("ratelimit"));
    assert_eq!(api.get("/api/v1/users/me").await.status, 401, "the rest goes on");
}

#[tokio::test]
async fn resets_and_registrations_have_limits_of_their_own() {
    let server = server(&[("CONFAB__RATE_LIMIT__RESET", "2/24h"), ("CONFAB__RATE_LIMIT__REGISTER", "1/24h")]).await;
    let api = server.api();
    let ada = api.sign_up("ada").await;
    let forgot = async || api.post("/api/v1/auth/password/forgot", &json!({ "email": ada.email })).await;
    assert_eq!((forgot().await.status, forgot().await.status), (202, 202));
    let verify = api.post("/api/v1/auth/email/verify", &json!({ "token": "x" })).await;
    assert_eq!(verify.status, 429, "{}", verify.text);
    assert!(verify.header("ratelimit").contains("\"reset\";r=0;t="), "{}", verify.header("ratelimit"));
    let account = json!({ "email": "b@example.org", "password": "a good one 7x", "first_name": "B", "last_name": "C" });
    let refused = api.post("/api/v1/auth/register", &account).await;
    assert_eq!(refused.status, 429, "{}", refused.text);
    assert!(refused.header("ratelimit").contains("\"register\";r=0;t="), "{}", refused.header("ratelimit"));
}

#[tokio::test]
async fn only_log_ins_that_fail_count_as_failures() {
    let server = server(&[("CONFAB__RATE_LIMIT__LOG_IN_FAILURES", "2/24h")]).await;
    let api = server.api();
    let ada = api.sign_up("ada").await;
    for _ in 0..5 {
        log_in(&api, "192.0.2.1", &ada.email, &ada.password).await.expect(200);
    }
    for _ in 0..2 {
        assert_eq!(log_in(&api, "192.0.2.1", &ada.email, "a wrong one").await.status, 401);
    }
    let refused = log_in(&api, "192.0.2.1", &ada.email, &ada.password).await;
    assert_eq!(refused.status, 429);
    assert!(refused.header("ratelimit").contains("\"log_in_failures\";r=0;t="), "{}", refused.header("ratelimit"));
    log_in(&api, "192.0.2.2", &ada.email, &ada.password).await.expect(200);
}

#[tokio::test]
async fn whoever_asks_sees_what_is_left() {
    let server = server(&[("CONFAB__RATE_LIMIT__SEND", "10/24h"), ("CONFAB__RATE_LIMIT__READ", "20/24h")]).await;
    let ada = server.person("ada", "host").await;
    let group = ada.create_group("Engines", &[]).await;
    let limit = |limits: &Value, name: &str| {
        let items = limits["items"].as_array().unwrap();
        items.iter().find(|item| item["name"] == name).unwrap_or_else(|| panic!("no {name} in {limits}")).clone()
    };
    let before = ada.get("/api/v1/limits").await.expect(200);
    assert_eq!(before["items"].as_array().unwrap().len(), 12);
    assert_eq!(limit(&before, "send")["remaining"], 10);
    for _ in 0..10 {
        ada.say(&group, "hello").await;
    }
    let path = format!("/api/v1/conversations/{group}/messages");
    let refused = ada.post(&path, &json!({ "body": "one too many" })).await;
    assert_eq!((refused.status, &refused.json["code"]), (429, &json!("too_many_requests")));
    let after = ada.get("/api/v1/limits").await.expect(200);
    let send = limit(&after, "send");
    assert_eq!((&send["per"], &send["quota"], &send["remaining"]), (&json!("user"), &json!(10), &json!(0)));
    assert!(send["resets_in_seconds"].as_u64().unwrap() > 86_000, "{send}");
    let read = |limits: &Value| limit(limits, "read")["remaining"].as_u64().unwrap();
    assert_eq!(read(&before) - read(&after), 1, "asking counts as reading");
    let other = server.person("brian", "host").await;
    assert_eq!(limit(&other.get("/api/v1/limits").await.expect(200), "send")["remaining"], 10, "each has their own");
    assert_eq!(ada.read_all(&group, 100).await.len(), 10);
}
