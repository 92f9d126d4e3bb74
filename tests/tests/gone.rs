//! What is deleted for all is gone: from every answer and every table at once, and from the database's files once the engine
//! has cleaned up. What was edited away is among the revisions, and nowhere else.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use confab_tests::{Answer, Backend, Person, Server, ServerOptions, cluster, on_each_backend};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, Statement};
use serde_json::{Value, json};

on_each_backend!([sqlite, postgres] what_is_deleted_is_in_no_answer_table_or_file);

/// What the message says first, and what it says when it is edited; each with what its payload says then.
const FIRST: [&str; 2] = ["zanzibarometer", "quixotropolis"];
const SECOND: [&str; 2] = ["flibbertigadget", "hornswoggleton"];

async fn what_is_deleted_is_in_no_answer_table_or_file(backend: Backend) {
    let database = match backend {
        Backend::Postgres => Some(cluster().await),
        _ => None,
    };
    let options = ServerOptions { database: database.as_ref().map(|it| it.url()), ..ServerOptions::default() };
    let server = Server::with(backend, options).await;
    let folder = database.as_ref().map_or_else(|| server.folder().join("data"), |it| it.data());
    let engine = server.database().await;
    let (ada, ben) = (server.person("ada", "host").await, server.person("ben", "host").await);
    let group = ada.create_group("Engines", &[&ben]).await;
    let messages = format!("/api/v1/conversations/{group}/messages");
    // Some text of others on every side of it, on the same pages and on others.
    chatter(&ben, &group).await;
    let first = json!({ "body": FIRST[0], "payload": { "card": FIRST[1] } });
    let id = ada.post(&messages, &first).await.expect(201)["id"].as_str().unwrap().to_owned();
    let this = format!("{messages}/{id}");
    // So long that PostgreSQL keeps it in a table beside, and so wild that it does not compress it.
    let second = json!({ "body": format!("{} {}", SECOND[0], wild(6000)), "payload": { "card": SECOND[1] } });
    let edit = ada.request("PUT", &this).header("If-Match", "*").json(&second);
    ada.api.send(edit).await.unwrap().expect(200);
    ben.post(&messages, &json!({ "body": "what do you mean?", "reply_to": id })).await.expect(201);
    ben.call("PUT", &format!("{this}/reactions/%F0%9F%91%8D"), &Value::Null).await;
    chatter(&ben, &group).await;

    // Edited: the new text wherever messages are read, the old one among the revisions.
    let all = found(&ada, &group, &id).await;
    let places = |secret: &str| -> Vec<&str> {
        all.iter().filter(|(_, text)| text.contains(secret)).map(|(place, _)| *place).collect()
    };
    assert_eq!(places(FIRST[0]), ["revisions", "export"]);
    assert_eq!(places(FIRST[1]), ["revisions", "export"]);
    let shown = ["history", "message", "conversation", "events", "search", "export"];
    assert!(shown.iter().all(|place| places(SECOND[0]).contains(place)), "{all:#?}");
    let revisions = BTreeSet::from(["message_revisions".to_owned()]);
    for secret in FIRST {
        assert_eq!(tables(&engine, secret).await, revisions, "{secret}");
    }
    assert!(tables(&engine, SECOND[0]).await.contains("messages"));
    clean_up(&engine).await;
    for secret in FIRST.iter().chain(&SECOND) {
        assert!(!files(&folder, secret).is_empty(), "{secret} is to be found, or the rest proves nothing");
    }

    assert!(ada.call("DELETE", &this, &Value::Null).await.status < 300);
    for person in [&ada, &ben] {
        for (place, text) in found(person, &group, &id).await {
            let told = FIRST.iter().chain(&SECOND).find(|secret| text.contains(**secret));
            assert_eq!(told, None, "{place}: {text}");
        }
    }
    for secret in FIRST.iter().chain(&SECOND) {
        assert_eq!(tables(&engine, secret).await, BTreeSet::new(), "{secret}");
    }
    if backend == Backend::Postgres {
        engine.execute_unprepared("VACUUM (ANALYZE)").await.unwrap();
        engine.execute_unprepared("CHECKPOINT").await.unwrap();
        for secret in FIRST.iter().chain(&SECOND) {
            println!("{secret}, after VACUUM without FULL, in {:?}", relations(&engine, &files(&folder, secret)).await);
        }
    }
    clean_up(&engine).await;
    for secret in FIRST.iter().chain(&SECOND) {
        assert_eq!(files(&folder, secret), Vec::<String>::new(), "{secret}");
    }
    ben.get(&this).await.expect(200);
}

async fn chatter(person: &Person, group: &str) {
    for number in 0..8 {
        person.say(group, &format!("{number} {}", "x".repeat(700))).await;
    }
}

