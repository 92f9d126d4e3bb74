//! Messages that users find wrong, and the admins' queue of them.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use confab_tests::{Answer, Backend, Person, Server, ServerOptions, on_each_backend};
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};

on_each_backend!([memory, sqlite, postgres]
    whoever_sees_a_message_reports_it_once,
    only_what_others_have_written_is_reported,
    a_report_is_checked_field_by_field,
    admins_deal_with_reports,
    of_a_deleted_message_the_report_remains,
    comments_go_with_their_author,
);
mod of_the_binary {
    use super::*;

    on_each_backend!([sqlite, postgres]
        each_change_of_a_report_is_in_the_audit,
        reports_have_a_limit_of_their_own,
    );
}

const NOWHERE: &str = "0198c5a2-6f3e-7c41-9d2b-3f5a7c9e1b20";

/// Where a message is, in its conversation.
fn of(group: &str, message: &Value) -> String {
    format!("/api/v1/conversations/{group}/messages/{}", message["id"].as_str().unwrap())
}

async fn report(person: &Person, message: &str, body: &Value) -> Answer {
    person.post(&format!("{message}/report"), body).await
}

fn code(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.json["code"].as_str().unwrap())
}

/// Without the id of the request.
fn refusal(answer: Answer) -> Value {
    let mut problem = answer.json;
    problem["request_id"].take();
    problem
}

/// A group of a host and a guest.
async fn group(server: &Server) -> (Person, Person, String) {
    let (ada, ben) = (server.person("ada", "host").await, server.api().sign_up("ben").await);
    let group = ada.create_group("Engines", &[&ben]).await;
    (ada, ben, group)
}

async fn whoever_sees_a_message_reports_it_once(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, ben, group) = group(&server).await;
    let (eve, admin) = (server.api().sign_up("eve").await, server.person("admin", "admin").await);
    let message = ada.say(&group, "a secret offer").await;
    let this = of(&group, &message);

    let spam = json!({ "reason": "spam", "comment": " Twice\ntoday " });
    let first = report(&ben, &this, &spam).await;
    let location = first.header("location").to_owned();
    let first = first.expect(201);
    let wanted = json!({
        "id": first["id"], "conversation_id": group, "message_id": message["id"], "reason": "spam",
        "comment": "Twice\ntoday", "reported_at": first["reported_at"],
    });
    assert_eq!(first, wanted);
    assert_eq!(location, format!("/api/v1/reports/{}", first["id"].as_str().unwrap()));
    let other = json!({ "reason": "abuse" });
    assert_eq!(report(&ben, &this, &other).await.expect(200), first, "as it was reported first");

    let seen = admin.get(&location).await.expect(200);
    let wanted = json!({
        "id": first["id"], "state": "open", "conversation_id": group, "message_id": message["id"], "sender_id": ada.id,
        "reporter_id": ben.id, "reason": "spam", "comment": "Twice\ntoday", "reported_at": first["reported_at"],
        "note": null, "handled_by": null, "handled_at": null,
    });
    assert_eq!(seen, wanted);
    for person in [&ada, &ben, &eve] {
        assert_eq!(code(&person.get(&location).await), (403, "role_too_low"));
        assert_eq!(code(&person.get("/api/v1/reports").await), (403, "role_too_low"));
    }

    // Whoever does not see it cannot tell that it is there: outside, and joined since.
    let nowhere = refusal(report(&eve, &this.replace(&group, NOWHERE), &spam).await);
    assert_eq!(nowhere["code"], "message_not_found");
    assert_eq!(refusal(report(&eve, &this, &spam).await), nowhere);
    assert_eq!(refusal(report(&admin, &this, &spam).await), nowhere, "an admin, too");
    ada.call("PATCH", &format!("/api/v1/conversations/{group}"), &json!({ "history": "from_joining" }))
        .await
        .expect(200);
    let add = json!({ "user_ids": [eve.id] });
    ada.post(&format!("/api/v1/conversations/{group}/participants"), &add).await.expect(200);
    assert_eq!(refusal(report(&eve, &this, &spam).await), nowhere);
    let heard = of(&group, &ada.say(&group, "for all").await);
    report(&eve, &heard, &spam).await.expect(201);
    let leave = eve.request("DELETE", &format!("/api/v1/conversations/{group}/participants/me"));
    assert_eq!(eve.api.send(leave).await.unwrap().status, 204);
    assert_eq!(refusal(report(&eve, &heard, &spam).await), nowhere, "who has left");
    assert_eq!(admin.get("/api/v1/reports").await.expect(200)["items"].as_array().unwrap().len(), 2);
}

