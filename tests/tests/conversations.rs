//! What can be changed of conversations, and who comes and goes, on each kind of storage.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use confab_tests::{Answer, Backend, Person, Server, on_each_backend};
use serde_json::{Value, json};

on_each_backend!([memory, sqlite, postgres]
    an_owner_changes_a_group_and_everyone_can_follow,
    participants_come_and_go,
    a_group_always_has_one_owner,
    what_is_closed_or_announced_is_read_only,
    admins_act_with_a_reason_and_delete_for_everyone,
    everyone_mutes_archives_and_pins_for_themselves,
);

fn at(group: &str, rest: &str) -> String {
    format!("/api/v1/conversations/{group}{rest}")
}

fn code(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.json["code"].as_str().unwrap_or_default())
}

/// Each event's kind and version, after a version.
async fn events(person: &Person, group: &str, after: u64) -> Vec<(String, u64)> {
    let page = person.get(&at(group, &format!("/events?after={after}&limit=100"))).await.expect(200);
    let event = |event: &Value| (event["kind"].as_str().unwrap().to_owned(), event["version"].as_u64().unwrap());
    page["items"].as_array().unwrap().iter().map(event).collect()
}

async fn remove(person: &Person, group: &str, who: &str) -> Answer {
    person.api.send(person.request("DELETE", &at(group, &format!("/participants/{who}")))).await.unwrap()
}

