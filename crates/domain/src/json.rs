//! JSON that is kept for others: objects whose meaning only their writers know.

use std::collections::HashSet;

use json_event_parser::{JsonEvent, SliceJsonParser, WriterJsonSerializer};

use crate::{Unit, ValueError};

/// A JSON object of at most 16 KiB, as compact text; objects and arrays nest at most 8 deep, itself counted. Names, their
/// order, and numbers stay as they were given; no object has a name twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonObject(String);

impl JsonObject {
    /// The most bytes that its compact text may have.
    pub const MAX_BYTES: usize = 16 * 1024;
    /// The deepest that objects and arrays may nest.
    pub const MAX_DEPTH: usize = 8;

    /// Reads the text of an object.
    ///
    /// # Errors
    /// Not JSON, not an object, with a name twice, too long, or too deep.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let malformed = || ValueError::Malformed { expected: "a JSON object, without a name twice in it" };
        let mut reader = SliceJsonParser::new(text.as_bytes());
        let mut writer = WriterJsonSerializer::new(Vec::new());
        // The names in each object that is open; none for an array.
        let mut open: Vec<Option<HashSet<String>>> = Vec::new();
        loop {
            let event = reader.parse_next().map_err(|_| malformed())?;
            match &event {
                JsonEvent::StartObject => open.push(Some(HashSet::new())),
                JsonEvent::StartArray => open.push(None),
                JsonEvent::EndObject | JsonEvent::EndArray => drop(open.pop()),
                JsonEvent::ObjectKey(name) => {
                    let names = open.last_mut().and_then(Option::as_mut);
                    if !names.is_some_and(|names| names.insert(name.to_string())) {
                        return Err(malformed());
                    }
                }
                JsonEvent::Eof => break,
                JsonEvent::String(_) | JsonEvent::Number(_) | JsonEvent::Boolean(_) | JsonEvent::Null => {}
            }
            if open.len() > Self::MAX_DEPTH {
                return Err(ValueError::TooDeep { max: Self::MAX_DEPTH });
            }
            writer.serialize_event(event).map_err(|_| malformed())?;
        }
        let compact = writer.finish().ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(malformed)?;
        if !compact.starts_with('{') {
            return Err(malformed());
        }
        if compact.len() > Self::MAX_BYTES {
            return Err(ValueError::TooLong { max: Self::MAX_BYTES, actual: compact.len(), unit: Unit::Bytes });
        }
        Ok(Self(compact))
    }

    /// The object after a merge patch (RFC 7396): what is null in it is removed.
    ///
    /// # Errors
    /// As of [`JsonObject::parse`], of the patch and of what it makes.
    pub fn merge(target: Option<&Self>, patch: &str) -> Result<Self, ValueError> {
        let patch = Self::parse(patch)?;
        let merged = Json::of(target.map_or("{}", Self::as_str)).merged(Json::of(patch.as_str()));
        let mut text = String::new();
        merged.write(&mut text);
        Self::parse(&text)
    }

    /// Takes back what [`JsonObject::as_str`] gave, whatever today's limits are.
    ///
    /// # Errors
    /// [`ValueError::Malformed`] where it is no object.
    pub fn restore(text: String) -> Result<Self, ValueError> {
        if text.starts_with('{') { Ok(Self(text)) } else { Err(ValueError::Malformed { expected: "a JSON object" }) }
    }

    /// The compact text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A value, as far as a merge patch looks into it.
enum Json {
    /// Each name as it is written, and its value.
    Object(Vec<(String, Json)>),
    /// Anything else, as it is written.
    Other(String),
}

impl Json {
    /// The value that this compact text is.
    fn of(text: &str) -> Self {
        let Some(mut rest) = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) else {
            return Self::Other(text.to_owned());
        };
        let mut members = Vec::new();
        while !rest.is_empty() {
            let (member, others) = rest.split_at(end_of(rest, ','));
            let (name, value) = member.split_at(end_of(member, ':'));
            members.push((name.to_owned(), Self::of(value.get(1..).unwrap_or_default())));
            rest = others.get(1..).unwrap_or_default();
        }
        Self::Object(members)
    }

    fn merged(self, patch: Self) -> Self {
        let Self::Object(changes) = patch else { return patch };
        let mut members = match self {
            Self::Object(members) => members,
            Self::Other(_) => Vec::new(),
        };
        for (name, change) in changes {
            let place = members.iter().position(|(found, _)| *found == name);
            if matches!(&change, Self::Other(text) if text == "null") {
                place.map(|place| members.remove(place));
                continue;
            }
            let old = place.and_then(|place| members.get_mut(place)).map(|(_, value)| value);
            match old {
                Some(old) => {
                    let value = std::mem::replace(old, Self::Object(Vec::new()));
                    *old = value.merged(change);
                }
                None => members.push((name, Self::Object(Vec::new()).merged(change))),
            }
        }
        Self::Object(members)
    }

    fn write(&self, text: &mut String) {
        match self {
            Self::Other(other) => text.push_str(other),
            Self::Object(members) => {
                text.push('{');
                for (place, (name, value)) in members.iter().enumerate() {
                    text.push_str(if place == 0 { "" } else { "," });
                    text.push_str(name);
                    text.push(':');
                    value.write(text);
                }
                text.push('}');
            }
        }
    }
}

