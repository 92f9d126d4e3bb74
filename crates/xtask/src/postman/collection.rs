//! The collection itself, in Postman's format 2.1.

use serde_json::{Value, json};

use super::document::{Document, Operation};
use super::order::{Placed, path_examples};
use super::values;

const SCHEMA: &str = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";

const HOW_TO: &str = "Run the whole collection, or send its requests from the top: what one answers, the next ones use, \
    the access token above all. `email` and `password` are those of a host, made with `confab user create --role host`.";

/// What whoever runs it sets; the account is that of the walk in the README.
const GIVEN: [(&str, &str); 3] =
    [("base_url", "http://127.0.0.1:8080"), ("email", "ada@example.org"), ("password", "correct horse battery")];

/// Before a change that names what it changes: reads it, as whoever changes it has to.
const READ_FIRST: [&str; 5] = [
    "const url = pm.variables.replaceIn(pm.request.url.toString());",
    "const header = { Authorization: `Bearer ${pm.variables.get(\"access_token\")}` };",
    "pm.sendRequest({ url, header, method: \"GET\" }, (_, response) => {",
    "    pm.collectionVariables.set(\"etag\", response?.headers.get(\"ETag\") ?? \"*\");",
    "});",
];

/// Before what may end a session: begins another one.
const LOG_IN_FIRST: [&str; 7] = [
    "const url = pm.variables.replaceIn(\"{{base_url}}/api/v1/auth/token\");",
    "const account = { email: pm.variables.get(\"email\"), password: pm.variables.get(\"password\") };",
    "const body = { mode: \"raw\", raw: JSON.stringify(account) };",
    "const header = { \"Content-Type\": \"application/json\" };",
    "pm.sendRequest({ url, header, body, method: \"POST\" }, (_, response) => {",
    "    pm.collectionVariables.set(\"access_token\", response?.json().access_token);",
    "});",
];

/// The whole collection.
pub fn collection(document: &Document, operations: &[Placed<'_>]) -> Value {
    let mut folders: Vec<(String, Vec<Value>)> = Vec::new();
    for placed in operations {
        let tag = &placed.operation.tag;
        match folders.last_mut() {
            Some((name, items)) if name == tag => items.push(item(document, placed)),
            _ => folders.push((tag.clone(), vec![item(document, placed)])),
        }
    }
    let folders: Vec<Value> = folders.into_iter().map(|(name, items)| json!({ "name": name, "item": items })).collect();
    let examples = operations.iter().flat_map(|placed| path_examples(placed.operation));
    let kept = operations.iter().flat_map(|placed| placed.gives.keys()).map(|name| (name.as_str(), ""));
    let variables = GIVEN.iter().copied().chain(examples).chain(kept).chain([("etag", "*")]);
    let mut known = std::collections::BTreeSet::new();
    let variables: Vec<Value> = variables
        .filter(|(name, _)| known.insert((*name).to_owned()))
        .map(|(name, value)| json!({ "key": name, "value": value }))
        .collect();
    json!({
        "info": {
            "name": document.info("title"),
            "description": format!("{}\n\n{HOW_TO}", document.info("description")),
            "schema": SCHEMA,
        },
        "auth": { "type": "bearer", "bearer": [{ "key": "token", "value": "{{access_token}}", "type": "string" }] },
        "variable": variables,
        "item": folders,
    })
}

fn item(document: &Document, placed: &Placed<'_>) -> Value {
    let operation = placed.operation;
    let script = |listen: &str, lines: Vec<String>| json!({ "listen": listen, "script": { "type": "text/javascript", "exec": lines } });
    let readable = document.operations.iter().any(|other| other.method == "GET" && other.path == operation.path);
    let conditional = operation.parameters_in("header").any(|parameter| parameter["name"] == "If-Match");
    let before: &[&str] = if placed.ends_own {
        &LOG_IN_FIRST
    } else if readable && conditional {
        &READ_FIRST
    } else {
        &[]
    };
    let before = before.iter().map(|line| (*line).to_owned()).collect();
    let events = json!([script("prerequest", before), script("test", test(placed))]);
    json!({ "name": operation.summary, "request": request(document, operation), "event": events })
}

fn request(document: &Document, operation: &Operation) -> Value {
    let path: Vec<String> =
        operation.path.split('/').skip(1).map(|part| part.replace('{', "{{").replace('}', "}}")).collect();
    let query = operation.parameters_in("query");
    let query: Vec<Value> =
        query.map(|parameter| named(parameter, &values::of_parameter(document, parameter))).collect();
    let mut headers: Vec<Value> =
        operation.parameters_in("header").map(|parameter| header(document, parameter)).collect();
    let mut request = json!({
        "method": operation.method,
        "description": operation.description,
        "url": { "raw": format!("{{{{base_url}}}}/{}", path.join("/")), "host": ["{{base_url}}"], "path": path, "query": query },
    });
    if !operation.secured {
        request["auth"] = json!({ "type": "noauth" });
    }
    if let (Some((content_type, _)), Some(body)) = (&operation.body, values::body(document, operation)) {
        headers.push(json!({ "key": "Content-Type", "value": content_type }));
        request["body"] = json!({ "mode": "raw", "raw": body, "options": { "raw": { "language": "json" } } });
    }
    request["header"] = json!(headers);
    request
}

fn header(document: &Document, parameter: &Value) -> Value {
    let variable = parameter["name"].as_str().and_then(values::variable);
    let value = variable.map(|name| format!("{{{{{name}}}}}"));
    named(parameter, &value.unwrap_or_else(|| values::of_parameter(document, parameter)))
}

/// A parameter, switched off where the operation does without.
fn named(parameter: &Value, value: &str) -> Value {
    json!({
        "key": parameter["name"],
        "value": value,
        "description": parameter["description"],
        "disabled": parameter["required"] != true,
    })
}

/// Says what the answer has to be, and keeps what others need of it.
fn test(placed: &Placed<'_>) -> Vec<String> {
    let expected = if placed.succeeds { '2' } else { '4' };
    let answers = placed.operation.answers.iter().filter(|(status, _)| status.starts_with(expected));
    let answers: serde_json::Map<_, _> =
        answers.map(|(status, content_type)| (status.clone(), json!(content_type))).collect();
    let mut lines = vec![
        format!("const answers = {};", Value::Object(answers)),
        "pm.test(`the status is one of ${Object.keys(answers)}`, () => {".to_owned(),
        "    pm.expect(Object.keys(answers), pm.response.text()).to.include(String(pm.response.code));".to_owned(),
        "});".to_owned(),
        "pm.test(\"the content type is that of the document\", () => {".to_owned(),
        "    const contentType = pm.response.headers.get(\"Content-Type\") ?? null;".to_owned(),
        "    pm.expect(contentType).to.equal(answers[pm.response.code]);".to_owned(),
        "});".to_owned(),
    ];
    if !placed.gives.is_empty() {
        lines.push("const body = pm.response.text() ? pm.response.json() : {};".to_owned());
        lines.push(
            "const keep = (name, value) => value === undefined || pm.collectionVariables.set(name, value);".to_owned(),
        );
    }
    lines.extend(placed.gives.iter().map(|(name, place)| format!("keep(\"{name}\", {place});")));
    lines
}
