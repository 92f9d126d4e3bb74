//! Text that people write, with its limits.

use crate::{Unit, ValueError};

/// A first or a last name: 1 to 100 characters on one line, without white space around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonName(String);

/// The title of a group: 1 to 200 characters on one line, without white space around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title(String);

/// Why somebody with the power to do so has changed what is not theirs: 1 to 500 characters on one line, without white
/// space around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(String);

/// The text of a message: 1 to 20,000 characters of any Unicode but U+0000, kept exactly as given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageBody(String);

/// What somebody remarks on a message that they report, or an admin on the report: 1 to 1,000 characters of any Unicode but
/// U+0000, without white space around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark(String);

/// A key that the sender chose for one message, so that a retry is recognised: 1 to 64 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientMessageId(String);

/// What somebody calls the device that they log in from: 1 to 100 characters on one line, without white space around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceName(String);

/// What a client calls itself (RFC 9110, section 10.1.5), as far as it is kept: 256 characters of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserAgent(String);

impl PersonName {
    /// The most characters that a name may have.
    pub const MAX_CHARACTERS: usize = 100;

    /// Reads a name; white space around it is dropped.
    ///
    /// # Errors
    /// Empty, too long, or with a control character.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        one_line(text, Self::MAX_CHARACTERS).map(Self)
    }

    /// What stands in place of a deleted user's name.
    pub(crate) fn of_nobody(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// Takes back what [`PersonName::as_str`] gave, whatever today's limits are.
    ///
    /// # Errors
    /// [`ValueError::Empty`].
    pub fn restore(text: String) -> Result<Self, ValueError> {
        not_empty(text).map(Self)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name itself.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl Title {
    /// The most characters that a title may have.
    pub const MAX_CHARACTERS: usize = 200;

    /// Reads a title; white space around it is dropped.
    ///
    /// # Errors
    /// Empty, too long, or with a control character.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        one_line(text, Self::MAX_CHARACTERS).map(Self)
    }

    /// Takes back what [`Title::as_str`] gave, whatever today's limits are.
    ///
    /// # Errors
    /// [`ValueError::Empty`].
    pub fn restore(text: String) -> Result<Self, ValueError> {
        not_empty(text).map(Self)
    }

    /// The title.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What titles are searched by: lower case by Unicode, the same on every storage adapter.
    pub fn search_key(text: &str) -> String {
        text.to_lowercase()
    }
}

impl Reason {
    /// The most characters that a reason may have.
    pub const MAX_CHARACTERS: usize = 500;

    /// Reads a reason; white space around it is dropped.
    ///
    /// # Errors
    /// Empty, too long, or with a control character.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        one_line(text, Self::MAX_CHARACTERS).map(Self)
    }

    /// Takes back what [`Reason::as_str`] gave, whatever today's limits are.
    ///
    /// # Errors
    /// [`ValueError::Empty`].
    pub fn restore(text: String) -> Result<Self, ValueError> {
        not_empty(text).map(Self)
    }

    /// The reason.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl MessageBody {
    /// The most characters that a message may have.
    pub const MAX_CHARACTERS: usize = 20_000;

    /// Takes a text as it is.
    ///
    /// # Errors
    /// Empty, too long, or with U+0000, which PostgreSQL cannot keep.
    pub fn parse(text: impl Into<String>) -> Result<Self, ValueError> {
        let text = not_empty(text.into())?;
        at_most(&text, Self::MAX_CHARACTERS)?;
        without(&text, |c| c == '\0')?;
        Ok(Self(text))
    }

    /// Takes back what [`MessageBody::as_str`] gave, whatever today's limits are.
    ///
    /// # Errors
    /// [`ValueError::Empty`].
    pub fn restore(text: String) -> Result<Self, ValueError> {
        not_empty(text).map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Remark {
    /// The most characters that a remark may have.
    pub const MAX_CHARACTERS: usize = 1_000;

    /// Reads a remark; white space around it is dropped.
    ///
    /// # Errors
    /// Empty, too long, or with U+0000, which PostgreSQL cannot keep.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let text = not_empty(text.trim().to_owned())?;
        at_most(&text, Self::MAX_CHARACTERS)?;
        without(&text, |c| c == '\0')?;
        Ok(Self(text))
    }

    /// Takes back what [`Remark::as_str`] gave, whatever today's limits are.
    ///
    /// # Errors
    /// [`ValueError::Empty`].
    pub fn restore(text: String) -> Result<Self, ValueError> {
        not_empty(text).map(Self)
    }

    /// The remark.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ClientMessageId {
    /// The most characters that a key may have.
    pub const MAX_CHARACTERS: usize = 64;

    /// Reads a key.
    ///
    /// # Errors
    /// Empty, too long, or with a character other than U+0021 to U+007E.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        if text.is_empty() {
            return Err(ValueError::Empty);
        }
        at_most(text, Self::MAX_CHARACTERS)?;
        without(text, |c| !c.is_ascii_graphic())?;
        Ok(Self(text.to_owned()))
    }

    /// Takes back what [`ClientMessageId::as_str`] gave, whatever today's limits are.
    ///
    /// # Errors
    /// [`ValueError::Empty`].
    pub fn restore(text: String) -> Result<Self, ValueError> {
        not_empty(text).map(Self)
    }

    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl DeviceName {
    /// The most characters that a name may have.
    pub const MAX_CHARACTERS: usize = 100;

    /// Reads a name; white space around it is dropped.
    ///
    /// # Errors
    /// Empty, too long, or with a control character.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        one_line(text, Self::MAX_CHARACTERS).map(Self)
    }

    /// Takes back what [`DeviceName::as_str`] gave, whatever today's limits are.
    ///
    /// # Errors
    /// [`ValueError::Empty`].
    pub fn restore(text: String) -> Result<Self, ValueError> {
        not_empty(text).map(Self)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl UserAgent {
    /// How many characters of it are kept.
    pub const MAX_CHARACTERS: usize = 256;

    /// Takes what a client says of itself, which nobody has typed: control characters are dropped, and so is what is too
    /// much. None where nothing is left.
    pub fn of_header(text: &str) -> Option<Self> {
        let kept: String = text.trim().chars().filter(|c| !c.is_control()).take(Self::MAX_CHARACTERS).collect();
        not_empty(kept).ok().map(Self)
    }

    /// Takes back what [`UserAgent::as_str`] gave, whatever today's limits are.
    ///
    /// # Errors
    /// [`ValueError::Empty`].
    pub fn restore(text: String) -> Result<Self, ValueError> {
        not_empty(text).map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn not_empty(text: String) -> Result<String, ValueError> {
    if text.is_empty() { Err(ValueError::Empty) } else { Ok(text) }
}

fn one_line(text: &str, max: usize) -> Result<String, ValueError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(ValueError::Empty);
    }
    at_most(text, max)?;
    without(text, char::is_control)?;
    Ok(text.to_owned())
}

fn at_most(text: &str, max: usize) -> Result<(), ValueError> {
    // Bytes bound characters from above: the count is needed only for a text that may be too long.
    let actual = if text.len() <= max { text.len() } else { text.chars().count() };
    if actual > max {
        return Err(ValueError::TooLong { max, actual, unit: Unit::Characters });
    }
    Ok(())
}

fn without(text: &str, forbidden: impl Fn(char) -> bool) -> Result<(), ValueError> {
    match text.chars().enumerate().find(|(_, c)| forbidden(*c)) {
        Some((position, character)) => Err(ValueError::ForbiddenCharacter { character, position }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_titles_are_one_trimmed_line() {
        assert_eq!(PersonName::parse("  Ada ").unwrap().as_str(), "Ada");
        assert_eq!(PersonName::parse(" \t"), Err(ValueError::Empty));
        assert_eq!(Title::parse("two\nlines"), Err(ValueError::ForbiddenCharacter { character: '\n', position: 3 }));
    }

    #[test]
    fn limits_count_characters_and_not_bytes() {
        assert!(PersonName::parse(&"é".repeat(100)).is_ok());
        assert_eq!(
            PersonName::parse(&"é".repeat(101)),
            Err(ValueError::TooLong { max: 100, actual: 101, unit: Unit::Characters })
        );
        assert!(MessageBody::parse("😀".repeat(20_000)).is_ok());
        assert!(MessageBody::parse("😀".repeat(20_001)).is_err());
    }

    #[test]
    fn a_message_is_kept_as_given() {
        for text in [" ", "\n", "\u{1}\u{7f}", " e\u{301} ", "\u{feff}x", "\u{202e}x"] {
            assert_eq!(MessageBody::parse(text).unwrap().as_str(), text);
        }
        assert_eq!(MessageBody::parse(""), Err(ValueError::Empty));
        assert_eq!(MessageBody::parse("a\0"), Err(ValueError::ForbiddenCharacter { character: '\0', position: 1 }));
    }

    #[test]
    fn a_remark_may_have_several_lines() {
        assert_eq!(Remark::parse(" one\ntwo \n").unwrap().as_str(), "one\ntwo");
        assert!(Remark::parse(&"😀".repeat(1_000)).is_ok());
        assert!(Remark::parse(&"😀".repeat(1_001)).is_err());
        assert_eq!(Remark::parse(" \n"), Err(ValueError::Empty));
        assert_eq!(Remark::parse("a\0"), Err(ValueError::ForbiddenCharacter { character: '\0', position: 1 }));
    }

    #[test]
    fn what_was_kept_is_not_judged_by_today_s_limits() {
        let kept = "two\nlines, ".repeat(10_000);
        assert_eq!(PersonName::restore(kept.clone()).unwrap().as_str(), kept);
        assert_eq!(Title::restore(kept.clone()).unwrap().as_str(), kept);
        assert_eq!(MessageBody::restore(kept.clone()).unwrap().as_str(), kept);
        assert_eq!(ClientMessageId::restore(kept.clone()).unwrap().as_str(), kept);
        assert_eq!(PersonName::restore(String::new()), Err(ValueError::Empty));
        assert_eq!(Title::restore(String::new()), Err(ValueError::Empty));
        assert_eq!(MessageBody::restore(String::new()), Err(ValueError::Empty));
        assert_eq!(ClientMessageId::restore(String::new()), Err(ValueError::Empty));
    }

    #[test]
    fn a_client_message_id_is_visible_ascii() {
        assert!(ClientMessageId::parse(&"k".repeat(64)).is_ok());
        for text in ["", "a b", "é", &"k".repeat(65)] {
            assert!(ClientMessageId::parse(text).is_err(), "{text}");
        }
    }
}
