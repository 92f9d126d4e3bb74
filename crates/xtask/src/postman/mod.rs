//! The Postman collection, made of the committed OpenAPI document: every operation once, in an order in which each finds
//! what it needs, with what the next ones need kept in variables.

mod collection;
mod document;
mod order;
mod values;

use crate::generated_file::GeneratedFile;
use crate::openapi;
use crate::process::Result;

const FILE: GeneratedFile = GeneratedFile("docs/postman_collection.json");

/// Writes it.
///
/// # Errors
/// When the document is not as expected, or the file cannot be written.
pub fn write() -> Result<()> {
    FILE.write(&generate(&openapi::DOCUMENT.read()?)?)
}

/// Compares the committed one with a fresh one.
///
/// # Errors
/// When they differ.
pub fn check() -> Result<()> {
    FILE.check(&generate(&openapi::DOCUMENT.read()?)?)
}

fn generate(openapi: &str) -> Result<String> {
    let document = document::Document::parse(openapi)?;
    let operations = order::order(&document);
    let mut collection = collection::collection(&document, &operations);
    // As this is compiled alone or with the workspace, maps are sorted or not.
    collection.sort_all_objects();
    serde_json::to_string_pretty(&collection).map(|json| json + "\n").map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Value, json};

    use super::document::Document;
    use super::{generate, order};

    const ID: &str = r##"{ "name": "thing_id", "in": "path", "required": true, "schema": { "type": "string" } }"##;

    /// A document in which the alphabet puts everything in the wrong order.
    fn document() -> String {
        let id: Value = serde_json::from_str(ID).unwrap();
        let schema = |properties: Value| json!({ "type": "object", "properties": properties });
        let content = |schema: Value| json!({ "content": { "application/json": { "schema": schema } } });
        let problem = json!({ "content": { "application/problem+json": { "schema": { "type": "object" } } } });
        let bearer = json!([{ "bearer": [] }]);
        json!({
            "info": { "title": "Things", "description": "" },
            "tags": [{ "name": "things" }, { "name": "auth" }],
            "paths": {
                "/things": { "post": {
                    "operationId": "make", "tags": ["things"], "security": bearer,
                    "responses": { "201": content(schema(json!({ "id": {} }))), "403": problem },
                } },
                "/things/{thing_id}": {
                    "delete": {
                        "operationId": "remove", "tags": ["things"], "security": bearer, "parameters": [id],
                        "responses": { "204": {}, "404": problem },
                    },
                    "get": {
                        "operationId": "read", "tags": ["things"], "security": bearer, "parameters": [id],
                        "responses": { "200": content(schema(json!({}))), "404": problem },
                    },
                },
                "/confirm": { "post": {
                    "operationId": "confirm", "tags": ["auth"], "security": [],
                    "requestBody": content(json!({ "required": ["token"], "properties": { "token": { "type": "string" } } })),
                    "responses": { "204": {}, "422": problem },
                } },
                "/token": { "post": {
                    "operationId": "log_in", "tags": ["auth"], "security": [],
                    "responses": { "200": content(schema(json!({ "access_token": {} }))), "401": problem },
                } },
            },
        })
        .to_string()
    }

    #[test]
    fn each_operation_finds_what_it_needs() {
        let document = Document::parse(&document()).unwrap();
        let placed: Vec<_> =
            order::order(&document).into_iter().map(|placed| (placed.operation.id.as_str(), placed.succeeds)).collect();
        let expected = [("log_in", true), ("confirm", false), ("make", true), ("read", true), ("remove", true)];
        assert_eq!(placed.iter().copied().collect::<BTreeSet<_>>(), expected.into());
        let place = |id: &str| placed.iter().position(|(placed, _)| *placed == id).unwrap();
        assert!(place("log_in") < place("make") && place("make") < place("read") && place("read") < place("remove"));
    }

    #[test]
    fn the_collection_says_what_it_expects_and_keeps_what_others_need() {
        let collection = generate(&document()).unwrap();
        for part in [
            r#"const answers = {\"201\":\"application/json\"};"#,
            r#"const answers = {\"204\":null};"#,
            r#"const answers = {\"422\":\"application/problem+json\"};"#,
            r#"keep(\"thing_id\", body.id);"#,
            r#"keep(\"access_token\", body.access_token);"#,
            r#""{{base_url}}/things/{{thing_id}}""#,
        ] {
            assert!(collection.contains(part), "{part} is not in {collection}");
        }
    }
}
