//! What the collection is made of, read from the OpenAPI document.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::process::Result;

/// The whole.
pub struct Document {
    json: Value,
    /// Every operation, by path and method.
    pub operations: Vec<Operation>,
}

/// One operation.
pub struct Operation {
    /// Its `operationId`.
    pub id: String,
    /// The first of its tags.
    pub tag: String,
    /// GET, POST …
    pub method: String,
    /// With parameters in braces.
    pub path: String,
    /// One line.
    pub summary: String,
    /// More than that.
    pub description: String,
    /// Whether it takes an access token.
    pub secured: bool,
    /// The roles that may use it, where the document says so.
    pub roles: Option<Vec<String>>,
    /// As in the document.
    pub parameters: Vec<Value>,
    /// The schema of its body, where it takes one, and the body's content type.
    pub body: Option<(String, Value)>,
    /// Each status that it answers, with the content type; none where there is no content.
    pub answers: BTreeMap<String, Option<String>>,
    /// The schema of the first answer that is a success.
    pub success: Value,
}

impl Document {
    /// Reads it.
    ///
    /// # Errors
    /// When it is no JSON, or something is missing that we need.
    pub fn parse(text: &str) -> Result<Self> {
        let mut json: Value = serde_json::from_str(text).map_err(|error| format!("docs/openapi.json: {error}"))?;
        json.sort_all_objects();
        let mut document = Self { json, operations: Vec::new() };
        let paths = document.json["paths"].as_object().ok_or("docs/openapi.json has no paths")?;
        let operations = paths.iter().flat_map(|(path, item)| {
            let methods = item.as_object().into_iter().flatten();
            methods.map(|(method, operation)| document.operation(path, method, operation))
        });
        document.operations = operations.collect();
        Ok(document)
    }

    /// The document's own words about itself.
    pub fn info(&self, key: &str) -> &str {
        self.json["info"][key].as_str().unwrap_or_default()
    }

    /// The tags in their order, each with its description.
    pub fn tags(&self) -> impl Iterator<Item = (&str, &str)> {
        let tags = self.json["tags"].as_array().into_iter().flatten();
        tags.map(|tag| (tag["name"].as_str().unwrap_or_default(), tag["description"].as_str().unwrap_or_default()))
    }

    /// A schema with what it refers to in its place; of alternatives, the first.
    pub fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        if let Some(reference) = schema["$ref"].as_str() {
            let found = reference.strip_prefix('#').and_then(|pointer| self.json.pointer(pointer));
            return found.map_or(schema, |found| self.resolve(found));
        }
        let alternative = ["oneOf", "anyOf", "allOf"].iter().find_map(|word| schema[word].get(0));
        alternative.map_or(schema, |first| self.resolve(first))
    }

    fn operation(&self, path: &str, method: &str, json: &Value) -> Operation {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let responses = json["responses"].as_object();
        let first = |content: &Value| {
            let mut types = content.as_object().into_iter().flatten();
            types.next().map(|(content_type, media)| (content_type.clone(), media["schema"].clone()))
        };
        let answers = responses.into_iter().flatten();
        let answers: BTreeMap<String, Option<(String, Value)>> =
            answers.map(|(status, response)| (status.clone(), first(&response["content"]))).collect();
        let success =
            answers.iter().find(|(status, _)| status.starts_with('2')).and_then(|(_, content)| content.clone());
        let success = success.map(|(_, schema)| self.resolve(&schema).clone()).unwrap_or_default();
        let roles = json["x-roles"].as_array().map(|roles| roles.iter().map(text).collect());
        Operation {
            id: text(&json["operationId"]),
            tag: text(&json["tags"][0]),
            method: method.to_uppercase(),
            path: path.to_owned(),
            summary: text(&json["summary"]),
            description: text(&json["description"]),
            secured: json["security"].as_array().is_some_and(|schemes| !schemes.is_empty()),
            roles,
            parameters: list(&json["parameters"]),
            body: first(&json["requestBody"]["content"]).map(|(kind, schema)| (kind, self.resolve(&schema).clone())),
            answers: answers.into_iter().map(|(status, content)| (status, content.map(|(kind, _)| kind))).collect(),
            success,
        }
    }
}

impl Operation {
    /// The parameters in this place: path, query or header.
    pub fn parameters_in(&self, place: &str) -> impl Iterator<Item = &Value> {
        self.parameters.iter().filter(move |parameter| parameter["in"] == place)
    }

    /// The names of the parameters in its path.
    pub fn path_names(&self) -> impl Iterator<Item = &str> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }

    /// How many parts its path has.
    pub fn depth(&self) -> usize {
        self.path.split('/').count()
    }
}
