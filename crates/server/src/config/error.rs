//! What is wrong with the configuration, and where.

use std::fmt;

use figment::error::{Actual, Kind};
use figment::{Figment, Metadata, Profile};

/// A fault in the configuration: its place (a file, a variable, a flag) and what is wrong there.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {fault}")]
pub struct ConfigError {
    place: String,
    fault: String,
}

impl ConfigError {
    /// A fault of a place.
    pub(super) fn new(place: &str, fault: impl fmt::Display) -> Self {
        Self { place: place.to_owned(), fault: fault.to_string() }
    }

    /// A fault that belongs to one setting of several that do not go together.
    pub(super) fn of_key(figment: &Figment, key: &[&str], fault: impl fmt::Display) -> Self {
        let section = key.first().copied().unwrap_or_default();
        Self { place: place(figment.find_metadata(&key.join(".")), key), fault: format!("{section}.{fault}") }
    }

    /// A fault that figment found.
    pub(super) fn of_figment(error: &figment::Error) -> Self {
        let key: Vec<&str> = error.path.iter().map(String::as_str).collect();
        Self { place: place(error.metadata.as_ref(), &key), fault: fault(&key.join("."), &key, &error.kind) }
    }
}

/// Where a setting was set.
pub(super) fn place(metadata: Option<&Metadata>, key: &[&str]) -> String {
    metadata.map_or_else(|| "the configuration".to_owned(), |metadata| metadata.interpolate(&Profile::Default, key))
}

fn fault(name: &str, key: &[&str], kind: &Kind) -> String {
    match kind {
        Kind::UnknownField(_, known) => match key {
            [section, _] => format!("there is no setting {name}; [{section}] has {}", known.join(", ")),
            _ => format!("there is no section [{name}]; there are {}", known.join(", ")),
        },
        Kind::InvalidType(actual, expected) | Kind::InvalidValue(actual, expected) => {
            format!("{name} must be {}, but is {}", in_words(expected), shown(actual))
        }
        Kind::UnknownVariant(actual, known) => format!("{name} must be {}, but is \"{actual}\"", known.join(" or ")),
        Kind::Message(message) => format!("{name} {message}"),
        other => format!("{name}: {other}"),
    }
}

/// What serde expects, for people who do not write Rust.
fn in_words(expected: &str) -> &str {
    match expected {
        "a boolean" => "true or false",
        "a string" => "text",
        "a sequence" => "a list",
        expected if expected.starts_with("struct ") => "a section",
        expected => expected,
    }
}

fn shown(actual: &Actual) -> String {
    match actual {
        Actual::Str(text) => format!("{text:?}"),
        Actual::Bool(value) => value.to_string(),
        Actual::Unsigned(value) => value.to_string(),
        Actual::Signed(value) => value.to_string(),
        Actual::Float(value) => format!("{value:?}"),
        Actual::Seq => "a list".to_owned(),
        Actual::Map => "a section".to_owned(),
        other => other.to_string(),
    }
}