async fn only_what_others_have_written_is_reported(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, ben, group) = group(&server).await;
    let admin = server.person("admin", "admin").await;
    let spam = json!({ "reason": "spam" });
    let [own, hidden, deleted] = [&ben, &ada, &ada];
    let (own, hidden) = (of(&group, &own.say(&group, "my own").await), of(&group, &hidden.say(&group, "hidden").await));
    let deleted = of(&group, &deleted.say(&group, "deleted").await);
    assert_eq!(code(&report(&ben, &own, &spam).await), (409, "own_message"));
    assert_eq!(ben.call("DELETE", &format!("{hidden}?for=me"), &Value::Null).await.status, 204);
    assert_eq!(code(&report(&ben, &hidden, &spam).await), (404, "message_not_found"));
    assert_eq!(ada.call("DELETE", &deleted, &Value::Null).await.status, 204);
    assert_eq!(code(&report(&ben, &deleted, &spam).await), (409, "message_deleted"));
    ada.call("PATCH", &format!("/api/v1/conversations/{group}"), &json!({ "title": "Looms" })).await.expect(200);
    let history = ben.read_all(&group, 100).await;
    let told = history.iter().find(|message| message["kind"] == "system").unwrap();
    assert_eq!(code(&report(&ben, &of(&group, told), &spam).await), (409, "system_message"));
    assert_eq!(admin.get("/api/v1/reports").await.expect(200)["items"], json!([]));

    // Whom somebody has blocked, and what a closed conversation says, is reported as well.
    let message = of(&group, &ada.say(&group, "and more").await);
    ada.call("PATCH", &format!("/api/v1/conversations/{group}"), &json!({ "closed": true })).await.expect(200);
    ben.call("PUT", &format!("/api/v1/users/me/blocks/{}", ada.id), &Value::Null).await.expect(204);
    report(&ben, &message, &spam).await.expect(201);
}

async fn a_report_is_checked_field_by_field(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, ben, group) = group(&server).await;
    let admin = server.person("admin", "admin").await;
    let this = of(&group, &ada.say(&group, "hello").await);
    for (body, pointer, code) in [
        (json!({}), "/reason", "missing_field"),
        (json!({ "reason": "boring" }), "/reason", "malformed"),
        (json!({ "reason": "spam", "comment": " " }), "/comment", "empty"),
        (json!({ "reason": "spam", "comment": "x".repeat(1_001) }), "/comment", "too_long"),
        (json!({ "reason": "spam", "comment": "a\0" }), "/comment", "forbidden_character"),
        (json!({ "reason": "spam", "text": "hello" }), "/text", "unknown_field"),
    ] {
        let refused = report(&ben, &this, &body).await.expect(422);
        let error = &refused["errors"][0];
        assert_eq!((&error["pointer"], &error["code"]), (&json!(pointer), &json!(code)), "{body}: {refused}");
    }
    let both = report(&ben, &this, &json!({ "reason": "", "comment": "" })).await.expect(422);
    assert_eq!(both["errors"].as_array().unwrap().len(), 2, "{both}");
    let longest = "😀".repeat(1_000);
    let made = report(&ben, &this, &json!({ "reason": "other", "comment": longest })).await.expect(201);
    assert_eq!(made["comment"], json!(longest));

    let path = format!("/api/v1/reports/{}", made["id"].as_str().unwrap());
    for (body, pointer) in [
        (json!({ "state": "closed" }), "/state"),
        (json!({ "state": null }), "/state"),
        (json!({ "note": "" }), "/note"),
        (json!({ "note": "x".repeat(1_001) }), "/note"),
        (json!({ "reason": "spam" }), "/reason"),
    ] {
        let refused = admin.call("PATCH", &path, &body).await.expect(422);
        assert_eq!(refused["errors"][0]["pointer"], json!(pointer), "{body}: {refused}");
    }
    for query in ["state=new", "limit=0", "cursor=x", "reason=spam"] {
        let refused = admin.get(&format!("/api/v1/reports?{query}")).await.expect(422);
        let (name, _) = query.split_once('=').unwrap();
        assert_eq!(refused["errors"][0]["pointer"], json!(format!("/{name}")), "{refused}");
    }
    let missing = format!("/api/v1/reports/{NOWHERE}");
    assert_eq!(code(&admin.get(&missing).await), (404, "report_not_found"));
    assert_eq!(code(&admin.call("PATCH", &missing, &json!({})).await), (404, "report_not_found"));
    assert_eq!(code(&ben.call("PATCH", &path, &json!({ "state": "dismissed" })).await), (403, "role_too_low"));
}

