//! The life of accounts, as a front-end team and operators see it, on each kind of storage.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use confab_tests::{Backend, Person, Server, on_each_backend};
use serde_json::{Value, json};

on_each_backend!([memory, sqlite, postgres]
    everyone_reads_what_happened_to_their_account,
);

fn kinds(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap()).collect()
}

async fn everyone_reads_what_happened_to_their_account(backend: Backend) {
    let server = Server::start(backend).await;
    let ada = server.api().sign_up("ada").await;
    let wrong = json!({ "email": ada.email, "password": "a wrong guess" });
    for number in 0..12 {
        let request = ada.api.request("POST", "/api/v1/auth/token").json(&wrong);
        let request = request.header("X-Request-Id", format!("guess-{number}")).header("User-Agent", "guesser/1.0");
        ada.api.send(request).await.unwrap().expect(401);
    }
    server.api().sign_up("ben").await;
    let ada = Person::log_in(server.api(), &ada.email, &ada.password).await;

    let first = ada.get("/api/v1/users/me/audit?limit=2").await.expect(200);
    assert_eq!(kinds(&first), ["logged_in", "log_in_failed"]);
    let newest = &first["items"][0];
    assert_eq!((&newest["by"], &newest["address"]), (&json!("yourself"), &json!("127.0.0.1")));
    assert!(newest["session_id"].is_string());
    let failed = &first["items"][1];
    assert_eq!((&failed["by"], &failed["user_agent"]), (&json!("unknown"), &json!("guesser/1.0")));
    assert!(failed["request_id"].as_str().unwrap().starts_with("guess-"));

    let path = format!("/api/v1/users/me/audit?limit=100&cursor={}", first["next_cursor"].as_str().unwrap());
    let rest = ada.get(&path).await.expect(200);
    assert_eq!(kinds(&rest).last(), Some(&"logged_in"), "the first log-in");
    // Ten in a minute, and the guesses may lie in two.
    let told = 1 + kinds(&rest).iter().filter(|kind| **kind == "log_in_failed").count();
    assert!((10..=12).contains(&told), "{told}");
    assert_eq!(newest["after"], json!({ "failed_log_ins_before": "12" }));
    ada.get("/api/v1/users/me/audit?limit=0").await.expect(422);
    ada.get("/api/v1/users/me/audit?cursor=x").await.expect(422);
}
