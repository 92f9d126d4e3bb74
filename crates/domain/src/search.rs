//! What it means that a search finds a text. The rule is here alone; adapters look up candidates by [`index_tokens`].
//!
//! A text is a sequence of units: words, single characters of scripts that put no space between words (Chinese, Japanese,
//! Thai and others; Korean as well, whose words carry their particles), and single symbols such as emoji. What lies between,
//! white space and punctuation, does not count, nor does case. A term of a search is a sequence of units as well, and is
//! found where the text has them one after the other, the last word of the term being perhaps only the beginning of one.

use std::ops::Range;

use crate::ValueError;

/// The longest beginning of a word that is kept in an index, in characters.
const INDEXED: usize = 40;

/// A unit of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Unit {
    /// The unit in lower case.
    text: String,
    /// Whether it is a character of a script without spaces.
    unspaced: bool,
    /// Where it is in the text, in code points.
    place: Range<usize>,
}

/// What is between operators and quotes in a search: units that are to be found one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchTerm(Vec<Unit>);

/// What a text is searched for: every term must be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchTerms(Vec<SearchTerm>);

impl SearchTerms {
    /// The most terms of a search.
    pub const MOST: usize = 16;

    /// The terms, of which those without any unit, such as a lone comma, do not count.
    ///
    /// # Errors
    /// [`ValueError::Empty`] where nothing is left; [`ValueError::Malformed`] beyond [`SearchTerms::MOST`].
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, ValueError> {
        let terms: Vec<SearchTerm> =
            texts.into_iter().map(|text| SearchTerm(units(text))).filter(|term| !term.0.is_empty()).collect();
        match terms.len() {
            0 => Err(ValueError::Empty),
            1..=Self::MOST => Ok(Self(terms)),
            _ => Err(ValueError::Malformed { expected: "at most 16 words and phrases" }),
        }
    }

    /// Where the terms are in the text, in code points, in order and without overlap; none where one of them is not found.
    pub fn find_in(&self, text: &str) -> Option<Vec<Range<usize>>> {
        let text = units(text);
        let mut found: Vec<Range<usize>> = Vec::new();
        for SearchTerm(term) in &self.0 {
            let before = found.len();
            let places = text.windows(term.len()).filter(|window| begins_with(window, term));
            found.extend(places.filter_map(|window| Some(window.first()?.place.start..window.last()?.place.end)));
            if found.len() == before {
                return None;
            }
        }
        Some(merged(found))
    }

    /// Beginnings of tokens: a text in which the terms are found has, for each, a token among its [`index_tokens`] that
    /// begins with it. Each once.
    pub fn index_prefixes(&self) -> Vec<String> {
        let mut prefixes: Vec<String> = self.0.iter().flat_map(|term| prefixes(&term.0)).collect();
        prefixes.sort_unstable();
        prefixes.dedup();
        prefixes
    }
}

/// What an index keeps of a text: its words' beginnings, its symbols, and each pair of neighbours of a script without
/// spaces. Each once, in order; letters, digits, marks and symbols only.
pub fn index_tokens(text: &str) -> Vec<String> {
    let units = units(text);
    let mut tokens: Vec<String> = Vec::with_capacity(units.len());
    for (place, unit) in units.iter().enumerate() {
        match units.get(place + 1).filter(|next| unit.unspaced && next.unspaced) {
            Some(next) => tokens.push(format!("{}{}", unit.text, next.text)),
            None => tokens.push(beginning(&unit.text)),
        }
    }
    tokens.sort_unstable();
    tokens.dedup();
    tokens
}

fn prefixes(term: &[Unit]) -> Vec<String> {
    let pairs = term.windows(2).filter_map(|pair| match pair {
        [one, next] if one.unspaced && next.unspaced => Some(format!("{}{}", one.text, next.text)),
        _ => None,
    });
    // One of a pair needs no place of its own.
    let in_pair = |place: usize| {
        let unspaced = |place: usize| term.get(place).is_some_and(|unit| unit.unspaced);
        unspaced(place) && (unspaced(place + 1) || place.checked_sub(1).is_some_and(unspaced))
    };
    let alone = term.iter().enumerate().filter(|(place, _)| !in_pair(*place)).map(|(_, unit)| beginning(&unit.text));
    pairs.chain(alone).collect()
}

fn beginning(word: &str) -> String {
    word.chars().take(INDEXED).collect()
}

fn begins_with(window: &[Unit], term: &[Unit]) -> bool {
    let last = term.len().saturating_sub(1);
    window.iter().zip(term).enumerate().all(|(place, (unit, wanted))| {
        if place == last { unit.text.starts_with(&wanted.text) } else { unit.text == wanted.text }
    })
}

