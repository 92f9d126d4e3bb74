//! The `client_message_id` of each message that the benchmark sends.

use std::cell::Cell;
use std::fmt;

/// A key. As text it is as long as a UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key(u64);

const BEGINNING: &str = "bench-client-message";

impl Key {
    /// Reads what [`fmt::Display`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        u64::from_str_radix(text.strip_prefix(BEGINNING)?, 16).ok().map(Self)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{BEGINNING}{:016x}", self.0)
    }
}

/// Gives keys, each once.
#[derive(Debug)]
pub struct Keys(Cell<u64>);

impl Keys {
    /// The keys of this run, which no other has: of fewer than 2^32 messages.
    pub const fn of_run(run: u32) -> Self {
        Self(Cell::new((run as u64) << 32))
    }

    /// The next.
    pub fn next(&self) -> Key {
        let key = self.0.get();
        self.0.set(key + 1);
        Key(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_and_come_back_from_their_text() {
        let keys = Keys::of_run(7);
        let (one, other) = (keys.next(), keys.next());
        assert_ne!(one, other);
        assert_eq!(one.to_string().len(), 36);
        assert_eq!(Key::parse(&one.to_string()), Some(one));
        assert_eq!(Key::parse("something"), None);
    }
}
