//! What is done with messages and what becomes of them, on each kind of storage.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use confab_tests::{Answer, Backend, Person, Server, ServerOptions, on_each_backend};
use serde_json::{Value, json};

on_each_backend!([memory, sqlite, postgres]
    an_edit_needs_to_know_what_it_replaces,
    a_deleted_message_is_gone_for_all_and_a_hidden_one_for_one,
    a_preview_shows_what_its_reader_may_see,
    reactions_are_whole_emoji_and_of_fifty_kinds,
    mentions_are_where_the_text_says,
    texts_and_payloads_end_at_their_bounds,
    a_page_lies_around_a_message,
    every_message_tells_what_may_be_done_with_it,
    an_admin_deletes_from_outside_with_a_reason,
    what_is_deleted_or_hidden_is_not_unread,
);

fn at(group: &str, rest: &str) -> String {
    format!("/api/v1/conversations/{group}{rest}")
}

fn of(message: &Value, rest: &str) -> String {
    let text = |name: &str| message[name].as_str().unwrap();
    at(text("conversation_id"), &format!("/messages/{}{rest}", text("id")))
}

fn code(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.json["code"].as_str().unwrap_or_default())
}

fn fault(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.json["errors"][0]["pointer"].as_str().unwrap_or_default())
}

async fn edit(person: &Person, method: &str, message: &Value, tag: Option<&str>, body: &Value) -> Answer {
    let mut request = person.request(method, &of(message, "")).json(body);
    if let Some(tag) = tag {
        request = request.header("If-Match", tag);
    }
    person.api.send(request).await.unwrap()
}

async fn delete(person: &Person, path: &str) -> Answer {
    person.api.send(person.request("DELETE", path)).await.unwrap()
}

async fn react(person: &Person, method: &str, message: &Value, emoji: &str) -> Answer {
    let path: String = emoji.bytes().map(|byte| format!("%{byte:02X}")).collect();
    person.api.send(person.request(method, &of(message, &format!("/reactions/{path}")))).await.unwrap()
}

/// A host with a guest in a group.
async fn group(server: &Server) -> (Person, Person, String) {
    let (ada, ben) = (server.person("ada", "host").await, server.api().sign_up("ben").await);
    let group = ada.create_group("Engines", &[&ben]).await;
    (ada, ben, group)
}

async fn an_edit_needs_to_know_what_it_replaces(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, ben, group) = group(&server).await;
    let sent = json!({ "body": "first", "payload": { "a": 1, "b": { "c": 2 } } });
    let sent = ada.post(&at(&group, "/messages"), &sent).await;
    let (tag, message) = (sent.header("etag").to_owned(), sent.expect(201));
    let second = json!({ "body": "second" });
    assert_eq!(code(&edit(&ada, "PATCH", &message, None, &second).await), (428, "precondition_required"));
    assert_eq!(fault(&edit(&ada, "PATCH", &message, Some("first"), &second).await), (422, "/if-match"));
    assert_eq!(code(&edit(&ben, "PATCH", &message, Some("*"), &second).await), (403, "not_the_sender"));
    let edited = edit(&ada, "PATCH", &message, Some(&tag), &second).await;
    let new_tag = edited.header("etag").to_owned();
    let edited = edited.expect(200);
    assert_eq!((&edited["body"], &edited["payload"]["b"]["c"]), (&json!("second"), &json!(2)));
    assert!(edited["edited_at"].is_string() && new_tag != tag);
    assert_eq!(code(&edit(&ada, "PUT", &message, Some(&tag), &second).await), (412, "precondition_failed"));
    // Reactions and replies change nothing of what it says, and so nothing of its tag.
    react(&ben, "PUT", &message, "👍").await.expect(200);
    let patch = json!({ "payload": { "a": null, "b": { "d": 3 } } });
    let merged = edit(&ada, "PATCH", &message, Some(&new_tag), &patch).await.expect(200);
    assert_eq!(merged["payload"], json!({ "b": { "c": 2, "d": 3 } }));
    let whole = edit(&ada, "PUT", &message, Some("*"), &json!({ "body": "third" })).await.expect(200);
    assert_eq!((&whole["body"], &whole["payload"]), (&json!("third"), &Value::Null));
    let again = edit(&ada, "PUT", &message, Some("*"), &json!({ "body": "third" })).await.expect(200);
    assert_eq!(again["version"], whole["version"], "what changes nothing makes no version");
    let revisions = ben.get(&of(&message, "/revisions")).await.expect(200);
    let bodies: Vec<&Value> = revisions["items"].as_array().unwrap().iter().map(|one| &one["body"]).collect();
    assert_eq!(bodies, [&json!("second"), &json!("second"), &json!("first")]);

    // In what is closed, nothing is said, nor said anew.
    ada.call("PATCH", &at(&group, ""), &json!({ "closed": true })).await.expect(200);
    assert_eq!(code(&edit(&ada, "PUT", &message, Some("*"), &second).await), (409, "conversation_closed"));
    assert_eq!(code(&react(&ben, "PUT", &message, "🎉").await), (409, "conversation_closed"));
    assert_eq!(code(&react(&ben, "DELETE", &message, "👍").await), (409, "conversation_closed"));
    assert_eq!(delete(&ada, &of(&message, "")).await.status, 204);
    let told = ada.read_all(&group, 100).await;
    let told = told.iter().find(|message| message["kind"] == "system").unwrap();
    ada.call("PATCH", &at(&group, ""), &json!({ "closed": false })).await.expect(200);
    assert_eq!(code(&edit(&ada, "PUT", told, Some("*"), &second).await), (409, "system_message"));
    assert_eq!(code(&edit(&ada, "PUT", &message, Some("*"), &second).await), (409, "message_deleted"));
}

