//! The cost of a list does not grow with its length: statements are counted in the log of the real binary.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use confab_tests::{Backend, Person, Server, ServerOptions, on_each_backend, operations};
use futures_util::future::join_all;
use serde_json::{Value, json};

on_each_backend!([sqlite, postgres] lists_take_the_same_few_statements_whatever_their_length);

/// The lengths that are tried.
const LIMITS: [usize; 4] = [2, 20, 50, 100];

/// The table: each list, what its query has beside its length, and how many statements it takes, the look-up of the session
/// and `users`, who are read apart, among them. A list of the document without a row fails.
fn row(operation: &str, users: usize) -> Option<(&'static str, usize)> {
    Some(match operation {
        "list_messages" | "list_participants" => ("", 2 + users),
        "search_messages" => ("q=message&", 2 + users),
        "list_conversations"
        | "list_message_readers"
        | "list_blocks"
        | "list_own_audit"
        | "list_reports"
        | "list_sessions"
        | "list_users" => ("", 2),
        "list_message_revisions" => ("", 3),
        "list_reactions" => ("", 4),
        "list_events" => ("after=0&", 6),
        _ => return None,
    })
}

async fn lists_take_the_same_few_statements_whatever_their_length(backend: Backend) {
    let mut server = Server::with(backend, ServerOptions::cheap_passwords().counting()).await;
    // Some lists are for admins alone.
    let ada = server.person("ada", "admin").await;
    let api = server.api();
    let people: Vec<Person> = join_all((0..100).map(|n| api.sign_up_apart(format!("person-{n}")))).await;
    let others: Vec<&Person> = people.iter().collect();
    let busy = ada.create_group("busy", &others).await;
    let history = format!("/api/v1/conversations/{busy}/messages");
    let message = ada.say(&busy, "message of many readers").await;
    let message = format!("{history}/{}", message["id"].as_str().unwrap());
    for (n, person) in people.iter().enumerate() {
        person.say(&busy, &format!("message {n}")).await;
        let theirs = person.say(&busy, "and another one").await;
        let report = format!("{history}/{}/report", theirs["id"].as_str().unwrap());
        ada.post(&report, &json!({ "reason": "spam", "comment": "once more" })).await.expect(201);
        person.call("PUT", &format!("{message}/reactions/%F0%9F%91%8D"), &Value::Null).await;
        let edit = ada.request("PUT", &message).header("If-Match", "*");
        ada.api.send(edit.json(&json!({ "body": format!("message, edited {n}") }))).await.unwrap().expect(200);
        Person::log_in(server.api(), &ada.email, &ada.password).await;
    }
    for n in 0..101 {
        let group = ada.create_group(&format!("group {n}"), &others[..3]).await;
        if n % 2 == 0 {
            ada.say(&group, "hello").await;
        }
    }
    for person in &people {
        let block = format!("/api/v1/users/me/blocks/{}", person.id);
        assert_eq!(ada.call("PUT", &block, &Value::Null).await.status, 204);
    }

    // SQLite reads the users to whom a page refers along with it.
    let users = usize::from(backend != Backend::Sqlite);
    let (_, id) = message.rsplit_once('/').unwrap();
    let mut lists = vec![("/api/v1/conversations?include=participants&".to_owned(), 4)];
    let of_document = operations();
    for operation in of_document.iter().filter(|one| one.query.iter().any(|parameter| parameter.name == "limit")) {
        let (query, statements) =
            row(&operation.id, users).unwrap_or_else(|| panic!("{} has no row in this table", operation.id));
        let path = operation.path.replace("{conversation_id}", &busy).replace("{message_id}", id);
        lists.push((format!("{path}?{query}"), statements));
    }
    assert!(lists.len() > 9, "{lists:?}");
    let mut found = Vec::new();
    for (list, _) in &lists {
        let mut counts = Vec::new();
        for limit in LIMITS {
            let id = format!("count-{}-{limit}", found.len());
            let request = ada.request("GET", &format!("{list}limit={limit}")).header("X-Request-Id", &id);
            let page = ada.api.send(request).await.unwrap().expect(200);
            assert_eq!(page["items"].as_array().unwrap().len(), limit, "{list}");
            counts.push(server.statements(&id));
        }
        println!("{backend:?} {list}: {counts:?} statements for {LIMITS:?} items");
        found.push((list.clone(), counts));
    }
    let expected: Vec<_> = lists.into_iter().map(|(list, statements)| (list, vec![statements; LIMITS.len()])).collect();
    assert_eq!(found, expected);

    let one = ada.request("GET", &format!("/api/v1/conversations/{busy}")).header("X-Request-Id", "count-one");
    assert_eq!(ada.api.send(one).await.unwrap().expect(200)["messages"], json!(ada.get(&history).await.json["items"]));
    assert_eq!(server.statements("count-one"), 5 + users);
}