/// So many characters of words that nobody has said before.
fn wild(length: usize) -> String {
    let mut state = 1_u64;
    let mut text = String::new();
    while text.len() < length {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        write!(text, "{} ", base36(state >> 16)).unwrap();
    }
    text
}

fn base36(mut number: u64) -> String {
    let mut digits = String::new();
    while number > 0 {
        digits.push(char::from_digit((number % 36) as u32, 36).unwrap());
        number /= 36;
    }
    digits
}

/// All in which somebody could find the message, by its place.
async fn found(person: &Person, group: &str, id: &str) -> Vec<(&'static str, String)> {
    let conversation = format!("/api/v1/conversations/{group}");
    let message = format!("{conversation}/messages/{id}");
    let mut paths = vec![
        ("history", format!("{conversation}/messages?limit=100")),
        ("message", message.clone()),
        ("conversation", conversation.clone()),
        ("list", "/api/v1/conversations?include=participants".to_owned()),
        ("events", format!("{conversation}/events?after=0&limit=100")),
        ("revisions", format!("{message}/revisions")),
        ("reactions", format!("{message}/reactions")),
        ("readers", format!("{message}/readers")),
        ("export", "/api/v1/users/me/export".to_owned()),
        ("audit", "/api/v1/users/me/audit".to_owned()),
    ];
    paths.extend(FIRST.iter().chain(&SECOND).map(|secret| ("search", format!("/api/v1/search?q={secret}"))));
    let mut found = Vec::new();
    for (place, path) in paths {
        let Answer { status, text, .. } = person.get(&path).await;
        assert!(matches!(status, 200 | 404), "{place}: {text}");
        found.push((place, text));
    }
    found
}

/// The tables in which it stands, in whichever column, the index's own tables of SQLite included.
async fn tables(engine: &DatabaseConnection, secret: &str) -> BTreeSet<String> {
    let backend = engine.get_database_backend();
    let columns = match backend {
        DbBackend::Postgres => {
            "SELECT table_name AS t, column_name AS c FROM information_schema.columns WHERE table_schema = 'public'"
        }
        _ => {
            "SELECT m.name AS t, c.name AS c FROM sqlite_schema m JOIN pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%'"
        }
    };
    let mut tables = BTreeSet::new();
    for row in engine.query_all_raw(Statement::from_string(backend, columns)).await.unwrap() {
        let (table, column): (String, String) = (row.try_get("", "t").unwrap(), row.try_get("", "c").unwrap());
        let has = match backend {
            DbBackend::Postgres => format!("strpos(CAST(\"{column}\" AS text), '{secret}') > 0"),
            _ => format!("instr(CAST(\"{column}\" AS BLOB), CAST('{secret}' AS BLOB)) > 0"),
        };
        let sql = format!("SELECT 1 FROM \"{table}\" WHERE {has} LIMIT 1");
        if engine.query_one_raw(Statement::from_string(backend, sql)).await.unwrap().is_some() {
            tables.insert(table);
        }
    }
    tables
}

/// What each engine has to give space back. Of SQLite's the log goes into the file; PostgreSQL's writes its tables and indexes
/// anew, also that of what it has sampled of them.
async fn clean_up(engine: &DatabaseConnection) {
    let statements: &[&str] = match engine.get_database_backend() {
        DbBackend::Postgres => &["ANALYZE", "VACUUM (FULL)", "CHECKPOINT"],
        _ => &["PRAGMA wal_checkpoint(TRUNCATE)"],
    };
    for statement in statements {
        engine.execute_unprepared(statement).await.unwrap();
    }
}

/// Of which tables and indexes of PostgreSQL these are the files.
async fn relations(engine: &DatabaseConnection, files: &[String]) -> Vec<String> {
    let mut relations = Vec::new();
    for number in files.iter().filter_map(|file| file.rsplit(['/', '.']).find(|part| part.parse::<u32>().is_ok())) {
        let sql = format!("SELECT CAST(relname AS text) AS r FROM pg_class WHERE pg_relation_filenode(oid) = {number}");
        let row = engine.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap();
        relations.push(row.map_or_else(|| number.to_owned(), |row| row.try_get("", "r").unwrap()));
    }
    relations
}

/// The files under a folder that have it. PostgreSQL's log of what is written (`pg_wal`) is left out: the engine uses its
/// segments anew by itself, and who archives them keeps them on purpose.
fn files(folder: &Path, secret: &str) -> Vec<String> {
    let mut grep = Command::new("grep");
    grep.args(["-rlF", "--exclude-dir=pg_wal", secret]).arg(folder).env("LC_ALL", "C");
    let output = grep.output().unwrap();
    assert!(output.status.code().is_some_and(|code| code < 2), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}
