//! Opaque cursors: a place in a list, as text that clients pass back and need not understand.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use confab_application::ports::{ActivityKey, BlockKey, Position, SentKey};
use confab_domain::{AuditEntryId, ConversationId, ReportId, Seq, SessionId, Timestamp, UserId, Version};

/// A key that a list is paged by.
pub(crate) trait CursorKey: Sized {
    /// Tells the lists' cursors apart.
    const LIST: char;
    fn write(&self) -> String;
    fn read(text: &str) -> Option<Self>;
}

impl CursorKey for Seq {
    const LIST: char = 'm';

    fn write(&self) -> String {
        self.get().to_string()
    }

    fn read(text: &str) -> Option<Self> {
        Self::parse(text.parse().ok()?).ok()
    }
}

impl CursorKey for Version {
    const LIST: char = 'v';

    fn write(&self) -> String {
        self.get().to_string()
    }

    fn read(text: &str) -> Option<Self> {
        Self::parse(text.parse().ok()?).ok()
    }
}

impl CursorKey for UserId {
    const LIST: char = 'u';

    fn write(&self) -> String {
        self.to_string()
    }

    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

impl CursorKey for AuditEntryId {
    const LIST: char = 'a';

    fn write(&self) -> String {
        self.to_string()
    }

    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

impl CursorKey for SessionId {
    const LIST: char = 's';

    fn write(&self) -> String {
        self.to_string()
    }

    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

impl CursorKey for ReportId {
    const LIST: char = 'r';

    fn write(&self) -> String {
        self.to_string()
    }

    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

impl CursorKey for SentKey {
    const LIST: char = 'f';

    fn write(&self) -> String {
        format!("{}:{}:{}", self.sent_at.as_micros(), self.conversation_id, self.seq.get())
    }

    fn read(text: &str) -> Option<Self> {
        let (time, rest) = text.split_once(':')?;
        let (conversation, seq) = rest.split_once(':')?;
        Some(Self {
            sent_at: Timestamp::from_micros(time.parse().ok()?)?,
            conversation_id: ConversationId::parse(conversation).ok()?,
            seq: Seq::parse(seq.parse().ok()?).ok()?,
        })
    }
}

impl CursorKey for BlockKey {
    const LIST: char = 'b';

    fn write(&self) -> String {
        format!("{}:{}", self.since.as_micros(), self.blocked_id)
    }

    fn read(text: &str) -> Option<Self> {
        let (time, id) = text.split_once(':')?;
        Some(Self { since: Timestamp::from_micros(time.parse().ok()?)?, blocked_id: UserId::parse(id).ok()? })
    }
}

impl CursorKey for ActivityKey {
    const LIST: char = 'c';

    fn write(&self) -> String {
        format!("{}:{}", self.last_activity_at.as_micros(), self.id)
    }

    fn read(text: &str) -> Option<Self> {
        let (time, id) = text.split_once(':')?;
        Some(Self {
            last_activity_at: Timestamp::from_micros(time.parse().ok()?)?,
            id: ConversationId::parse(id).ok()?,
        })
    }
}

/// The cursor of a position.
pub(crate) fn encode<K: CursorKey>(position: &Position<K>) -> String {
    let (side, key) = match position {
        Position::After(key) => ('a', key),
        Position::Before(key) => ('b', key),
    };
    URL_SAFE_NO_PAD.encode(format!("{}{side}{}", K::LIST, key.write()))
}

/// The position of a cursor; none where the text is no cursor of this list.
pub(crate) fn decode<K: CursorKey>(cursor: &str) -> Option<Position<K>> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let rest = text.strip_prefix(K::LIST)?;
    match rest.strip_prefix('a') {
        Some(key) => K::read(key).map(Position::After),
        None => rest.strip_prefix('b').and_then(K::read).map(Position::Before),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_the_position_that_it_was_made_of() {
        let seq = Position::After(Seq::parse(42).unwrap());
        assert_eq!(decode(&encode(&seq)), Some(seq));
        let key = ActivityKey {
            last_activity_at: Timestamp::parse("0001-01-01T00:00:00.000001Z").unwrap(),
            id: ConversationId::parse("0198c5a2-6f3e-7c41-9d2b-3f5a7c9e1b20").unwrap(),
        };
        let key = Position::Before(key);
        assert_eq!(decode(&encode(&key)), Some(key));
    }

    #[test]
    fn what_is_no_cursor_of_this_list_is_refused() {
        let other = encode(&Position::After(Seq::ZERO));
        assert_eq!(decode::<ActivityKey>(&other), None);
        for text in ["", "x", "🙂", "bWE", "bWEtMQ", &"A".repeat(10_000)] {
            assert_eq!(decode::<Seq>(text), None, "{text}");
        }
    }
}
