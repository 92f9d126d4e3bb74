//! Users who block each other.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use confab_tests::{Answer, Backend, Person, Server, on_each_backend};
use serde_json::{Value, json};

on_each_backend!([memory, sqlite, postgres]
    a_block_is_made_listed_and_lifted,
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
