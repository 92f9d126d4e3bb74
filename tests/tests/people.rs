//! What users may know of each other.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use confab_tests::{Backend, Person, Server, ServerOptions, on_each_backend};
use serde_json::{Value, json};

on_each_backend!([memory, sqlite, postgres]
    cards_are_for_those_who_talk_with_each_other,
    hosts_find_who_lets_themselves_be_found,
);

async fn card(caller: &Person, id: &str) -> confab_tests::Answer {
    caller.get(&format!("/api/v1/users/{id}")).await
}

/// Without the id of the request, by which nobody is told apart.
fn refusal(mut problem: Value) -> Value {
    problem["request_id"].take();
    problem
}

async fn cards_are_for_those_who_talk_with_each_other(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, ben) = (server.person("ada", "host").await, server.api().sign_up("ben").await);
    let (eve, admin) = (server.api().sign_up("eve").await, server.person("admin", "admin").await);
    let group = ada.create_group("Engines", &[&ben]).await;

    let seen = card(&ben, &ada.id).await.expect(200);
    assert_eq!(seen, json!({ "id": ada.id, "first_name": "ada", "last_name": "Test", "deleted": false }));
    assert_eq!(card(&ada, &ada.id).await.expect(200), seen);
    assert_eq!(card(&admin, &ada.id).await.expect(200), seen);

    let nobody = refusal(card(&eve, "0198c5a2-6f3e-7c41-9d2b-3f5a7c9e1b20").await.expect(404));
    assert_eq!(nobody["code"], "user_not_found");
    assert_eq!(refusal(card(&eve, &ada.id).await.expect(404)), nobody);
    assert_eq!(refusal(card(&ada, &eve.id).await.expect(404)), nobody);

    let leave = format!("/api/v1/conversations/{group}/participants/me");
    assert_eq!(ben.call("DELETE", &leave, &Value::Null).await.status, 204);
    assert_eq!(refusal(card(&ben, &ada.id).await.expect(404)), nobody);
}

async fn hosts_find_who_lets_themselves_be_found(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, ben) = (server.person("ada", "host").await, server.api().sign_up("ben").await);
    let found = async |query: &str| {
        let found = ada.get(&format!("/api/v1/users/lookup?{query}")).await.expect(200);
        found["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|user| user["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let number = json!({ "phone_number": "+44 20 7946 0958" });
    ben.call("PATCH", "/api/v1/users/me", &number).await.expect(200);
    let (by_email, by_phone) = ("contact=BEN%40Example.org", "contact=%2B44%2020%207946%200958");
    assert!(found(by_email).await.is_empty() && found(by_phone).await.is_empty(), "he has not said so");

    let profile = ben.call("PATCH", "/api/v1/users/me", &json!({ "discoverable_by_email": true })).await.expect(200);
    assert_eq!((&profile["discoverable_by_email"], &profile["discoverable_by_phone"]), (&json!(true), &json!(false)));
    assert_eq!(found(by_email).await, [ben.id.as_str()]);
    assert!(found(by_phone).await.is_empty());
    ben.call("PATCH", "/api/v1/users/me", &json!({ "discoverable_by_phone": true })).await.expect(200);
    assert_eq!(found(by_phone).await, [ben.id.as_str()]);
    assert!(found("contact=nobody%40example.org").await.is_empty());
    let null = ben.call("PATCH", "/api/v1/users/me", &json!({ "discoverable_by_phone": null })).await;
    assert_eq!(null.status, 422);

    for query in ["", "contact=", "contact=ben", "contact=12", "contact=ben%40", "contact=a%40b.c&contact=d%40e.f"] {
        let problem = ada.get(&format!("/api/v1/users/lookup?{query}")).await.expect(422);
        let error = &problem["errors"][0];
        assert_eq!((&error["in"], &error["pointer"]), (&json!("query"), &json!("/contact")), "{query}: {problem}");
    }
    assert_eq!(ben.get(&format!("/api/v1/users/lookup?{by_email}")).await.expect(403)["code"], "role_too_low");
}

/// Nobody tries all numbers.
#[tokio::test(flavor = "multi_thread")]
async fn look_ups_have_a_limit_of_their_own() {
    let options = ServerOptions::default().set("CONFAB__RATE_LIMIT__LOOKUP", "3/1h");
    let server = Server::with(Backend::Sqlite, options).await;
    let ada = server.person("ada", "host").await;
    for number in 0..4 {
        let answer = ada.get(&format!("/api/v1/users/lookup?contact=nobody{number}%40example.org")).await;
        assert_eq!(answer.status, if number < 3 { 200 } else { 429 });
    }
    ada.get("/api/v1/users/me").await.expect(200);
}