fn merged(mut found: Vec<Range<usize>>) -> Vec<Range<usize>> {
    found.sort_unstable_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(found.len());
    for range in found {
        match merged.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

fn units(text: &str) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    let mut in_word = false;
    for (place, character) in text.chars().enumerate() {
        let kind = Kind::of(character);
        match units.last_mut().filter(|_| in_word && kind == Kind::Word) {
            Some(word) => {
                word.text.extend(lower(character));
                word.place.end = place + 1;
            }
            None if kind != Kind::Between => units.push(Unit {
                text: lower(character).collect(),
                unspaced: kind == Kind::Unspaced,
                place: place..place + 1,
            }),
            None => {}
        }
        in_word = kind == Kind::Word;
    }
    units
}

/// Case by character, so that it does not depend on what is around it. Sigma has one form more at the end of words.
fn lower(character: char) -> impl Iterator<Item = char> {
    character.to_lowercase().map(|lower| if lower == 'ς' { 'σ' } else { lower })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Part of a word.
    Word,
    /// A character of a script without spaces.
    Unspaced,
    /// Stands for itself.
    Symbol,
    /// White space and punctuation.
    Between,
}

impl Kind {
    fn of(character: char) -> Self {
        match character {
            // Thai, Lao; Myanmar; Khmer; Hangul's letters; iteration marks, Hiragana, Katakana, Bopomofo; Han; Hangul; the
            // half-width forms of Katakana and Hangul; Han beyond the first plane.
            '\u{e01}'..='\u{edf}'
            | '\u{1000}'..='\u{109f}'
            | '\u{1100}'..='\u{11ff}'
            | '\u{1780}'..='\u{17d3}'
            | '\u{3005}'..='\u{3007}'
            | '\u{3041}'..='\u{3096}'
            | '\u{309d}'..='\u{309f}'
            | '\u{30a1}'..='\u{30fa}'
            | '\u{30fc}'..='\u{318f}'
            | '\u{31a0}'..='\u{31bf}'
            | '\u{31f0}'..='\u{31ff}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{a960}'..='\u{a97f}'
            | '\u{ac00}'..='\u{d7ff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{ff66}'..='\u{ffdc}'
            | '\u{20000}'..='\u{3ffff}' => Self::Unspaced,
            // Marks that are written over letters. Most of the others count as alphabetic.
            '\u{300}'..='\u{36f}' => Self::Word,
            _ if character.is_alphanumeric() => Self::Word,
            // Arrows, signs, pictures; emoji.
            '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}' => Self::Symbol,
            _ => Self::Between,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(terms: &[&str], text: &str) -> Option<Vec<(usize, usize)>> {
        let ranges = SearchTerms::parse(terms.iter().copied()).unwrap().find_in(text)?;
        Some(ranges.into_iter().map(|range| (range.start, range.end)).collect())
    }

    #[test]
    fn words_are_found_in_any_case_and_by_their_beginning() {
        for (terms, text, places) in [
            (&["engine"][..], "The Analytical ENGINES", Some(vec![(15, 22)])),
            (&["gine"], "The Analytical Engine", None),
            (&["the", "ana"], "The Analytical Engine", Some(vec![(0, 3), (4, 14)])),
            (&["the", "loom"], "The Analytical Engine", None),
            (&["hello wor"], "Hello,  World!", Some(vec![(0, 13)])),
            (&["hell wor"], "Hello,  World!", None),
            (&["ΣΊΣΥΦΟΣ"], "Σίσυφος", Some(vec![(0, 7)])),
            (&["привет"], "Ну ПРИВЕТ!", Some(vec![(3, 9)])),
            (&["e.g."], "E G", Some(vec![(0, 3)])),
            (&["👍"], "ok 👍🏽", Some(vec![(3, 4)])),
            (&["ab", "abc"], "abcd ab", Some(vec![(0, 4), (5, 7)])),
        ] {
            assert_eq!(found(terms, text), places, "{terms:?} in {text:?}");
        }
    }

    #[test]
    fn scripts_without_spaces_are_found_anywhere_in_a_run() {
        for (term, text, place) in [
            ("中", "我在中国", Some(vec![(2, 3)])),
            ("中国", "我在中国工作", Some(vec![(2, 4)])),
            ("国中", "我在中国工作", None),
            ("日本語", "これは日本語です", Some(vec![(3, 6)])),
            ("カタ", "ひらがなカタカナ", Some(vec![(4, 6)])),
            ("한국", "대한국인", Some(vec![(1, 3)])),
            ("어", "한국어를", Some(vec![(2, 3)])),
            ("iphone手机", "新iPhone手机壳", Some(vec![(1, 9)])),
            ("日本", "日\n本", Some(vec![(0, 3)])),
        ] {
            assert_eq!(found(&[term], text), place, "{term} in {text}");
        }
    }

    #[test]
    fn an_index_leads_to_every_text_that_is_found() {
        let texts =
            ["a 中国 b", "中", "The Engine", "新iPhone手机壳", "x👍y", "日本語です", &"long".repeat(50), "Ünïcödé"];
        let terms = [
            "中",
            "国",
            "中国",
            "eng",
            "iphone手机",
            "手",
            "👍",
            "本語",
            "語で",
            &"long".repeat(30),
            "a 中",
            "国 b",
            "ünï",
        ];
        let mut hits = 0;
        for text in texts {
            let tokens = index_tokens(text);
            for term in terms {
                let terms = SearchTerms::parse([term]).unwrap();
                let leads =
                    terms.index_prefixes().iter().all(|prefix| tokens.iter().any(|token| token.starts_with(prefix)));
                let is_found = terms.find_in(text).is_some();
                hits += usize::from(is_found);
                assert!(leads || !is_found, "{term} in {text}: {tokens:?}");
            }
        }
        assert!(hits > 12, "{hits}");
    }

    #[test]
    fn what_has_no_word_in_it_is_refused() {
        assert_eq!(SearchTerms::parse(["", " ,", "…"]), Err(ValueError::Empty));
        assert!(SearchTerms::parse(vec!["x"; 17]).is_err());
        assert!(index_tokens("…  !?").is_empty());
    }
}