async fn a_deleted_message_is_gone_for_all_and_a_hidden_one_for_one(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, ben, group) = group(&server).await;
    let message = ada.say(&group, "xyzzy one").await;
    edit(&ada, "PUT", &message, Some("*"), &json!({ "body": "xyzzy two" })).await.expect(200);
    react(&ben, "PUT", &message, "👍").await.expect(200);
    assert_eq!(delete(&ben, &of(&message, "?for=me")).await.status, 204);
    assert_eq!(delete(&ben, &of(&message, "?for=me")).await.status, 404, "it is not there for Ben any more");
    assert_eq!(ben.get(&of(&message, "")).await.status, 404);
    assert_eq!(ada.get(&of(&message, "")).await.expect(200)["body"], "xyzzy two");
    assert_eq!(delete(&ada, &of(&message, "")).await.status, 204);
    assert_eq!(delete(&ada, &of(&message, "")).await.status, 204, "once more changes nothing");
    let left = ada.get(&of(&message, "")).await.expect(200);
    assert_eq!((&left["kind"], &left["body"], &left["seq"]), (&json!("deleted"), &json!(""), &message["seq"]));
    assert!(left["deleted_at"].is_string() && left["edited_at"].is_null());
    assert_eq!(left["reactions"], json!([]));
    assert_eq!(ada.get(&of(&message, "/revisions")).await.expect(200)["items"], json!([]));
    for path in [at(&group, "/messages"), at(&group, "/events?after=0"), at(&group, ""), "/api/v1/conversations".into()]
    {
        for person in [&ada, &ben] {
            assert!(!person.get(&path).await.text.contains("xyzzy"), "{path}");
        }
    }
    assert_eq!(ada.get("/api/v1/search?q=xyzzy").await.expect(200)["items"], json!([]));
}

