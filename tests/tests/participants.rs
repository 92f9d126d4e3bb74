//! Who takes part in large groups, on each kind of storage.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use confab_tests::{Answer, Backend, Server, ServerOptions, on_each_backend};
use serde_json::json;

on_each_backend!([memory, sqlite, postgres] participants_are_paged, a_thousand_join_at_once_or_none);

fn at(group: &str, rest: &str) -> String {
    format!("/api/v1/conversations/{group}{rest}")
}

fn fault(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.json["errors"][0]["pointer"].as_str().unwrap_or_default())
}

async fn participants_are_paged(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, ben) = (server.person("ada", "host").await, server.api().sign_up("ben").await);
    let group = ada.create_group("Engines", &[&ben]).await;
    let stranger = server.person("eve", "host").await;
    for n in 0..5 {
        let person = server.api().sign_up(&format!("person-{n}")).await;
        ada.post(&at(&group, "/participants"), &json!({ "user_ids": [person.id] })).await.expect(200);
    }
    let all = ben.get(&at(&group, "/participants?limit=100")).await.expect(200);
    assert_eq!(all["items"], ada.get(&at(&group, "")).await.expect(200)["participants"]);
    let (mut path, mut walked, mut pages) = (at(&group, "/participants?limit=3"), Vec::new(), 0);
    loop {
        let page = ben.get(&path).await.expect(200);
        walked.extend(page["items"].as_array().unwrap().clone());
        pages += 1;
        let Some(cursor) = page["next_cursor"].as_str() else {
            let back = page["previous_cursor"].as_str().unwrap();
            let before = ben.get(&at(&group, &format!("/participants?limit=3&cursor={back}"))).await.expect(200);
            assert_eq!(before["items"].as_array().unwrap(), &walked[3..6]);
            break;
        };
        path = at(&group, &format!("/participants?limit=3&cursor={cursor}"));
    }
    assert_eq!((pages, &json!(walked)), (3, &all["items"]));
    let owner = ben.get(&at(&group, "/participants?membership=owner")).await.expect(200);
    assert_eq!(owner["items"][0]["user"]["id"], ada.id);
    assert_eq!(owner["items"].as_array().unwrap().len(), 1);
    let direct = ada.post("/api/v1/conversations", &json!({ "participant_ids": [stranger.id] })).await.expect(201);
    let nobody = ada.get(&at(direct["id"].as_str().unwrap(), "/participants?membership=owner")).await.expect(200);
    assert_eq!(nobody["items"], json!([]), "a direct conversation has no owner");
    assert_eq!(stranger.get(&at(&group, "/participants")).await.json["code"], "conversation_not_found");
    for (query, field) in [("limit=101", "/limit"), ("membership=guest", "/membership"), ("order=x", "/order")] {
        assert_eq!(fault(&ada.get(&at(&group, &format!("/participants?{query}"))).await), (422, field));
    }
}

async fn a_thousand_join_at_once_or_none(backend: Backend) {
    let server = Server::with(backend, ServerOptions::cheap_passwords()).await;
    let ada = server.person("ada", "host").await;
    let api = server.api();
    let mut ids = Vec::new();
    for chunk in (0..1000).collect::<Vec<_>>().chunks(20) {
        let people =
            chunk.iter().map(|n| {
                let account = json!({
                    "email": format!("person-{n}@example.org"), "password": "harbour 7 lantern",
                    "first_name": format!("Person {n}"), "last_name": "Test",
                });
                let api = api.clone();
                async move {
                    api.post("/api/v1/auth/register", &account).await.expect(201)["id"].as_str().unwrap().to_owned()
                }
            });
        ids.extend(futures_util::future::join_all(people).await);
    }
    let group = ada.create_group("Everyone", &[]).await;
    let add = async |ids: &[String]| ada.post(&at(&group, "/participants"), &json!({ "user_ids": ids })).await;
    let count = async || ada.get(&at(&group, "")).await.expect(200)["participant_count"].as_u64().unwrap();
    // One too many, two who are not there, and one twice: each is named, and nobody has joined.
    assert_eq!(fault(&add(&ids).await), (422, "/user_ids"));
    let mut bad = ids[..999].to_vec();
    bad[0] = "0198c5a2-6f3e-7c41-9d2b-3f5a7c9e1b20".to_owned();
    bad[500] = ada.id.clone();
    bad[998] = "0198c5a2-6f3e-7c41-9d2b-3f5a7c9e1b21".to_owned();
    let refused = add(&bad).await;
    let named: Vec<&str> =
        refused.json["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    assert_eq!((refused.status, named), (422, vec!["/user_ids/0", "/user_ids/500", "/user_ids/998"]));
    assert_eq!(count().await, 1);
    assert_eq!(add(&ids[..999]).await.expect(200)["participant_count"], 1000);
    assert_eq!(fault(&add(&ids[999..]).await), (422, "/user_ids"), "full");
    assert_eq!(count().await, 1000);
    let told = ada.read_all(&group, 100).await;
    assert_eq!((told.len(), told[0]["system"]["users"].as_array().unwrap().len()), (1, 999));
    let last = ada.get(&at(&group, "/participants?limit=100")).await.expect(200);
    assert_eq!(last["items"].as_array().unwrap().len(), 100);
}