async fn an_owner_changes_a_group_and_everyone_can_follow(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, ben) = (server.person("ada", "host").await, server.person("ben", "host").await);
    let group = ada.create_group("Engines", &[&ben]).await;
    let read = ada.get(&at(&group, "")).await;
    let tag = read.header("etag").to_owned();
    assert_eq!((&read.json["metadata"], &read.json["history"]), (&json!({}), &json!("from_joining")));
    let allowed =
        |answer: &Value| answer["allowed_actions"].as_array().unwrap().contains(&json!("change_conversation"));
    assert!(allowed(&read.json) && !allowed(&ben.get(&at(&group, "")).await.json));

    // A message changes nothing of what can be edited.
    ada.say(&group, "hello").await;
    let patch = json!({ "title": "Analytical engines", "metadata": { "colour": "green", "n": { "a": 1, "b": 2 } } });
    let edit = |patch: &Value, tag: &str| {
        let request = ada.request("PATCH", &at(&group, "")).header("If-Match", tag).json(patch);
        let api = ada.api.clone();
        async move { api.send(request).await.unwrap() }
    };
    let changed = edit(&patch, &tag).await;
    let new_tag = changed.header("etag").to_owned();
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_ne!(tag, new_tag);
    assert_eq!(code(&edit(&patch, &tag).await), (412, "precondition_failed"));
    assert_eq!(code(&edit(&patch, "green").await), (422, "invalid_input"));
    let merged = edit(&json!({ "metadata": { "n": { "a": null, "c": 3 } } }), &new_tag).await.expect(200);
    assert_eq!(merged["metadata"], json!({ "colour": "green", "n": { "b": 2, "c": 3 } }));
    assert_eq!((&merged["title"], merged["version"].as_u64()), (&json!("Analytical engines"), Some(4)));
    // What changes nothing makes no event.
    let same = ada.call("PATCH", &at(&group, ""), &json!({ "title": " Analytical engines " })).await.expect(200);
    assert_eq!(same["version"], 4);

    let kinds =
        [("message_posted", 1), ("conversation_changed", 2), ("message_posted", 3), ("conversation_changed", 4)];
    assert_eq!(events(&ben, &group, 0).await, kinds.map(|(kind, version)| (kind.to_owned(), version)));
    let told = ben.read_all(&group, 100).await;
    assert_eq!((&told[1]["kind"], &told[1]["system"]["title"]), (&json!("system"), &json!("Analytical engines")));

    // Numbers keep their digits, however many they are.
    let raw = ada.request("PATCH", &at(&group, "")).header("Content-Type", "application/json");
    let raw = raw.body(r#"{"metadata":{"n":{"big":123456789012345678901234567890}}}"#);
    ada.api.send(raw).await.unwrap().expect(200);
    let kept = ada.call("PATCH", &at(&group, ""), &json!({ "metadata": { "m": 1 } })).await;
    assert!(kept.text.contains(r#""n":{"b":2,"c":3,"big":123456789012345678901234567890}"#), "{}", kept.text);

    let whole =
        json!({ "title": null, "announcement": false, "history": "from_start", "closed": false, "metadata": {} });
    let replaced = ada.call("PUT", &at(&group, ""), &whole).await.expect(200);
    assert_eq!((&replaced["title"], &replaced["history"]), (&Value::Null, &json!("from_start")));
    assert_eq!(replaced["metadata"], json!({}));

    assert_eq!(code(&ben.call("PATCH", &at(&group, ""), &patch).await), (403, "not_the_owner"));
    let deep = json!({ "metadata": { "a": [[[[[[[[1]]]]]]]] } });
    let large = json!({ "metadata": { "a": "x".repeat(16 * 1024) } });
    for (body, pointer) in [(deep, "/metadata"), (large, "/metadata"), (json!({ "title": "" }), "/title")] {
        let refused = ada.call("PATCH", &at(&group, ""), &body).await;
        assert_eq!((code(&refused), &refused.json["errors"][0]["pointer"]), ((422, "invalid_input"), &json!(pointer)));
    }
    let direct = json!({ "participant_ids": [ben.id] });
    let direct = ada.post("/api/v1/conversations", &direct).await.expect(201)["id"].as_str().unwrap().to_owned();
    assert_eq!(code(&ada.call("PATCH", &at(&direct, ""), &json!({ "closed": true })).await), (403, "not_the_owner"));
}

async fn participants_come_and_go(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, ben) = (server.person("ada", "host").await, server.person("ben", "guest").await);
    let cyd = server.api().sign_up("cyd").await;
    let group = ada.create_group("Engines", &[]).await;
    ada.say(&group, "before").await;
    let add = async |ids: &[&str]| ada.post(&at(&group, "/participants"), &json!({ "user_ids": ids })).await;
    let nobody = "0198c5a2-6f3e-7c41-9d2b-3f5a7c9e1b20";
    let refused = add(&[&ben.id, nobody, &ada.id]).await;
    let faults: Vec<_> =
        refused.json["errors"].as_array().unwrap().iter().map(|e| (&e["pointer"], &e["code"])).collect();
    let (gone, there) = (json!("user_unavailable"), json!("already_participant"));
    assert_eq!(faults, [(&json!("/user_ids/1"), &gone), (&json!("/user_ids/2"), &there)]);
    assert_eq!(ben.get(&at(&group, "")).await.status, 404, "all or nothing");
    for bad in [json!({ "user_ids": [] }), json!({ "user_ids": [ben.id, ben.id] }), json!({ "user_ids": ["x"] })] {
        assert_eq!(code(&ada.post(&at(&group, "/participants"), &bad).await), (422, "invalid_input"), "{bad}");
    }

    let added = add(&[&ben.id, &cyd.id]).await.expect(200);
    assert_eq!(added["participant_count"], 3);
    let seen = ben.read_all(&group, 100).await;
    assert_eq!((seen.len(), &seen[0]["kind"], seen[0]["seq"].as_u64()), (1, &json!("system"), Some(2)));
    let page = ben.get(&at(&group, "/events?after=0")).await.expect(200);
    assert_eq!((&page["after"], page["items"][0]["users"].as_array().unwrap().len()), (&json!(1), 2));

    // Removal takes effect at once, and others see it.
    assert_eq!(code(&remove(&ben, &group, &cyd.id).await), (403, "role_too_low"));
    assert_eq!(remove(&ada, &group, &cyd.id).await.status, 204);
    assert_eq!(cyd.get(&at(&group, "")).await.status, 404);
    assert_eq!(cyd.post(&at(&group, "/messages"), &json!({ "body": "still here?" })).await.status, 404);
    assert_eq!(code(&remove(&ada, &group, &cyd.id).await), (404, "participant_not_found"));
    assert_eq!(remove(&ben, &group, "me").await.status, 204);
    assert_eq!(ben.get("/api/v1/conversations").await.expect(200)["items"], json!([]));
    ada.say(&group, "alone again").await;
    assert_eq!(add(&[&ben.id]).await.expect(200)["participant_count"], 2);
    assert_eq!(ben.read_all(&group, 100).await.len(), 1, "whoever comes back begins anew");
    let all = events(&ada, &group, 0).await;
    assert_eq!(all.iter().map(|(_, version)| *version).collect::<Vec<_>>(), (1..=all.len() as u64).collect::<Vec<_>>());
}

async fn a_group_always_has_one_owner(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, ben) = (server.person("ada", "host").await, server.person("ben", "host").await);
    let guest = server.api().sign_up("guest").await;
    let group = ada.create_group("Engines", &[&guest]).await;
    ada.post(&at(&group, "/participants"), &json!({ "user_ids": [ben.id] })).await.expect(200);
    let owners = async |person: &Person| {
        let found = person.get(&at(&group, "")).await.expect(200);
        let owners = found["participants"].as_array().unwrap().iter().filter(|place| place["membership"] == "owner");
        owners.map(|place| place["user"]["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let hand_on =
        async |from: &Person, to: &Person| from.call("PUT", &at(&group, "/owner"), &json!({ "user_id": to.id })).await;
    assert_eq!(code(&hand_on(&ben, &ben).await), (403, "not_the_owner"));
    hand_on(&ada, &guest).await.expect(200);
    assert_eq!(owners(&ada).await, [guest.id.as_str()]);
    hand_on(&guest, &ada).await.expect(200);
    let stranger = server.api().sign_up("stranger").await;
    assert_eq!(hand_on(&ada, &stranger).await.json["errors"][0]["pointer"], "/user_id");
    // The guest has been in it the longest; a host may organise it.
    assert_eq!(remove(&ada, &group, &ada.id).await.status, 204);
    assert_eq!(owners(&ben).await, [ben.id.as_str()]);
    assert_eq!(remove(&ben, &group, "me").await.status, 204);
    assert_eq!(owners(&guest).await, [guest.id.as_str()]);
    assert_eq!(remove(&guest, &group, "me").await.status, 204);
    assert_eq!(guest.get(&at(&group, "")).await.status, 404);
}

async fn what_is_closed_or_announced_is_read_only(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, ben) = (server.person("ada", "host").await, server.api().sign_up("ben").await);
    let group = ada.create_group("Engines", &[&ben]).await;
    let set = async |patch: Value| ada.call("PATCH", &at(&group, ""), &patch).await.expect(200);
    let say = async |person: &Person| person.post(&at(&group, "/messages"), &json!({ "body": "x" })).await;
    set(json!({ "announcement": true })).await;
    assert_eq!(code(&say(&ben).await), (403, "not_the_owner"));
    assert_eq!(say(&ada).await.status, 201);
    let kept = json!({ "body": "kept", "client_message_id": "k" });
    ada.post(&at(&group, "/messages"), &kept).await.expect(201);
    assert!(set(json!({ "closed": true, "announcement": false })).await["closed_at"].is_string());
    for person in [&ada, &ben] {
        assert_eq!(code(&say(person).await), (409, "conversation_closed"));
    }
    ada.post(&at(&group, "/messages"), &kept).await.expect(200);
    let read = ben.get(&at(&group, "")).await.expect(200);
    assert!(!read["allowed_actions"].as_array().unwrap().contains(&json!("send_message")));
    set(json!({ "closed": false })).await;
    assert_eq!(say(&ben).await.status, 201);
}

async fn admins_act_with_a_reason_and_delete_for_everyone(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, root) = (server.person("ada", "host").await, server.person("root", "admin").await);
    let ben = server.person("ben", "host").await;
    let group = ada.create_group("Engines", &[&ben]).await;
    let title = json!({ "title": "Renamed" });
    let refused = root.call("PATCH", &at(&group, ""), &title).await;
    let error = &refused.json["errors"][0];
    assert_eq!(
        (code(&refused), &error["in"], &error["pointer"]),
        ((422, "invalid_input"), &json!("query"), &json!("/reason"))
    );
    assert_eq!(root.call("PATCH", &at(&group, "?reason=asked+for"), &title).await.status, 204);
    assert_eq!(root.get(&at(&group, "")).await.status, 404, "to change is not to read");
    assert_eq!(ada.get(&at(&group, "")).await.expect(200)["title"], "Renamed");
    assert_eq!(remove(&root, &group, &ben.id).await.status, 422);
    assert_eq!(remove(&root, &group, &format!("{}?reason=spam", ben.id)).await.status, 204);

    let delete =
        async |person: &Person, rest: &str| person.api.send(person.request("DELETE", &at(&group, rest))).await.unwrap();
    assert_eq!(code(&delete(&ada, "?reason=mine").await), (403, "role_too_low"));
    assert_eq!(code(&delete(&ben, "?reason=mine").await), (404, "conversation_not_found"));
    assert_eq!(delete(&root, "").await.status, 422);
    assert_eq!(delete(&root, "?reason=spam").await.status, 204);
    assert_eq!(code(&delete(&root, "?reason=spam").await), (404, "conversation_not_found"));
    for path in ["", "/messages", "/events?after=0"] {
        assert_eq!(ada.get(&at(&group, path)).await.status, 404, "{path}");
    }
    assert_eq!(ada.post(&at(&group, "/messages"), &json!({ "body": "x" })).await.status, 404);
    assert_eq!(ada.get("/api/v1/conversations").await.expect(200)["items"], json!([]));
}

async fn everyone_mutes_archives_and_pins_for_themselves(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, ben) = (server.person("ada", "host").await, server.api().sign_up("ben").await);
    let (first, second) = (ada.create_group("first", &[&ben]).await, ada.create_group("second", &[&ben]).await);
    let set = json!({ "muted_until": "2999-01-01T00:00:00Z", "pinned": true });
    let kept = ben.call("PATCH", &at(&first, "/preferences"), &set).await.expect(200);
    assert_eq!(kept, json!({ "muted_until": "2999-01-01T00:00:00.000000Z", "pinned": true, "archived": false }));
    ben.call("PATCH", &at(&second, "/preferences"), &json!({ "archived": true })).await.expect(200);
    ada.say(&first, "unread").await;
    let list = async |person: &Person, query: &str| {
        let page = person.get(&format!("/api/v1/conversations?count=true&{query}")).await.expect(200);
        let ids: Vec<_> = page["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect();
        assert_eq!(page["total_count"].as_u64(), Some(ids.len() as u64));
        ids
    };
    for (query, wanted) in [
        ("pinned=true", vec![&first]),
        ("archived=true", vec![&second]),
        ("archived=false", vec![&first]),
        ("unread=true", vec![&first]),
        ("unread=false", vec![&second]),
        ("updated_since=2999-01-01T00:00:00Z", vec![]),
        ("", vec![&first, &second]),
    ] {
        assert_eq!(list(&ben, query).await, wanted.into_iter().map(|id| json!(id)).collect::<Vec<_>>(), "{query}");
    }
    assert_eq!(list(&ada, "archived=true").await, Vec::<Value>::new());
    let unset = ben.call("PATCH", &at(&first, "/preferences"), &json!({ "muted_until": null })).await.expect(200);
    assert_eq!((&unset["muted_until"], &unset["pinned"]), (&Value::Null, &json!(true)));
    let bad = ben.call("PATCH", &at(&first, "/preferences"), &json!({ "muted_until": "soon" })).await;
    assert_eq!(bad.json["errors"][0]["pointer"], "/muted_until");
}