async fn a_preview_shows_what_its_reader_may_see(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, ben, group) = group(&server).await;
    let original = ada.say(&group, &"é".repeat(300)).await;
    let answer = json!({ "body": "yes", "reply_to": original["id"] });
    let answer = ben.post(&at(&group, "/messages"), &answer).await.expect(201);
    assert_eq!(answer["reply_to"]["preview"]["excerpt"], "é".repeat(200));
    let cyd = server.api().sign_up("cyd").await;
    ada.post(&at(&group, "/participants"), &json!({ "user_ids": [cyd.id] })).await.expect(200);
    let later = json!({ "body": "and again", "reply_to": original["id"] });
    let later = ben.post(&at(&group, "/messages"), &later).await.expect(201);
    let preview = async |person: &Person| person.get(&of(&later, "")).await.expect(200)["reply_to"].clone();
    assert_eq!(preview(&cyd).await, json!({ "id": original["id"], "preview": null }), "from before the joining");
    let early = json!({ "body": "what?", "reply_to": original["id"] });
    assert_eq!(fault(&cyd.post(&at(&group, "/messages"), &early).await), (422, "/reply_to"));
    delete(&ben, &of(&original, "?for=me")).await;
    assert_eq!(preview(&ben).await["preview"], Value::Null, "hidden");
    assert_eq!(preview(&ada).await["preview"]["kind"], "text");
    delete(&ada, &of(&original, "")).await;
    let shown = preview(&ada).await;
    assert_eq!((&shown["preview"]["kind"], &shown["preview"]["excerpt"]), (&json!("deleted"), &json!("")));
    let elsewhere = ada.create_group("Elsewhere", &[]).await;
    let foreign = json!({ "body": "x", "reply_to": later["id"] });
    assert_eq!(fault(&ada.post(&at(&elsewhere, "/messages"), &foreign).await), (422, "/reply_to"));
}

async fn reactions_are_whole_emoji_and_of_fifty_kinds(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, ben, group) = group(&server).await;
    let message = ada.say(&group, "react").await;
    // A family, a flag, a flag of a region, a skin tone, a keycap, a heart with and without its selector.
    let tricky = ["👨‍👩‍👧‍👦", "🇫🇷", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "👍🏽", "👍", "1️⃣", "❤️"];
    for emoji in tricky {
        react(&ada, "PUT", &message, emoji).await.expect(200);
    }
    let seen = react(&ben, "PUT", &message, "❤").await.expect(200);
    let summary = |emoji: &Value| (emoji["emoji"].as_str().unwrap().to_owned(), emoji["count"].clone());
    let found: Vec<_> = seen["reactions"].as_array().unwrap().iter().map(summary).collect();
    let wanted = tricky.map(|emoji| (emoji.to_owned(), json!(if emoji == "❤️" { 2 } else { 1 })));
    assert_eq!(found, wanted);
    for bad in ["👍👍", "a", "1", "\u{1f1eb}", "\u{200d}", ":+1:", "🇫🇷🇫"] {
        assert_eq!(fault(&react(&ada, "PUT", &message, bad).await), (422, "/emoji"), "{bad}");
    }
    let version = seen["version"].clone();
    assert_eq!(react(&ben, "PUT", &message, "❤️").await.expect(200), seen, "once more changes nothing");
    assert_eq!(react(&ben, "DELETE", &message, "🎉").await.status, 204, "there is none");
    // U+1F300 to U+1F320 are emoji, each by itself.
    let more: Vec<String> =
        (0x1f300..=0x1f320).chain(0x1f330..0x1f340).filter_map(char::from_u32).map(Into::into).collect();
    for emoji in more.iter().take(50 - tricky.len()) {
        react(&ada, "PUT", &message, emoji).await.expect(200);
    }
    assert_eq!(code(&react(&ada, "PUT", &message, "🎉").await), (409, "too_many_reactions"));
    assert_eq!(react(&ben, "PUT", &message, "🇫🇷").await.status, 200, "a kind that is there has room");
    assert_eq!(react(&ada, "DELETE", &message, "1️⃣").await.status, 204);
    let full = react(&ada, "PUT", &message, "🎉").await.expect(200);
    assert_eq!((full["reactions"].as_array().unwrap().len(), &full["version"]), (50, &version));
    let by = ada.get(&of(&message, "/reactions?limit=100")).await.expect(200);
    assert_eq!(by["items"].as_array().unwrap().len(), 52);
    let flags = ada.get(&of(&message, "/reactions?emoji=%F0%9F%87%AB%F0%9F%87%B7")).await.expect(200);
    assert_eq!(flags["items"].as_array().unwrap().len(), 2);
}

