//! Hostile input at each operation: a 4xx that names the field, never a 5xx, never a hang.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use std::time::Duration;

use confab_tests::{Answer, Backend, Operation, Person, Server, ServerOptions, on_each_backend, operations};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

on_each_backend!([memory, sqlite, postgres] hostile_bodies_are_refused_by_name, hostile_parameters_are_refused_by_name);

const MIB: usize = 1 << 20;

/// Bodies that are wrong whatever an operation takes, as they go over the wire.
fn wrong_everywhere() -> Vec<Vec<u8>> {
    let mut bodies: Vec<Vec<u8>> =
        ["", " ", "{", "nul", "[]", "5", "\"text\"", "{} {}", "{\"a\":1,}", "{'a':1}", "\u{feff}{}", "{\"\":1}"]
            .iter()
            .map(|text| text.as_bytes().to_vec())
            .collect();
    bodies.push(vec![0xff, 0xfe, 0x00]);
    bodies.push(b"{\"\xc3\x28\": 1}".to_vec());
    bodies.push("[".repeat(200_000).into_bytes());
    bodies.push(format!("{{\"a\":{}1{}}}", "{\"a\":".repeat(50_000), "}".repeat(50_000)).into_bytes());
    bodies.push(vec![b' '; MIB]);
    bodies
}

/// Values that no field takes, as JSON text. Some are right for some types; those are left out by [`is_right`].
const WRONG_VALUES: [&str; 16] = [
    "null",
    "true",
    "5",
    "-1",
    "1.5",
    "1e400",
    "99999999999999999999999999",
    "\"\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"\\udc00x\"",
    "[]",
    "{}",
    "[[]]",
    "[null]",
    "{\"$ne\":null}",
];

fn is_right(schema: &Value, value: &str) -> bool {
    let types = schema.to_string();
    match value {
        "null" => types.contains("\"null\""),
        "true" => types.contains("\"boolean\""),
        "[]" => types.contains("\"array\""),
        "5" => types.contains("\"integer\""),
        "{}" | "{\"$ne\":null}" => types.contains("\"object\""),
        _ => false,
    }
}

async fn hostile_bodies_are_refused_by_name(backend: Backend) {
    let server = Server::start(backend).await;
    let (person, group) = member(&server).await;
    let message = person.say(&group, "hello").await["id"].as_str().unwrap().to_owned();
    let document: Value = serde_json::from_str(include_str!("../../docs/openapi.json")).unwrap();
    let with_body: Vec<Operation> = operations().into_iter().filter(|operation| operation.has_body).collect();
    assert!(with_body.len() >= 7);
    for operation in with_body {
        let path = operation.path.replace("{conversation_id}", &group).replace("{message_id}", &message);
        // The faults of a body are told before it turns out that this is for admins.
        let path = path.replace("{user_id}", &person.id).replace("{report_id}", &message);
        for body in wrong_everywhere() {
            let answer = send(&person, &operation, &path, body.clone()).await;
            let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
            assert!((400..500).contains(&answer.status), "{} {shown}: {}", operation.id, answer.text);
        }
        let body = &document["paths"][&operation.path][operation.method.to_lowercase()]["requestBody"]["content"]["application/json"];
        let name = body["schema"]["$ref"].as_str().unwrap().rsplit_once('/').unwrap().1;
        let schema = &document["components"]["schemas"][name];
        assert_eq!(schema["additionalProperties"], false, "{name}");
        for (field, property) in schema["properties"].as_object().unwrap() {
            for value in WRONG_VALUES.into_iter().filter(|value| !is_right(property, value)) {
                let body = with_field(schema, field, value);
                let answer = send(&person, &operation, &path, body.clone().into_bytes()).await;
                names_field(&operation, &answer, field, &body);
            }
            let long = with_field(schema, field, &format!("\"{}\"", "x".repeat(MIB)));
            assert_eq!(
                send(&person, &operation, &path, long.into_bytes()).await.status,
                413,
                "{} {field}",
                operation.id
            );
            let long = with_field(schema, field, &format!("\"{}\"", "x".repeat(100_000)));
            names_field(
                &operation,
                &send(&person, &operation, &path, long.clone().into_bytes()).await,
                field,
                &long[..80],
            );
            let twice = with_field(schema, field, &format!("\"a\",\"{field}\":\"b\""));
            names_field(&operation, &send(&person, &operation, &path, twice.clone().into_bytes()).await, field, &twice);
        }
        let unknown = with_field(schema, "is_admin", "true");
        names_field(
            &operation,
            &send(&person, &operation, &path, unknown.clone().into_bytes()).await,
            "is_admin",
            &unknown,
        );
    }
    person.get("/api/v1/users/me").await.expect(200);
}

