//! What the OpenAPI document says of query parameters is so: for every operation in it.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use confab_tests::{Backend, Operation, Parameter, Person, Server, operations};
use serde_json::Value;

const NOBODY: &str = "0198c5a2-6f3e-7c41-9d2b-3f5a7c9e1b20";

#[tokio::test]
async fn every_operation_names_the_parameter_that_it_does_not_know() {
    let server = Server::start(Backend::Memory).await;
    let host = server.person("ada", "host").await;
    for operation in operations() {
        // The healthy knows no parameters, and is asked by what may add some.
        if operation.path.starts_with("/api/") {
            assert_refused(&host, &operation, "no_such_parameter", "1", "unknown_field").await;
        }
    }
}

#[tokio::test]
async fn every_parameter_refuses_what_the_document_excludes() {
    let server = Server::start(Backend::Memory).await;
    let host = server.person("ada", "host").await;
    let mut tried = 0;
    for operation in operations() {
        for parameter in &operation.query {
            assert!(!parameter.description.is_empty(), "{}: {} is not described", operation.id, parameter.name);
            for value in excluded(parameter) {
                assert_refused(&host, &operation, &parameter.name, &value, "").await;
                tried += 1;
            }
        }
    }
    assert!(tried > 20, "{tried} values were tried");
}

/// Values that the schema of a parameter excludes.
///
/// # Panics
/// Where it excludes nothing: whoever reads it cannot know what to send.
fn excluded(parameter: &Parameter) -> Vec<String> {
    let schema = &parameter.schema;
    let types: Vec<&str> = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    let mut values = Vec::new();
    if ["enum", "format", "pattern"].iter().any(|word| schema.get(word).is_some()) || types.contains(&"boolean") {
        values.push("nonsense".to_owned());
    }
    if types.contains(&"integer") {
        values.push("many".to_owned());
        values.extend(schema["minimum"].as_i64().map(|minimum| (minimum - 1).to_string()));
        values.extend(schema["maximum"].as_i64().map(|maximum| (maximum + 1).to_string()));
    }
    values.extend(schema["maxLength"].as_u64().map(|length| "x".repeat(usize::try_from(length).unwrap() + 1)));
    if parameter.name == "cursor" {
        values.push("nonsense".to_owned());
    }
    assert!(!values.is_empty(), "{}: the document does not say what it may be: {schema}", parameter.name);
    values
}

async fn assert_refused(person: &Person, operation: &Operation, name: &str, value: &str, code: &str) {
    let path: Vec<&str> =
        operation.path.split('/').map(|part| if part.starts_with('{') { NOBODY } else { part }).collect();
    let required = operation.query.iter().filter(|parameter| parameter.required && parameter.name != name);
    let required: String = required.map(|parameter| format!("{}=1&", parameter.name)).collect();
    let target = format!("{}?{required}{name}={value}", path.join("/"));
    let mut request = person.request(&operation.method, &target);
    if let Some((content_type, body)) = operation.example() {
        request = request.header("Content-Type", content_type).body(body.to_string());
    }
    let answer = person.api.send(request).await.unwrap();
    let context = format!("{} with {name}={value}: {}", operation.id, answer.text);
    assert_eq!(answer.status, 422, "{context}");
    let faults = answer.json["errors"].as_array().unwrap();
    let fault = faults.iter().find(|fault| fault["in"] == "query" && fault["pointer"] == format!("/{name}"));
    let fault = fault.unwrap_or_else(|| panic!("{context}"));
    assert!(code.is_empty() || fault["code"] == code, "{context}");
}