async fn mentions_are_where_the_text_says(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, ben, group) = group(&server).await;
    let stranger = server.api().sign_up("cyd").await;
    let before = "👨‍👩‍👧‍👦 e\u{301}é𝄞 ";
    let (me, him, out) = (format!("<@{}>", ada.id), format!("<@{}>", ben.id), format!("<@{}>", stranger.id));
    let body = format!("{before}{him}, {out}: 🇫🇷{him} and {me} <@{}", ben.id);
    let sent = ada.say(&group, &body).await;
    let mentions = sent["mentions"].as_array().unwrap();
    assert_eq!(mentions.len(), 2, "the stranger takes no part");
    for mention in mentions {
        let token = format!("<@{}>", mention["user"]["id"].as_str().unwrap());
        let code_points: Vec<char> = body.chars().collect();
        let units: Vec<u16> = body.encode_utf16().collect();
        let ranges = mention["ranges"].as_array().unwrap();
        assert_eq!(ranges.len(), body.matches(&token).count());
        for range in ranges {
            let number = |name: &str| usize::try_from(range[name].as_u64().unwrap()).unwrap();
            let (start, utf16, length) = (number("start"), number("utf16_start"), number("length"));
            assert_ne!(start, utf16, "emoji lie before it");
            assert_eq!(code_points[start..start + length].iter().collect::<String>(), token);
            assert_eq!(String::from_utf16(&units[utf16..utf16 + length]).unwrap(), token);
        }
    }
    let edited = edit(&ada, "PATCH", &sent, Some("*"), &json!({ "body": "nobody" })).await.expect(200);
    assert_eq!(edited["mentions"], json!([]));
}

