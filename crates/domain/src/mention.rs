//! Mentions: users whom a text names.

use crate::{MessageBody, UserId};

/// Where a text mentions a user: `<@` and `>` around the user's id. All of it is ASCII, so that its length is the same in
/// every unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mention {
    /// Who is mentioned.
    pub user_id: UserId,
    /// Where it begins, in Unicode code points.
    pub start: usize,
    /// Where it begins, in UTF-16 code units, as JavaScript counts.
    pub utf16_start: usize,
}

impl Mention {
    /// Its length: `<@`, a UUID of 36 characters, `>`.
    pub const LENGTH: usize = 39;
}

impl MessageBody {
    /// Everything in the text that has the form of a mention, whoever it may be.
    pub fn mentions(&self) -> impl Iterator<Item = Mention> + '_ {
        let text = self.as_str();
        // How far it is counted: bytes, code points, UTF-16 code units.
        let (mut counted, mut start, mut utf16_start) = (0, 0, 0);
        text.match_indices("<@").filter_map(move |(at, _)| {
            let token = text.get(at..at + Mention::LENGTH)?;
            let user_id = UserId::parse(token.strip_prefix("<@")?.strip_suffix('>')?).ok()?;
            let between = text.get(counted..at)?.chars();
            start += between.clone().count();
            utf16_start += between.map(char::len_utf16).sum::<usize>();
            counted = at;
            Some(Mention { user_id, start, utf16_start })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: &str = "0198c5a2-6f3e-7c41-9d2b-3f5a7c9e1b20";

    fn starts(text: &str) -> Vec<(usize, usize)> {
        let body = MessageBody::parse(text).unwrap();
        body.mentions().map(|mention| (mention.start, mention.utf16_start)).collect()
    }

    #[test]
    fn a_mention_tells_where_it_begins_in_both_units() {
        let token = format!("<@{ADA}>");
        assert_eq!(token.len(), Mention::LENGTH);
        let text = format!("{token}é😀{token} {token}");
        assert_eq!(starts(&text), [(0, 0), (41, 42), (81, 82)]);
        let body = MessageBody::parse(&*text).unwrap();
        for mention in body.mentions() {
            assert_eq!(mention.user_id.to_string(), ADA);
            let found: String = text.chars().skip(mention.start).take(Mention::LENGTH).collect();
            assert_eq!(found, token);
            let utf16: Vec<u16> = text.encode_utf16().skip(mention.utf16_start).take(Mention::LENGTH).collect();
            assert_eq!(String::from_utf16(&utf16).unwrap(), token);
        }
    }

    #[test]
    fn what_only_looks_like_a_mention_is_none() {
        let ada = ADA;
        for text in [
            "<@>".to_owned(),
            format!("@{ada}"),
            format!("<@{ada}"),
            format!("< @{ada}>"),
            format!("<@{}>", ada.replace('-', "")),
            format!("<@é{}>", ada.get(2..).unwrap()),
            "<@".repeat(50),
        ] {
            assert_eq!(starts(&text), [], "{text}");
        }
        assert_eq!(starts(&format!("<@<@{ada}>>")), [(2, 2)]);
    }
}