/// Where the first of these characters stands that is in no string, object or array of this compact JSON; its end, where
/// there is none.
fn end_of(text: &str, character: char) -> usize {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (place, found) in text.char_indices() {
        match found {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            _ if in_string => {}
            _ if found == character && depth == 0 => return place,
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_means_stays_and_white_space_goes() {
        for (text, kept) in [
            (" { } ", "{}"),
            (r#"{ "b": [ 1, null, true ], "a": { "": "x y" } }"#, r#"{"b":[1,null,true],"a":{"":"x y"}}"#),
            (
                r#"{"n": [12345678901234567890123, 1.10, 1E400, -0]}"#,
                r#"{"n":[12345678901234567890123,1.10,1E400,-0]}"#,
            ),
            (r#"{"😀": "\u00e9\ud83d\ude00"}"#, r#"{"😀":"é😀"}"#),
        ] {
            let object = JsonObject::parse(text).unwrap();
            assert_eq!(object.as_str(), kept);
            assert_eq!(JsonObject::parse(kept).as_ref(), Ok(&object));
        }
        let nul = JsonObject::parse(r#"{"a": "\u0000"}"#).unwrap();
        assert!(!nul.as_str().contains('\0'), "not every database can keep it");
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for text in ["", "[]", "1", "null", "\"{}\"", "{", "{}{}", "{a:1}", "{\"a\":1,}", r#"{"a":"\ud800"}"#] {
            assert!(matches!(JsonObject::parse(text), Err(ValueError::Malformed { .. })), "{text}");
        }
        for twice in [r#"{"a":1,"a":2}"#, r#"{"x":[{"a":1,"\u0061":2}]}"#] {
            assert!(JsonObject::parse(twice).is_err(), "{twice}");
        }
        assert!(JsonObject::parse(r#"{"a":{"a":[{"a":1},{"a":2}]}}"#).is_ok());
    }

    #[test]
    fn size_and_depth_have_a_bound() {
        let of_size = |bytes: usize| format!(r#"{{"a":"{}"}}"#, "x".repeat(bytes - 8));
        assert!(JsonObject::parse(&of_size(JsonObject::MAX_BYTES)).is_ok());
        let too_long = ValueError::TooLong { max: 16_384, actual: 16_385, unit: Unit::Bytes };
        assert_eq!(JsonObject::parse(&of_size(JsonObject::MAX_BYTES + 1)), Err(too_long));
        let of_depth = |depth: usize| format!(r#"{{"a":{}1{}}}"#, "[".repeat(depth - 1), "]".repeat(depth - 1));
        assert!(JsonObject::parse(&of_depth(JsonObject::MAX_DEPTH)).is_ok());
        for depth in [JsonObject::MAX_DEPTH + 1, 100_000] {
            assert_eq!(JsonObject::parse(&of_depth(depth)), Err(ValueError::TooDeep { max: 8 }));
        }
    }

    #[test]
    fn a_merge_patch_replaces_adds_and_removes() {
        // Of the table in appendix A of RFC 7396, what is about objects; and what could be mistaken for structure.
        for (target, patch, merged) in [
            (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
            (r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#),
            (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"c"}"#, r#"{"a":["b"]}"#, r#"{"a":["b"]}"#),
            (r#"{"a":{"b":"c"}}"#, r#"{"a":{"b":"d","c":null}}"#, r#"{"a":{"b":"d"}}"#),
            (r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#),
            (r#"{"e":null}"#, r#"{"a":1}"#, r#"{"e":null,"a":1}"#),
            ("{}", r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#),
            (
                r#"{"a":[1,{"x":"]}"}],"\"b,:{":"\\"}"#,
                r#"{"c":"{\"d\":1,"}"#,
                r#"{"a":[1,{"x":"]}"}],"\"b,:{":"\\","c":"{\"d\":1,"}"#,
            ),
        ] {
            let target = JsonObject::parse(target).unwrap();
            assert_eq!(JsonObject::merge(Some(&target), patch).unwrap().as_str(), merged);
        }
        assert_eq!(JsonObject::merge(None, r#"{"a":1.10}"#).unwrap().as_str(), r#"{"a":1.10}"#);
        assert!(JsonObject::merge(None, "[]").is_err());
        let half = format!(r#"{{"a":"{}"}}"#, "x".repeat(9000));
        let target = JsonObject::parse(&half).unwrap();
        assert!(matches!(
            JsonObject::merge(Some(&target), &half.replace("\"a\"", "\"b\"")),
            Err(ValueError::TooLong { .. })
        ));
    }
}