async fn texts_and_payloads_end_at_their_bounds(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, _, group) = group(&server).await;
    let send = async |body: Value| ada.post(&at(&group, "/messages"), &body).await;
    for text in ["🦀".repeat(20_000), "\u{1}\r\n\t \u{202e}\u{feff}".to_owned(), " ".to_owned()] {
        let sent = send(json!({ "body": text })).await.expect(201);
        assert_eq!(ada.get(&of(&sent, "")).await.expect(200)["body"], text, "kept as given");
    }
    for text in ["🦀".repeat(20_001), String::new(), "a\0b".to_owned()] {
        assert_eq!(fault(&send(json!({ "body": text })).await), (422, "/body"));
    }
    let nested = |depth: usize| (1..depth).fold(json!({ "a": 1 }), |inner, _| json!({ "a": inner }));
    let wide = |bytes: usize| json!({ "a": "x".repeat(bytes - r#"{"a":""}"#.len()) });
    for (payload, fits) in [
        (nested(8), true),
        (nested(9), false),
        (wide(16 * 1024), true),
        (wide(16 * 1024 + 1), false),
        (json!([1]), false),
        (json!({}), true),
    ] {
        let sent = send(json!({ "body": "x", "payload": payload })).await;
        if fits {
            assert_eq!(sent.expect(201)["payload"], payload);
        } else {
            assert_eq!(fault(&sent), (422, "/payload"));
        }
    }
    // Numbers beyond what a machine counts keep their digits, when they are sent and when they are merged.
    let digits = r#"{"n":123456789012345678901234567890,"f":0.1000000000000000055511151231257827}"#;
    let raw = ada.request("POST", &at(&group, "/messages")).header("Content-Type", "application/json");
    let sent = ada.api.send(raw.body(format!(r#"{{"body":"x","payload":{digits}}}"#))).await.unwrap();
    assert!(
        sent.text.contains("123456789012345678901234567890")
            && sent.text.contains("0.1000000000000000055511151231257827")
    );
    let merged = edit(&ada, "PATCH", &sent.json, Some("*"), &json!({ "payload": { "m": 1 } })).await;
    assert!(merged.text.contains("123456789012345678901234567890"), "{}", merged.text);
}

async fn a_page_lies_around_a_message(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, _, group) = group(&server).await;
    let mut messages = Vec::new();
    for n in 1..=9 {
        messages.push(ada.say(&group, &format!("message {n}")).await);
    }
    let seqs = async |query: &str| {
        let page = ada.get(&at(&group, &format!("/messages?order=oldest_first&{query}"))).await.expect(200);
        page["items"].as_array().unwrap().iter().map(|one| one["seq"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    let id = messages[4]["id"].as_str().unwrap();
    assert_eq!(seqs(&format!("around={id}&limit=4")).await, [4, 5, 6, 7]);
    assert_eq!(seqs("around=5&limit=5").await, [3, 4, 5, 6, 7]);
    assert_eq!(seqs("around=1&limit=3").await, [1, 2, 3]);
    assert_eq!(seqs("around=900&limit=3").await, [7, 8, 9]);
    delete(&ada, &of(&messages[4], "?for=me")).await;
    assert_eq!(seqs("around=5&limit=4").await, [3, 4, 6, 7]);
    for bad in [id, "0198c5a2-6f3e-7c41-9d2b-3f5a7c9e1b20", "x", "-1"] {
        let refused = ada.get(&at(&group, &format!("/messages?around={bad}"))).await;
        assert_eq!(fault(&refused), (422, "/around"), "{bad}");
    }
}

async fn every_message_tells_what_may_be_done_with_it(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, ben, group) = group(&server).await;
    let message = ben.say(&group, "hello").await;
    assert_eq!(message.get("allowed_actions"), None, "only where it was asked for");
    let path = at(&group, "/messages?include=allowed_actions");
    let actions = async |person: &Person| {
        let page = person.get(&path).await.expect(200);
        let items = page["items"].as_array().unwrap().iter();
        let one = items.clone().find(|item| item["id"] == message["id"]).unwrap()["allowed_actions"].clone();
        assert_eq!(person.get(&of(&message, "?include=allowed_actions")).await.expect(200)["allowed_actions"], one);
        one
    };
    let own =
        ["send_message", "list_readers", "edit_message", "delete_own_message", "hide_message", "react_to_message"];
    assert_eq!(actions(&ben).await, json!(own));
    let any =
        ["send_message", "list_readers", "delete_any_message", "hide_message", "react_to_message", "report_message"];
    assert_eq!(actions(&ada).await, json!(any), "the owner");
    ada.call("PATCH", &at(&group, ""), &json!({ "announcement": true })).await.expect(200);
    let quiet = ["list_readers", "edit_message", "delete_own_message", "hide_message", "react_to_message"];
    assert_eq!(actions(&ben).await, json!(quiet));
    ada.call("PATCH", &at(&group, ""), &json!({ "closed": true })).await.expect(200);
    assert_eq!(actions(&ben).await, json!(["list_readers", "delete_own_message", "hide_message"]));
    delete(&ada, &of(&message, "")).await;
    assert_eq!(actions(&ben).await, json!(["list_readers", "hide_message"]));
    let refused = ada.get(&at(&group, "/messages?include=everything")).await;
    assert_eq!(fault(&refused), (422, "/include"));
}

async fn an_admin_deletes_from_outside_with_a_reason(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, _, group) = group(&server).await;
    let (root, mallory) = (server.person("root", "admin").await, server.person("mallory", "host").await);
    let message = ada.say(&group, "libel").await;
    assert_eq!(code(&delete(&mallory, &of(&message, "?reason=mine")).await), (404, "message_not_found"));
    assert_eq!(fault(&delete(&root, &of(&message, "")).await), (422, "/reason"));
    assert_eq!(delete(&root, &of(&message, "?reason=court+order+17")).await.status, 204);
    assert_eq!(root.get(&of(&message, "")).await.status, 404, "to delete is not to read");
    assert_eq!(ada.get(&of(&message, "")).await.expect(200)["kind"], "deleted");
    let nowhere = at(&group, "/messages/0198c5a2-6f3e-7c41-9d2b-3f5a7c9e1b20?reason=why");
    assert_eq!(code(&delete(&root, &nowhere).await), (404, "message_not_found"));
    let page = ada.get(&at(&group, "/events?after=1")).await.expect(200);
    assert_eq!(page["items"][0]["reason"], "court order 17", "its people are told why");
}

async fn what_is_deleted_or_hidden_is_not_unread(backend: Backend) {
    let server = Server::start(backend).await;
    let (ada, ben, group) = group(&server).await;
    let mut messages = Vec::new();
    for n in 0..4 {
        messages.push(ada.say(&group, &format!("message {n}")).await);
    }
    let unread = async |expected: u64| {
        let list = ben.get("/api/v1/conversations").await.expect(200);
        assert_eq!(list["items"][0]["unread_count"], expected);
        assert_eq!(ben.get("/api/v1/users/me/unread").await.expect(200)["unread_count"], expected);
        let filtered = ben.get(&format!("/api/v1/conversations?unread={}", expected > 0)).await.expect(200);
        assert_eq!(filtered["items"].as_array().unwrap().len(), 1);
        let state = ben.call("PUT", &at(&group, "/delivered"), &json!({ "seq": 1 })).await.expect(200);
        assert_eq!(state["unread_count"], expected);
    };
    unread(4).await;
    delete(&ada, &of(&messages[0], "")).await;
    unread(3).await;
    delete(&ben, &of(&messages[1], "?for=me")).await;
    unread(2).await;
    delete(&ada, &of(&messages[1], "")).await;
    unread(2).await;
    delete(&ben, &of(&messages[2], "?for=me")).await;
    delete(&ben, &of(&messages[3], "?for=me")).await;
    unread(0).await;
    let ada_sees = ada.get("/api/v1/conversations").await.expect(200);
    assert_eq!(ada_sees["items"][0]["last_message"]["body"], "message 3", "hidden from Ben alone");
}

/// What is looked up in the database itself: nothing shows it but to whom it was done.
mod in_the_file {
    use super::*;
    use sea_orm::{ConnectionTrait as _, Database, DbBackend, Statement};

    on_each_backend!([sqlite] an_admins_reason_is_in_the_audit);

    async fn an_admins_reason_is_in_the_audit(backend: Backend) {
        let server = Server::start(backend).await;
        let (ada, ben, group) = group(&server).await;
        let root = server.person("root", "admin").await;
        let message = ada.say(&group, "libel").await;
        assert_eq!(delete(&root, &of(&message, "?reason=court+order+17")).await.status, 204);
        assert_eq!(delete(&root, &of(&message, "?reason=once+more")).await.status, 204, "it changes nothing");
        assert_eq!(delete(&ada, &of(&ben.say(&group, "no").await, "?reason=mine")).await.status, 204);
        let renamed = root.call("PATCH", &at(&group, "?reason=typo"), &json!({ "title": "Engine" })).await;
        assert_eq!(renamed.status, 204);

        let file = server.folder().join("data/confab.db");
        let database = Database::connect(format!("sqlite://{}?mode=ro", file.display())).await.unwrap();
        let sql = "SELECT actor_id, after FROM audit_events WHERE kind = 'conversation_touched' ORDER BY id";
        let rows = database.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await.unwrap();
        let facts = rows.iter().map(|row| {
            let actor: Vec<u8> = row.try_get_by_index(0).unwrap();
            let hex: String = actor.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(hex, root.id.replace('-', ""));
            serde_json::from_str::<Value>(&row.try_get_by_index::<String>(1).unwrap()).unwrap()
        });
        let deleted = json!({
            "operation": "delete_any_message", "conversation_id": group, "message_id": message["id"],
            "reason": "court order 17",
        });
        let changed = json!({ "operation": "change_conversation", "conversation_id": group, "reason": "typo" });
        assert_eq!(facts.collect::<Vec<_>>(), [deleted, changed], "an owner explains nothing");
    }
}

/// What a server in memory cannot be set to.
mod set {
    use super::*;

    on_each_backend!([sqlite, postgres] nothing_is_edited_after_the_window);

    async fn nothing_is_edited_after_the_window(backend: Backend) {
        let options = ServerOptions::default().set("CONFAB__POLICY__EDIT_WINDOW_SECONDS", "0");
        let server = Server::with(backend, options).await;
        let (ada, ben, group) = group(&server).await;
        let (adas, bens) = (ada.say(&group, "Ada's").await, ben.say(&group, "Ben's").await);
        for (person, message) in [(&ada, &adas), (&ben, &bens)] {
            let late = edit(person, "PATCH", message, Some("*"), &json!({ "body": "late" })).await;
            assert_eq!(code(&late), (403, "edit_window_over"));
        }
        assert_eq!(code(&delete(&ben, &of(&bens, "")).await), (403, "edit_window_over"));
        assert_eq!(delete(&ada, &of(&adas, "")).await.status, 204, "a host deletes for ever");
        assert_eq!(delete(&ben, &of(&bens, "?for=me")).await.status, 204, "for oneself there is no window");
        let message = ben.say(&group, "more").await;
        let actions = ben.get(&of(&message, "?include=allowed_actions")).await.expect(200);
        let wanted = ["send_message", "list_readers", "hide_message", "react_to_message"];
        assert_eq!(actions["allowed_actions"], json!(wanted));
    }
}
