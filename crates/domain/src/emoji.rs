//! Emoji, with which people react to messages.

use crate::ValueError;

/// One emoji of Unicode's list, in its fully qualified form, so that each has one spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Emoji(&'static str);

impl Emoji {
    /// Reads an emoji, with its variation selectors or without.
    ///
    /// # Errors
    /// [`ValueError::Malformed`] for anything else, two emoji in a row included.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let emoji = emojis::get(text).ok_or(ValueError::Malformed { expected: "one emoji, such as 👍" })?;
        Ok(Self(emoji.as_str()))
    }

    /// The emoji.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emoji_is_one_of_unicode_s_list_in_one_spelling() {
        for text in ["👍", "👍🏽", "🇫🇷", "👩‍👩‍👧‍👦", "1️⃣", "❤️", "🏴󠁧󠁢󠁳󠁣󠁴󠁿"]
        {
            assert_eq!(Emoji::parse(text).unwrap().as_str(), text);
        }
        assert_eq!(Emoji::parse("❤"), Emoji::parse("❤️"));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "a", "1", ":+1:", "👍👍", "👍 ", " 👍", "\u{fe0f}", "\u{200d}", "é", "\u{1f1eb}"] {
            assert!(Emoji::parse(text).is_err(), "{text}");
        }
    }
}
