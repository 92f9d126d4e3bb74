//! The cost of a list does not grow with its length: statements are counted in the log of the real binary.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use confab_tests::{Backend, Person, Server, ServerOptions, on_each_backend};
use serde_json::json;

on_each_backend!([sqlite, postgres] lists_take_the_same_few_statements_whatever_their_length);

async fn lists_take_the_same_few_statements_whatever_their_length(backend: Backend) {
    let settings = vec![
        ("CONFAB__LOG__FILTER", "info,sqlx::query=debug".to_owned()),
        ("CONFAB__LOG__FORMAT", "json".to_owned()),
        // Each request looks up its session, so that what is counted does not depend on the time.
        ("CONFAB__AUTH__SESSION_CACHE_MILLISECONDS", "0".to_owned()),
    ];
    let mut server = Server::with(backend, ServerOptions { settings, ..ServerOptions::default() }).await;
    let ada = server.person("ada", "host").await;
    let mut people = Vec::new();
    for n in 0..3 {
        people.push(server.api().sign_up(&format!("person-{n}")).await);
    }
    let others: Vec<&Person> = people.iter().collect();
    let busy = ada.create_group("busy", &others).await;
    for n in 0..100 {
        people[n % 3].say(&busy, &format!("message {n}")).await;
    }
    for n in 0..101 {
        let group = ada.create_group(&format!("group {n}"), &others).await;
        if n % 2 == 0 {
            ada.say(&group, "hello").await;
        }
    }

    let history = format!("/api/v1/conversations/{busy}/messages");
    let with_participants = "/api/v1/conversations?include=participants";
    // SQLite reads the users to whom a page refers along with it.
    let users = usize::from(backend != Backend::Sqlite);
    for (list, expected) in
        [("/api/v1/conversations", 2 + users), (with_participants, 4), (history.as_str(), 2 + users)]
    {
        let mut counts = Vec::new();
        for limit in [2, 20, 50, 100] {
            let id = format!("count-{limit}-{}", list.len());
            let path = format!("{list}{}limit={limit}", if list.contains('?') { '&' } else { '?' });
            let page = ada.api.send(ada.request("GET", &path).header("X-Request-Id", &id)).await.unwrap().expect(200);
            assert_eq!(page["items"].as_array().unwrap().len(), limit);
            counts.push(statements(&mut server, &id));
        }
        println!("{backend:?} {list}: {counts:?} statements for 2, 20, 50 and 100 items");
        assert_eq!(counts, [expected; 4], "{list}");
    }
    let one = ada.request("GET", &format!("/api/v1/conversations/{busy}")).header("X-Request-Id", "count-one");
    assert_eq!(ada.api.send(one).await.unwrap().expect(200)["messages"], json!(ada.get(&history).await.json["items"]));
    assert_eq!(statements(&mut server, "count-one"), 5 + users);
}

/// How many statements the request of this id has run. What sets up a connection that it happens to open is not its own.
fn statements(server: &mut Server, request_id: &str) -> usize {
    let name = format!("\"{request_id}\"");
    let answered = |line: &String| line.contains(&name) && line.contains("\"answered\"");
    let log = server.process().wait_for_log(answered);
    log.iter().filter(|line| line.contains(&name) && line.contains("sqlx::query") && !line.contains("PRAGMA")).count()
}
