//! What whoever has left a conversation can still read of it.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use confab_tests::{Backend, Server, ServerOptions, on_each_backend};
use serde_json::{Value, json};

on_each_backend!([sqlite, postgres] whoever_has_left_reads_on_where_the_setting_says_so);

fn at(group: &str, rest: &str) -> String {
    format!("/api/v1/conversations/{group}{rest}")
}

async fn whoever_has_left_reads_on_where_the_setting_says_so(backend: Backend) {
    for on in [false, true] {
        let options = ServerOptions::cheap_passwords().set("CONFAB__POLICY__HISTORY_AFTER_LEAVE", &on.to_string());
        let server = Server::with(backend, options).await;
        let (ada, ben) = (server.person("ada", "host").await, server.api().sign_up("ben").await);
        let group = ada.create_group("Engines", &[&ben]).await;
        let messages = at(&group, "/messages");
        let message = |said: &Value, rest: &str| format!("{messages}/{}{rest}", said["id"].as_str().unwrap());
        let said = ada.say(&group, "hello").await;
        let seen = ben.get(&messages).await.expect(200);
        let leave = ben.request("DELETE", &at(&group, "/participants/me"));
        assert_eq!(ben.api.send(leave).await.unwrap().status, 204);
        let edit = ada.request("PATCH", &message(&said, "")).header("If-Match", "*").json(&json!({ "body": "later" }));
        ada.api.send(edit).await.unwrap().expect(200);
        let after = ada.say(&group, "after").await;

        let history = ben.get(&messages).await;
        if on {
            assert_eq!(history.expect(200), seen);
            assert_eq!(ben.get(&message(&said, "")).await.expect(200), seen["items"][0]);
            let judged = ben.get(&message(&said, "?include=allowed_actions")).await.expect(200);
            assert_eq!(judged["allowed_actions"], json!([]));
            let around = ben.get(&format!("{messages}?around={}", said["id"].as_str().unwrap())).await.expect(200);
            assert_eq!(around["items"], seen["items"]);
            assert_eq!(ben.get(&message(&said, "/revisions")).await.expect(200)["items"], json!([]));
        } else {
            assert_eq!((history.status, &history.json["code"]), (404, &json!("conversation_not_found")));
        }
        // Of what came after, and of all else, they learn as much as of nothing.
        let nothing = json!({ "id": "019a0000-0000-7000-8000-000000000000" });
        for rest in ["", "/revisions", "/reactions", "/readers"] {
            let (found, never) = (ben.get(&message(&after, rest)).await, ben.get(&message(&nothing, rest)).await);
            assert_eq!((found.status, &found.json["code"]), (404, &never.json["code"]), "{rest}: {}", found.text);
        }
        assert_eq!(ben.get("/api/v1/search?q=hello").await.expect(200)["items"], json!([]));
        for rest in ["", "/participants", "/events?after=0"] {
            assert_eq!(ben.get(&at(&group, rest)).await.json["code"], "conversation_not_found", "{rest}");
        }
        assert_eq!(ben.post(&messages, &json!({ "body": "still here" })).await.json["code"], "conversation_not_found");
    }
}
