//! What an admin reads of a conversation from outside, and who learns of it.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use confab_tests::{Backend, Server, on_each_backend};
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};

on_each_backend!([sqlite, postgres] an_admin_reads_from_outside_and_all_inside_see_it);

async fn an_admin_reads_from_outside_and_all_inside_see_it(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, eve) = (server.person("ada", "host").await, server.person("eve", "admin").await);
    let group = ada.create_group("Engines", &[]).await;
    let said = ada.say(&group, "between us").await;
    let at = |rest: &str| format!("/api/v1/conversations/{group}{rest}");
    let one = at(&format!("/messages/{}", said["id"].as_str().unwrap()));

    let minutes = json!({ "minutes": 10 });
    let refused = eve.post(&at("/inspections"), &minutes).await.expect(422);
    let error = &refused["errors"][0];
    assert_eq!((&error["in"], &error["pointer"]), (&json!("query"), &json!("/reason")), "{refused}");
    for (body, code) in [(json!({ "minutes": 0 }), "out_of_range"), (json!({ "minutes": 61 }), "out_of_range")] {
        let refused = eve.post(&at("/inspections?reason=a%20complaint"), &body).await.expect(422);
        let error = &refused["errors"][0];
        assert_eq!((&error["pointer"], &error["code"]), (&json!("/minutes"), &json!(code)), "{refused}");
    }
    assert_eq!(eve.get(&at("/messages")).await.json["code"], "conversation_not_found");
    assert_eq!(ada.read_all(&group, 100).await.len(), 1);

    let begun = eve.post(&at("/inspections?reason=a%20complaint"), &minutes).await;
    assert_eq!(begun.headers["location"], at("/messages").as_str());
    let until = begun.expect(201)["until"].clone();
    let read = eve.get(&at("/messages?order=oldest_first&include=allowed_actions")).await.expect(200);
    let kinds: Vec<_> = read["items"].as_array().unwrap().iter().map(|item| &item["kind"]).collect();
    assert_eq!(kinds, ["text", "system"]);
    assert_eq!(read["items"][0]["body"], "between us");
    assert_eq!(read["items"][0]["allowed_actions"], json!([]));
    assert_eq!(eve.get(&one).await.expect(200)["body"], "between us");

    // All inside see who reads and until when, and not why.
    let newest = ada.get(&at("/messages?limit=1")).await.expect(200)["items"][0].clone();
    assert_eq!((&newest["system"]["kind"], &newest["system"]["until"]), (&json!("inspected"), &until));
    assert_eq!(newest["sender"]["id"], eve.id.as_str());
    assert!(!ada.get(&at("/messages")).await.text.contains("complaint"));
    // It lets them read what is said, and nothing else.
    for rest in ["", "/participants", "/events?after=0"] {
        assert_eq!(eve.get(&at(rest)).await.json["code"], "conversation_not_found", "{rest}");
    }
    assert_eq!(eve.post(&at("/messages"), &json!({ "body": "hello" })).await.status, 404);
    assert_eq!(eve.get("/api/v1/search?q=between").await.expect(200)["items"], json!([]));
    assert_eq!(eve.get("/api/v1/conversations").await.expect(200)["items"], json!([]));

    let database = server.database().await;
    let sql = "SELECT CAST(after AS text) FROM audit_events WHERE kind = 'conversation_touched'";
    let rows = database.query_all_raw(Statement::from_string(database.get_database_backend(), sql)).await.unwrap();
    let facts: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
    let facts: Vec<Value> = facts.iter().map(|facts| serde_json::from_str(facts).unwrap()).collect();
    let expected = json!({ "operation": "inspect_conversation", "conversation_id": group, "reason": "a complaint" });
    assert_eq!(facts, [expected]);
}
