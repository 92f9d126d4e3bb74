//! Users who block each other.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use confab_tests::{Answer, Backend, Person, Server, on_each_backend};
use serde_json::{Value, json};

on_each_backend!([memory, sqlite, postgres]
    a_block_is_made_listed_and_lifted,
    a_block_ends_a_direct_conversation_for_both,
    a_group_of_both_goes_on,
);

const BLOCKS: &str = "/api/v1/users/me/blocks";
const NOBODY: &str = "0198c5a2-6f3e-7c41-9d2b-3f5a7c9e1b20";

async fn block(person: &Person, id: &str) -> Answer {
    person.call("PUT", &format!("{BLOCKS}/{id}"), &Value::Null).await
}

async fn unblock(person: &Person, id: &str) -> Answer {
    person.call("DELETE", &format!("{BLOCKS}/{id}"), &Value::Null).await
}

/// Without the id of the request, by which nobody is told apart.
fn refusal(mut problem: Value) -> Value {
    problem["request_id"].take();
    problem
}

async fn a_block_is_made_listed_and_lifted(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, ben) = (server.person("ada", "host").await, server.api().sign_up("ben").await);
    let eve = server.api().sign_up("eve").await;
    ada.create_group("Engines", &[&ben]).await;
    let empty = json!({ "items": [], "next_cursor": null, "previous_cursor": null });
    assert_eq!(ada.get(BLOCKS).await.expect(200), empty);

    for _ in 0..2 {
        assert_eq!(block(&ada, &ben.id).await.status, 204);
    }
    let listed = ada.get(BLOCKS).await.expect(200);
    let card = json!({ "id": ben.id, "first_name": "ben", "last_name": "Test", "deleted": false });
    assert_eq!((listed["items"].as_array().unwrap().len(), &listed["items"][0]["user"]), (1, &card));
    assert!(listed["items"][0]["since"].as_str().unwrap().ends_with('Z'));
    assert_eq!(ben.get(BLOCKS).await.expect(200), empty, "nobody is told who has blocked them");

    let nobody = refusal(block(&ada, NOBODY).await.expect(404));
    assert_eq!(nobody["code"], "user_not_found");
    assert_eq!(refusal(block(&ada, &eve.id).await.expect(404)), nobody, "a stranger");
    assert_eq!(block(&ada, &ada.id).await.expect(409)["code"], "block_of_oneself");
    let malformed = block(&ada, "ben").await.expect(422);
    assert_eq!(malformed["errors"][0]["pointer"], "/user_id");

    for id in [&ben.id, &ben.id, &eve.id, NOBODY, &ada.id] {
        assert_eq!(unblock(&ada, id).await.status, 204);
    }
    assert_eq!(ada.get(BLOCKS).await.expect(200), empty);
}

async fn a_block_ends_a_direct_conversation_for_both(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, ben) = (server.person("ada", "host").await, server.api().sign_up("ben").await);
    let pair = json!({ "participant_ids": [ben.id] });
    let direct = ada.post("/api/v1/conversations", &pair).await.expect(201)["id"].as_str().unwrap().to_owned();
    ada.say(&direct, "hello").await;
    let path = format!("/api/v1/conversations/{direct}");
    let before = ada.get(&path).await.expect(200);
    assert_eq!(block(&ben, &ada.id).await.status, 204);

    let send = json!({ "body": "are you there?" });
    let mut answers = Vec::new();
    for person in [&ada, &ben] {
        answers.push(refusal(person.post(&format!("{path}/messages"), &send).await.expect(403)));
        let seen = person.get(&path).await.expect(200);
        assert_eq!(seen["messages"][0]["body"], "hello");
        let may: Vec<&str> = seen["allowed_actions"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert!(may.contains(&"read_conversation") && !may.contains(&"send_message"), "{may:?}");
        let again = json!({ "participant_ids": [if person.id == ada.id { &ben.id } else { &ada.id }] });
        assert_eq!(person.post("/api/v1/conversations", &again).await.expect(200)["id"], direct);
    }
    assert_eq!(answers[0], answers[1], "neither learns who has blocked whom");
    assert_eq!(answers[0]["code"], "blocked");
    // Nothing else of the conversation tells of it.
    let without_actions = |mut view: Value| {
        view["allowed_actions"].take();
        view["messages"].as_array_mut().unwrap().iter_mut().for_each(|message| {
            message["allowed_actions"].take();
        });
        view["last_message"]["allowed_actions"].take();
        view
    };
    assert_eq!(without_actions(ada.get(&path).await.expect(200)), without_actions(before));

    assert_eq!(unblock(&ben, &ada.id).await.status, 204);
    ada.say(&direct, "there you are").await;
}

async fn a_group_of_both_goes_on(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, ben) = (server.person("ada", "host").await, server.person("ben", "host").await);
    let group = ada.create_group("Engines", &[&ben]).await;
    assert_eq!(block(&ben, &ada.id).await.status, 204);
    ada.say(&group, "to all").await;
    ben.say(&group, "from all").await;
    assert_eq!(ada.get(&format!("/api/v1/users/{}", ben.id)).await.status, 200);

    let leave = format!("/api/v1/conversations/{group}/participants/me");
    assert_eq!(ben.call("DELETE", &leave, &Value::Null).await.status, 204);
    let add = json!({ "user_ids": [ben.id] });
    let refused = ada.post(&format!("/api/v1/conversations/{group}/participants"), &add).await.expect(422);
    assert_eq!(refused["errors"][0]["code"], "user_unavailable", "whom she had in it she cannot bring back");
}