async fn hostile_parameters_are_refused_by_name(backend: Backend) {
    let server = Server::start(backend).await;
    let (person, group) = member(&server).await;
    for id in ["1", "me", "%00", "..%2f..", "%ff", "' OR 1=1 --", "0198c5a26f3e7c419d2b3f5a7c9e1b20", &"a".repeat(4000)]
    {
        for path in [format!("/api/v1/conversations/{id}"), format!("/api/v1/conversations/{group}/messages/{id}")] {
            let answer = person.get(&path).await;
            assert!(answer.status == 422 || answer.status == 404, "{path}: {}", answer.text);
            if answer.status == 422 {
                assert_eq!(answer.json["errors"][0]["in"], "path", "{}", answer.text);
            }
        }
    }
    for list in ["/api/v1/conversations".to_owned(), format!("/api/v1/conversations/{group}/messages")] {
        for (name, value) in [
            ("limit", "99999999999999999999"),
            ("limit", "-1"),
            ("limit", ""),
            ("limit", "1e2"),
            ("limit", "%00"),
            ("cursor", ""),
            ("cursor", "%00"),
            ("cursor", "AAAA"),
            ("cursor", "%F0%9F%99%82"),
            ("cursor", &"A".repeat(5000)),
            ("offset", "0"),
            ("%00", "1"),
            ("a[b]", "c"),
            ("page", "2"),
        ] {
            let answer = person.get(&format!("{list}?{name}={value}")).await;
            assert_eq!(answer.status, 422, "{name}={value:.20}: {}", answer.text);
            assert_eq!(answer.json["errors"][0]["in"], "query");
        }
        let answer = person.get(&format!("{list}?%ff=%ff&&&=&=")).await;
        assert!((400..500).contains(&answer.status), "{}", answer.text);
    }
    for query in ["participant_id=x", "kind=all", "kind=%00", "title=", "title=%00", "title=%ED%A0%80%00"] {
        assert_eq!(person.get(&format!("/api/v1/conversations?{query}")).await.status, 422, "{query}");
    }
    let long = format!("/api/v1/conversations?title={}", "x".repeat(201));
    assert_eq!(person.get(&long).await.json["errors"][0]["code"], "too_long");
}

#[tokio::test]
async fn bodies_that_trickle_in_are_cut_off() {
    let settings = vec![("CONFAB__SERVER__REQUEST_TIMEOUT_SECONDS", "1".to_owned())];
    let server = Server::with(Backend::Sqlite, ServerOptions { settings, ..ServerOptions::default() }).await;
    let mut socket = TcpStream::connect(server.base().trim_start_matches("http://")).await.unwrap();
    let head =
        "POST /api/v1/auth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 12];
    let read = tokio::time::timeout(Duration::from_secs(60), socket.read_exact(&mut answer)).await;
    read.expect("the server waits for ever").unwrap();
    assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 408");
}

#[tokio::test]
async fn headers_and_encodings_have_limits() {
    let server = Server::start(Backend::Sqlite).await;
    let api = server.api();
    let large = api.send(api.request("GET", "/api/v1/users/me").header("X-Large", "x".repeat(20_000))).await.unwrap();
    assert_eq!((large.status, &large.json["code"]), (431, &json!("headers_too_large")));
    let post = || api.request("POST", "/api/v1/auth/token").body("{}");
    for (name, value) in [("Content-Type", "text/plain"), ("Content-Type", "x")] {
        assert_eq!(api.send(post().header(name, value)).await.unwrap().status, 415, "{value}");
    }
    let packed = post().header("Content-Type", "application/json").header("Content-Encoding", "gzip");
    assert_eq!(api.send(packed).await.unwrap().status, 415);
    assert_eq!(api.send(post()).await.unwrap().status, 415);
}

async fn member(server: &Server) -> (Person, String) {
    let host = server.person("host", "host").await;
    let group = host.create_group("Target", &[]).await;
    (host, group)
}

async fn send(person: &Person, operation: &Operation, path: &str, body: Vec<u8>) -> Answer {
    let request = person.request(&operation.method, path).header("Content-Type", "application/json");
    let request = request.header("If-Match", "*").body(body);
    let answer = tokio::time::timeout(Duration::from_secs(60), person.api.send(request)).await;
    answer.unwrap_or_else(|_| panic!("{} hangs", operation.id)).unwrap()
}

/// A body in which this field has this value, and each other required field one that is right.
fn with_field(schema: &Value, field: &str, value: &str) -> String {
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let others = required.iter().map(|name| name.as_str().unwrap()).filter(|name| *name != field);
    let others = others.map(|name| {
        let right = match name {
            "participant_ids" => "[]",
            "seq" => "0",
            "minutes" => "15",
            "announcement" | "closed" => "false",
            "history" => "\"from_start\"",
            "metadata" => "{}",
            "title" => "null",
            "user_ids" => "[\"0198c5a2-6f3e-7c41-9d2b-3f5a7c9e1b20\"]",
            "user_id" => "\"0198c5a2-6f3e-7c41-9d2b-3f5a7c9e1b20\"",
            "email" => "\"grace@example.org\"",
            _ => "\"a long enough text\"",
        };
        format!("\"{name}\":{right},")
    });
    format!("{{{}\"{field}\":{value}}}", others.collect::<String>())
}

/// A refusal that names the field; or, for credentials, one that says only that they are wrong.
fn names_field(operation: &Operation, answer: &Answer, field: &str, body: &str) {
    assert!((400..500).contains(&answer.status), "{}: {body}: {}", operation.id, answer.text);
    if answer.status == 401 {
        assert!(["log_in", "refresh_token"].contains(&operation.id.as_str()), "{}", answer.text);
        return;
    }
    let pointers: Vec<&str> = answer.json["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|error| error["pointer"].as_str().unwrap())
        .collect();
    let named = pointers.iter().any(|pointer| pointer.trim_start_matches('/').split('/').next() == Some(field));
    assert!(named, "{}: {body} does not name {field}: {}", operation.id, answer.text);
}
