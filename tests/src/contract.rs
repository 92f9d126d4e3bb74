//! The OpenAPI document, which every answer is held against.

use std::collections::{BTreeSet, HashMap};
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
    /// What may stand in its query.
    pub query: Vec<Parameter>,
}

/// One query parameter of an operation.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whether the operation cannot do without.
    pub required: bool,
    /// What it may be, without references.
    pub schema: Value,
}

impl Operation {
    /// A body that its schema allows: of what must be in it, the examples.
    pub fn example(&self) -> Option<(String, Value)> {
        let body = &DOCUMENT["paths"][&self.path][self.method.to_lowercase()]["requestBody"]["content"];
        let (content_type, media) = body.as_object()?.iter().next()?;
        Some((content_type.clone(), example(&media["schema"])))
    }
}

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
});

static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let of_path = |(path, item): (&String, &'static Value)| {
        let operation = |(method, operation): (&String, &'static Value)| Operation {
            id: operation["operationId"].as_str().unwrap().to_owned(),
            method: method.to_uppercase(),
            path: path.clone(),
            secured: operation["security"].as_array().is_some_and(|schemes| !schemes.is_empty()),
            has_body: operation.get("requestBody").is_some(),
            query: query(operation),
        };
        item.as_object().unwrap().iter().map(operation).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
});

/// The names of the headers that the document tells of: of requests, and of answers.
pub fn headers() -> (BTreeSet<String>, BTreeSet<String>) {
    let operations =
        DOCUMENT["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
    let (mut requests, mut answers) = (BTreeSet::new(), BTreeSet::new());
    for operation in operations {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let in_header = parameters.filter(|parameter| parameter["in"] == "header");
        requests.extend(in_header.map(|parameter| parameter["name"].as_str().unwrap().to_lowercase()));
        let of_answers =
            operation["responses"].as_object().unwrap().values().filter_map(|one| one["headers"].as_object());
        answers.extend(of_answers.flat_map(|headers| headers.keys()).map(|name| name.to_lowercase()));
    }
    (requests, answers)
}

/// Every operation of the document.
pub fn operations() -> Vec<Operation> {
    OPERATIONS.clone()
}

/// Holds an answer against the document.
///
/// # Panics
/// Where the document does not allow it.
pub(crate) fn check(method: &str, path: &str, status: u16, content_type: &str, body: &str) {
    // A path that is spelled out is no other's with a parameter in its place.
    let spelled_out = OPERATIONS.iter().any(|operation| operation.path == path);
    let is_at = |operation: &&Operation| operation.path == path || !spelled_out && fits(&operation.path, path);
    let schema = match OPERATIONS.iter().filter(is_at).find(|operation| operation.method == method) {
        Some(operation) if status == 204 => {
            assert!(body.is_empty() && has(operation, status), "{method} {path}: {status} {body}");
            return;
        }
        Some(operation) => documented(operation, status, content_type),
        // Nothing of the document: only a refusal will do.
        None if status >= 400 => json!({ "$ref": "#/components/schemas/Problem" }),
        None => return,
    };
    if status >= 400 {
        assert_eq!(content_type, "application/problem+json", "{method} {path}: {status} {body}");
    }
    if schema.is_null() {
        assert_eq!(body, "", "{method} {path}: {status} is documented to have no body");
        return;
    }
    let instance: Value = serde_json::from_str(body).unwrap_or_else(|error| panic!("{method} {path}: {error}: {body}"));
    validate(&schema, &instance, &format!("{method} {path}: {status} {body}"));
    if status >= 400 {
        assert_eq!(instance["status"], status, "{method} {path}: {body}");
    }
}

fn has(operation: &Operation, status: u16) -> bool {
    let responses = &DOCUMENT["paths"][&operation.path][operation.method.to_lowercase()]["responses"];
    responses.get(status.to_string()).is_some()
}

fn documented(operation: &Operation, status: u16, content_type: &str) -> Value {
    let responses = &DOCUMENT["paths"][&operation.path][operation.method.to_lowercase()]["responses"];
    let response = responses.get(status.to_string());
    let response = response.unwrap_or_else(|| panic!("{} answered {status}, which is not documented", operation.id));
    if response.get("content").is_none() {
        return Value::Null;
    }
    let content = response["content"].get(content_type);
    content.unwrap_or_else(|| panic!("{} answered {status} with {content_type}", operation.id))["schema"].clone()
}

fn query(operation: &'static Value) -> Vec<Parameter> {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let parameter = |parameter: &'static Value| Parameter {
        name: parameter["name"].as_str().unwrap().to_owned(),
        description: parameter["description"].as_str().unwrap_or_default().to_owned(),
        required: parameter["required"] == true,
        schema: resolve(&parameter["schema"]).clone(),
    };
    parameters.filter(|one| one["in"] == "query").map(parameter).collect()
}

/// A schema with what it refers to in its place; of alternatives, the first.
fn resolve(schema: &'static Value) -> &'static Value {
    if let Some(reference) = schema["$ref"].as_str() {
        return resolve(DOCUMENT.pointer(reference.trim_start_matches('#')).unwrap());
    }
    ["oneOf", "anyOf", "allOf"].iter().find_map(|word| schema[word].get(0)).map_or(schema, resolve)
}

fn example(schema: &'static Value) -> Value {
    let schema = resolve(schema);
    if let Some(example) = schema.get("example").or_else(|| schema["enum"].get(0)) {
        return example.clone();
    }
    let types = &schema["type"];
    match types.as_str().or_else(|| types[0].as_str()) {
        Some("array") => json!([]),
        Some("boolean") => json!(true),
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(1)),
        Some("string") if schema["format"] == "uuid" => json!("0198c5a2-6f3e-7c41-9d2b-3f5a7c9e1b20"),
        Some("string") => json!("example"),
        _ => {
            let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
            required.map(|name| (name.to_owned(), example(&schema["properties"][name]))).collect()
        }
    }
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
