//! The OpenAPI document, which every answer is held against.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use jsonschema::Validator;
use serde_json::{Value, json};

/// One operation of the document.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Its operationId.
    pub id: String,
    /// GET, POST …
    pub method: String,
    /// Its path, with parameters in braces.
    pub path: String,
    /// Whether it takes an access token.
    pub secured: bool,
    /// Whether it takes a body.
    pub has_body: bool,
}

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
});

static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let of_path = |(path, item): (&String, &Value)| {
        let operation = |(method, operation): (&String, &Value)| Operation {
            id: operation["operationId"].as_str().unwrap().to_owned(),
            method: method.to_uppercase(),
            path: path.clone(),
            secured: operation["security"].as_array().is_some_and(|schemes| !schemes.is_empty()),
            has_body: operation.get("requestBody").is_some(),
        };
        item.as_object().unwrap().iter().map(operation).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
});

/// Every operation of the document.
pub fn operations() -> Vec<Operation> {
    OPERATIONS.clone()
}

/// Holds an answer against the document.
///
/// # Panics
/// Where the document does not allow it.
pub(crate) fn check(method: &str, path: &str, status: u16, content_type: &str, body: &str) {
    let schema = match OPERATIONS.iter().find(|operation| operation.method == method && fits(&operation.path, path)) {
        Some(operation) => documented(operation, status, content_type),
        // Nothing of the document: only a refusal will do.
        None if status >= 400 => json!({ "$ref": "#/components/schemas/Problem" }),
        None => return,
    };
    if status >= 400 {
        assert_eq!(content_type, "application/problem+json", "{method} {path}: {status} {body}");
    }
    let instance: Value = serde_json::from_str(body).unwrap_or_else(|error| panic!("{method} {path}: {error}: {body}"));
    validate(&schema, &instance, &format!("{method} {path}: {status} {body}"));
    if status >= 400 {
        assert_eq!(instance["status"], status, "{method} {path}: {body}");
    }
}

fn documented(operation: &Operation, status: u16, content_type: &str) -> Value {
    let responses = &DOCUMENT["paths"][&operation.path][operation.method.to_lowercase()]["responses"];
    let response = responses.get(status.to_string());
    let response = response.unwrap_or_else(|| panic!("{} answered {status}, which is not documented", operation.id));
    let content = response["content"].get(content_type);
    content.unwrap_or_else(|| panic!("{} answered {status} with {content_type}", operation.id))["schema"].clone()
}

fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, path): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
    pattern.len() == path.len() && pattern.iter().zip(path).all(|(part, given)| part.starts_with('{') || *part == given)
}

fn validate(schema: &Value, instance: &Value, context: &str) {
    static VALIDATORS: LazyLock<Mutex<HashMap<String, Validator>>> = LazyLock::new(Mutex::default);
    let mut validators = VALIDATORS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let validator = validators.entry(schema.to_string()).or_insert_with(|| {
        let mut root = schema.clone();
        root["components"] = DOCUMENT["components"].clone();
        jsonschema::draft202012::options().should_validate_formats(true).build(&root).unwrap()
    });
    let faults: Vec<String> = validator.iter_errors(instance).map(|error| error.to_string()).collect();
    assert!(faults.is_empty(), "{context}\nis not as documented: {faults:?}");
}