async fn admins_deal_with_reports(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, ben, group) = group(&server).await;
    let (admin, other) = (server.person("admin", "admin").await, server.person("other", "admin").await);
    let mut ids = Vec::new();
    for n in 0..3 {
        let message = of(&group, &ada.say(&group, &format!("message {n}")).await);
        let made = report(&ben, &message, &json!({ "reason": "harassment" })).await.expect(201);
        ids.push(made["id"].as_str().unwrap().to_owned());
    }
    let listed = async |query: &str| -> Vec<String> {
        let page = admin.get(&format!("/api/v1/reports?{query}")).await.expect(200);
        page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(listed("").await, [&*ids[2], &*ids[1], &*ids[0]]);
    let first = admin.get("/api/v1/reports?limit=2").await;
    assert!(first.header("link").contains("rel=\"next\""));
    let cursor = first.json["next_cursor"].as_str().unwrap();
    assert_eq!(listed(&format!("limit=2&cursor={cursor}")).await, [&*ids[0]]);

    let path = format!("/api/v1/reports/{}", ids[1]);
    let read = admin.get(&path).await;
    let tag = read.header("etag").to_owned();
    let change = async |person: &Person, tag: &str, body: Value| {
        let request = person.request("PATCH", &path).header("If-Match", tag).json(&body);
        person.api.send(request).await.unwrap()
    };
    let resolved = change(&admin, &tag, json!({ "state": "resolved", "note": "Deleted" })).await;
    let after = resolved.header("etag").to_owned();
    let resolved = resolved.expect(200);
    let told = (&resolved["state"], &resolved["note"], &resolved["handled_by"]);
    assert_eq!(told, (&json!("resolved"), &json!("Deleted"), &json!(admin.id)));
    assert!(resolved["handled_at"].as_str().unwrap() >= resolved["reported_at"].as_str().unwrap());
    assert_ne!(tag, after);
    let late = change(&other, &tag, json!({ "state": "dismissed" })).await;
    assert_eq!(code(&late), (412, "precondition_failed"));
    let same = change(&other, &after, json!({ "state": "resolved" })).await;
    assert_eq!((same.header("etag"), &same.json["handled_by"]), (&*after, &json!(admin.id)), "nothing has changed");
    let read = admin.get(&path).await;
    assert_eq!((read.header("etag"), &read.json), (&*after, &resolved));
    assert_eq!(listed("state=open").await, [&*ids[2], &*ids[0]]);
    assert_eq!(listed("state=resolved").await, [&*ids[1]]);
    assert!(listed("state=dismissed").await.is_empty());

    let open = other.call("PATCH", &path, &json!({ "state": "open", "note": null })).await.expect(200);
    let told = (&open["state"], &open["note"], &open["handled_by"]);
    assert_eq!(told, (&json!("open"), &Value::Null, &json!(other.id)));
    let note = admin.call("PATCH", &path, &json!({ "note": "Wait" })).await.expect(200);
    assert_eq!((&note["state"], &note["handled_by"]), (&json!("open"), &json!(admin.id)));
    assert_eq!(listed("state=open").await.len(), 3);

    let standing = format!("/api/v1/users/{}/standing", other.id);
    admin.call("PATCH", &standing, &json!({ "role": "host" })).await.expect(200);
    while other.get("/api/v1/reports").await.status == 200 {}
    assert_eq!(code(&other.call("PATCH", &path, &json!({ "state": "dismissed" })).await), (403, "role_too_low"));
}

