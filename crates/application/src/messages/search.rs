//! Search the messages of one's own conversations.

use std::ops::Range;

use confab_domain::{ConversationId, Operation, Relation, SearchTerms, Timestamp, Unit, UserId, ValueError, may};

use crate::ports::{MessageSearch, PageRequest, SentKey};
use crate::views::MessageView;
use crate::{App, Error, FieldError, Viewer};

/// The most characters of a search.
pub const MAX_SEARCH_CHARACTERS: usize = 500;

/// A message that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The message.
    pub view: MessageView,
    /// Where in its text, in code points.
    pub ranges: Vec<Range<usize>>,
}

/// Part of what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hits {
    /// The messages, the newest first. They may be fewer than were asked for, and even none, though others follow.
    pub items: Vec<Hit>,
    /// The last one that was looked at, if others follow.
    pub next: Option<SentKey>,
    /// The first one that was looked at, if others come before.
    pub previous: Option<SentKey>,
}

/// Searches by a text of words, phrases in double quotes, and the operators `from:` (a user's id, or `me`), `in:` (a
/// conversation's id), `before:` and `after:` (a date of UTC, or a time of RFC 3339; the day or time itself is not meant).
///
/// # Errors
/// [`Error::Invalid`] where nothing is left to search for, or an operator's value is none.
pub async fn search(app: &App, viewer: &Viewer, text: &str, page: &PageRequest<SentKey>) -> Result<Hits, Error> {
    may(Operation::SearchMessages, viewer.user.role, Relation::None)?;
    let search =
        parse(text, viewer.user.id).map_err(|error| Error::Invalid(vec![FieldError::of_value("q", &error)]))?;
    let found = app.store.search().candidates(viewer.user.id, &search, page).await?;
    let next = found.items.last().filter(|_| found.has_next).map(|view| SentKey::of(&view.message));
    let previous = found.items.first().filter(|_| found.has_previous).map(|view| SentKey::of(&view.message));
    let hit = |view: MessageView| Some(Hit { ranges: search.terms.find_in(view.message.body())?, view });
    Ok(Hits { items: found.items.into_iter().filter_map(hit).collect(), next, previous })
}

fn parse(text: &str, me: UserId) -> Result<MessageSearch, ValueError> {
    let actual = text.chars().count();
    if actual > MAX_SEARCH_CHARACTERS {
        return Err(ValueError::TooLong { max: MAX_SEARCH_CHARACTERS, actual, unit: Unit::Characters });
    }
    // None of them occurs in a text, and PostgreSQL takes none.
    if let Some(position) = text.chars().position(|character| character == '\0') {
        return Err(ValueError::ForbiddenCharacter { character: '\0', position });
    }
    let (mut sender_id, mut conversation_id, mut sent_from, mut sent_before) = (None, None, None, None);
    let mut terms = Vec::new();
    for word in words(text) {
        match word {
            Word::Phrase(phrase) => terms.push(phrase),
            Word::Plain(word) => match word.split_once(':') {
                Some(("from", "me")) => once(&mut sender_id, me)?,
                Some(("from", id)) => once(&mut sender_id, UserId::parse(id)?)?,
                Some(("in", id)) => once(&mut conversation_id, ConversationId::parse(id)?)?,
                Some(("before", when)) => once(&mut sent_before, moment(when, 0, 0)?)?,
                Some(("after", when)) => once(&mut sent_from, moment(when, SECONDS_OF_A_DAY, 1)?)?,
                _ => terms.push(word),
            },
        }
    }
    let terms = SearchTerms::parse(terms)?;
    Ok(MessageSearch { terms, sender_id, conversation_id, sent_from, sent_before })
}

const SECONDS_OF_A_DAY: u32 = 24 * 60 * 60;

fn once<T>(place: &mut Option<T>, value: T) -> Result<(), ValueError> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(ValueError::Malformed { expected: "a search with each operator once" }),
    }
}

/// A day's beginning, and so many seconds; or a time, and so many microseconds.
fn moment(text: &str, seconds_after_day: u32, micros_after_time: i64) -> Result<Timestamp, ValueError> {
    let expected = "a date such as 2026-01-31, or a date and time of RFC 3339, after `before:` and `after:`";
    let malformed = ValueError::Malformed { expected };
    match Timestamp::parse(&format!("{text}T00:00:00Z")) {
        Ok(day) => Ok(day.plus_seconds(seconds_after_day)),
        Err(_) => {
            let time = Timestamp::parse(text).map_err(|_| malformed.clone())?;
            Timestamp::from_micros(time.as_micros() + micros_after_time).ok_or(malformed)
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Word<'a> {
    Plain(&'a str),
    Phrase(&'a str),
}

/// The words and phrases of a search. A quote that is not closed reaches to the end.
fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    for (place, part) in text.split('"').enumerate() {
        if place % 2 == 1 {
            words.push(Word::Phrase(part));
        } else {
            words.extend(part.split_whitespace().map(Word::Plain));
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_phrases_are_told_apart() {
        use Word::{Phrase, Plain};
        assert_eq!(words(r#"a b"c d"e "f"#), [Plain("a"), Plain("b"), Phrase("c d"), Plain("e"), Phrase("f")]);
        assert_eq!(words(r#"say "from:me""#), [Plain("say"), Phrase("from:me")]);
    }

    #[test]
    fn days_and_times_that_are_named_are_not_meant() {
        let time = |text: &str| Some(Timestamp::parse(text).unwrap());
        let me: UserId = UserId::parse("0198c5a2-6f3e-7c41-9d2b-3f5a7c9e1b20").unwrap();
        let search = parse("x after:2026-01-31 before:2026-02-02 from:me", me).unwrap();
        assert_eq!(
            (search.sent_from, search.sent_before),
            (time("2026-02-01T00:00:00Z"), time("2026-02-02T00:00:00Z"))
        );
        assert_eq!((search.sender_id, search.conversation_id), (Some(me), None));
        let search = parse("x after:2026-01-31T10:00:00+01:00", me).unwrap();
        assert_eq!(search.sent_from, time("2026-01-31T09:00:00.000001Z"));
        for wrong in ["from:me", "x from:ada", "x in:here", "x before:now", "x from:me from:me", "", "\0", "\" \""] {
            assert!(parse(wrong, me).is_err(), "{wrong}");
        }
        assert!(parse("mailto:ada http://x", me).is_ok());
    }
}
