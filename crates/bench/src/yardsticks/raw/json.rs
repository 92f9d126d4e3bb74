//! Writes JSON, field by field.

use std::fmt::Display;
use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use confab_domain::Timestamp;
use sea_orm::prelude::Uuid;

/// JSON that is being written.
pub(super) struct Json(pub(super) Vec<u8>);

impl Json {
    /// The beginning of a page.
    pub(super) fn page() -> Self {
        let mut json = Self(Vec::with_capacity(20 * 1024));
        json.raw(r#"{"items":["#);
        json
    }

    /// The end of a page; what follows it has this key in its list.
    pub(super) fn end(mut self, next: Option<String>) -> Vec<u8> {
        self.raw(r#"],"next_cursor":"#);
        match next {
            Some(key) => self.quoted(URL_SAFE_NO_PAD.encode(key)),
            None => self.raw("null"),
        }
        self.raw(r#","previous_cursor":null}"#);
        self.0
    }

    /// A comma, but for the first.
    pub(super) fn comma(&mut self, first: bool) {
        if !first {
            self.raw(",");
        }
    }

    /// Text as it is.
    pub(super) fn raw(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
    }

    /// What needs no quotes.
    pub(super) fn plain(&mut self, value: impl Display) {
        // Writing to memory does not fail.
        let _ = write!(self.0, "{value}");
    }

    /// What needs quotes, and has nothing in it that must be escaped.
    pub(super) fn quoted(&mut self, value: impl Display) {
        let _ = write!(self.0, "\"{value}\"");
    }

    /// Any text.
    pub(super) fn text(&mut self, text: &str) {
        let _ = serde_json::to_writer(&mut self.0, text);
    }

    /// Any text, or `null`.
    pub(super) fn optional(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text(text),
            None => self.raw("null"),
        }
    }

    /// A time of the database.
    pub(super) fn time(&mut self, micros: i64) {
        match Timestamp::from_micros(micros) {
            Some(time) => self.quoted(time),
            None => self.raw("null"),
        }
    }

    /// A time of the database, or `null`.
    pub(super) fn optional_time(&mut self, micros: Option<i64>) {
        match micros {
            Some(micros) => self.time(micros),
            None => self.raw("null"),
        }
    }

    /// A user as others see them, who has not been deleted: nobody is, here.
    pub(super) fn user(&mut self, id: Uuid, first_name: &str, last_name: &str) {
        self.raw(r#"{"id":"#);
        self.quoted(id);
        self.raw(r#","first_name":"#);
        self.text(first_name);
        self.raw(r#","last_name":"#);
        self.text(last_name);
        self.raw(r#","deleted":false}"#);
    }
}