async fn of_a_deleted_message_the_report_remains(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, ben, group) = group(&server).await;
    let admin = server.person("admin", "admin").await;
    let this = of(&group, &ada.say(&group, "unspeakable").await);
    let made = report(&ben, &this, &json!({ "reason": "abuse" })).await.expect(201);
    let path = format!("/api/v1/reports/{}", made["id"].as_str().unwrap());
    let before = admin.get(&path).await;
    assert!(!before.text.contains("unspeakable"));
    let delete = admin.call("DELETE", &format!("{this}?reason=as%20reported"), &Value::Null).await;
    assert_eq!(delete.status, 204, "{}", delete.text);
    assert_eq!(admin.get(&path).await.json, before.json);
    assert_eq!(report(&ben, &this, &json!({ "reason": "abuse" })).await.expect(200), made, "it was reported before");
}

async fn comments_go_with_their_author(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, ben, group) = group(&server).await;
    let admin = server.person("admin", "admin").await;
    let this = of(&group, &ada.say(&group, "hello").await);
    let made = report(&ben, &this, &json!({ "reason": "other", "comment": "I am Ben of Lyon" })).await.expect(201);
    assert_eq!(ben.get("/api/v1/users/me/export").await.expect(200)["reports"], json!([made]));
    assert_eq!(ada.get("/api/v1/users/me/export").await.expect(200)["reports"], json!([]), "who is reported");

    let password = json!({ "current_password": ben.password });
    assert_eq!(ben.call("DELETE", "/api/v1/users/me", &password).await.status, 204);
    let left = admin.get(&format!("/api/v1/reports/{}", made["id"].as_str().unwrap())).await.expect(200);
    let told = (&left["comment"], &left["reason"], &left["reporter_id"]);
    assert_eq!(told, (&Value::Null, &json!("other"), &json!(ben.id)));
}

async fn each_change_of_a_report_is_in_the_audit(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, ben, group) = group(&server).await;
    let admin = server.person("admin", "admin").await;
    let this = of(&group, &ada.say(&group, "hello").await);
    let made = report(&ben, &this, &json!({ "reason": "spam" })).await.expect(201);
    let path = format!("/api/v1/reports/{}", made["id"].as_str().unwrap());
    admin.call("PATCH", &path, &json!({ "state": "dismissed", "note": "of Ada Lovelace" })).await.expect(200);
    admin.call("PATCH", &path, &json!({ "state": "dismissed" })).await.expect(200);
    admin.call("PATCH", &path, &json!({ "state": "open" })).await.expect(200);
    let refused = admin.request("PATCH", &path).header("If-Match", "\"r1\"").json(&json!({ "state": "resolved" }));
    assert_eq!(admin.api.send(refused).await.unwrap().status, 412);

    let database = server.database().await;
    let sql = "SELECT before, after FROM audit_events WHERE kind = 'report_changed' ORDER BY id";
    let rows = database.query_all_raw(Statement::from_string(database.get_database_backend(), sql)).await.unwrap();
    let facts = rows.iter().map(|row| {
        [0, 1].map(|column| serde_json::from_str::<Value>(&row.try_get_by_index::<String>(column).unwrap()).unwrap())
    });
    let id = &made["id"];
    let wanted = [
        [json!({ "state": "open" }), json!({ "report_id": id, "state": "dismissed", "note": "changed" })],
        [json!({ "state": "dismissed" }), json!({ "report_id": id, "state": "open" })],
    ];
    assert_eq!(facts.collect::<Vec<_>>(), wanted);
}

async fn reports_have_a_limit_of_their_own(backend: Backend) {
    let options = ServerOptions::default().set("CONFAB__RATE_LIMIT__REPORT", "2/1h");
    let server = Server::with(backend, options).await;
    let (ada, ben, group) = group(&server).await;
    for n in 0..3 {
        let message = of(&group, &ada.say(&group, &format!("message {n}")).await);
        let answer = report(&ben, &message, &json!({ "reason": "spam" })).await;
        assert_eq!(answer.status, if n < 2 { 201 } else { 429 });
        assert!(answer.header("ratelimit").contains("\"report\";r="), "{}", answer.header("ratelimit"));
    }
    ben.say(&group, "the rest goes on").await;
}
