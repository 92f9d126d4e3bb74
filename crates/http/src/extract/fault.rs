//! Finds the field in what serde complains of.

use confab_application::FieldError;
use serde_path_to_error::{Path, Segment};

/// The fault that serde reports at this path. Where serde names the field in its message only (it is missing or doubled),
/// the name is appended to the path.
pub(super) fn of_serde(path: &Path, message: &str) -> FieldError {
    let (code, field) = if message.starts_with("unknown field ") {
        // The path ends at the field itself, whatever characters its name has.
        ("unknown_field", None)
    } else if let Some(rest) = message.strip_prefix("duplicate field ") {
        ("duplicate_field", quoted(rest))
    } else if let Some(rest) = message.strip_prefix("missing field ") {
        ("missing_field", quoted(rest))
    } else {
        ("wrong_type", None)
    };
    let mut segments: Vec<String> = path.iter().filter_map(segment).collect();
    // The path of a missing or a doubled field ends at its parent.
    segments.extend(field.map(escape));
    FieldError::new(segments.join("/"), code, message)
}

fn quoted(text: &str) -> Option<&str> {
    text.strip_prefix('`')?.split_once('`').map(|(name, _)| name)
}

fn segment(segment: &Segment) -> Option<String> {
    match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key } => Some(escape(key)),
        Segment::Enum { variant } => Some(escape(variant)),
        Segment::Unknown => None,
    }
}

/// RFC 6901, section 3.
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
