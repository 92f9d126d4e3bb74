//! What is sent: variables where an earlier answer, or whoever runs the collection, gives the value; else the examples of
//! the document.

use serde_json::{Map, Value, json};

use super::document::{Document, Operation};

/// Before what is to be written without quotes: a variable that is a number.
const BARE: &str = "bare:";

/// The variable that a value comes from: of a path, of a header, or of a body.
pub fn variable(name: &str) -> Option<&'static str> {
    Some(match name {
        "refresh_token" => "refresh_token",
        "seq" => "seq",
        "If-Match" => "etag",
        "user_ids" | "owner_id" => "user_id",
        "reply_to" => "message_id",
        _ => return None,
    })
}

/// What an operation takes in its body that nobody can give who has not got the e-mail.
pub const SECRET: [&str; 2] = ["token", "code"];

/// The body, as text.
pub fn body(document: &Document, operation: &Operation) -> Option<String> {
    let (_, schema) = operation.body.as_ref()?;
    let mut value = object(document, operation, schema);
    value.sort_all_objects();
    let text = serde_json::to_string_pretty(&value).unwrap_or_default();
    Some(text.replace(&format!("\"{BARE}"), "").replace(&format!("{BARE}\""), ""))
}

/// The properties of a body that are sent: those that must be, and those that the document has an example of.
pub fn sent<'a>(document: &'a Document, schema: &'a Value) -> impl Iterator<Item = (&'a String, &'a Value)> {
    let is_required = |name: &str| schema["required"].as_array().into_iter().flatten().any(|one| one == name);
    let properties = schema["properties"].as_object().into_iter().flatten();
    properties
        .map(|(name, property)| (name, property, document.resolve(property)))
        .filter(move |(name, given, resolved)| {
            is_required(name) || [given, resolved].iter().any(|schema| schema.get("example").is_some())
        })
        .map(|(name, _, resolved)| (name, resolved))
}

/// The value of a parameter of the query; of a number that must be given the smallest, which is the start of something.
pub fn of_parameter(document: &Document, parameter: &Value) -> String {
    let schema = document.resolve(&parameter["schema"]);
    let start = schema.get("minimum").filter(|_| parameter["required"] == true);
    let example =
        start.or_else(|| parameter.get("example")).or_else(|| schema.get("example")).or_else(|| schema.get("default"));
    match example.or_else(|| schema["enum"].get(0)) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

fn object(document: &Document, operation: &Operation, schema: &Value) -> Value {
    let value = |(name, property): (&String, &Value)| (name.clone(), of_property(document, operation, name, property));
    Value::Object(sent(document, schema).map(value).collect::<Map<_, _>>())
}

fn of_property(document: &Document, operation: &Operation, name: &str, schema: &Value) -> Value {
    match (operation.id.as_str(), name) {
        ("register", "email") => return json!("{{$guid}}@example.org"),
        (_, "email") => return json!("{{email}}"),
        (_, "password" | "current_password" | "new_password") => return json!("{{password}}"),
        // Whoever registers is added later.
        (_, "participant_ids") => return json!([]),
        // A closed conversation takes no messages.
        (_, "closed" | "is_closed") => return json!(false),
        (_, "client_message_id") => return json!("{{$guid}}"),
        _ => {}
    }
    let kind = if schema["type"].is_array() { &schema["type"][0] } else { &schema["type"] };
    if let Some(variable) = variable(name).or_else(|| (name == "user_id").then_some("user_id")) {
        return match kind.as_str() {
            Some("array") => json!([format!("{{{{{variable}}}}}")]),
            Some("integer") => json!(format!("{BARE}{{{{{variable}}}}}{BARE}")),
            _ => json!(format!("{{{{{variable}}}}}")),
        };
    }
    if let Some(example) = schema.get("example").or_else(|| schema["examples"].get(0)).or_else(|| schema["enum"].get(0))
    {
        return example.clone();
    }
    match kind.as_str() {
        Some("object") => object(document, operation, schema),
        Some("array") => json!([of_property(document, operation, "", document.resolve(&schema["items"]))]),
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or_else(|| json!(1)),
        Some("boolean") => json!(true),
        _ if schema["format"] == "uuid" => json!("{{$guid}}"),
        _ if schema["format"] == "date-time" => json!("{{$isoTimestamp}}"),
        _ => json!("text"),
    }
}
