//! All the keys of a deployment, of which one signs.

use confab_domain::Timestamp;
use jsonwebtoken::{DecodingKey, EncodingKey};

use super::{KeyError, SigningKey};

/// A key, and its place among the others.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) key: SigningKey,
    /// None for the key of a file from before there could be several.
    pub(super) dates: Option<Dates>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dates {
    pub(super) made: Timestamp,
    pub(super) signs_from: Timestamp,
}

/// At least one key. The one signs that was the last to begin; those before it verify what they have signed, until the last
/// of that has expired.
#[derive(Clone)]
pub struct KeySet(Vec<Entry>);

/// What may be told of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyInfo {
    /// Its name in the header of a token: `kid`.
    pub id: String,
    /// When it was made, where that is known.
    pub made: Option<Timestamp>,
    /// What it does.
    pub state: KeyState,
    /// Whether it was thought up, and not made at random.
    pub guessable: bool,
}

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// It will sign from then on. Until then it verifies, should somebody's clock be fast.
    Waits(Timestamp),
    /// It signs and verifies.
    Signs,
    /// Another signs, and it verifies until then.
    Verifies(Timestamp),
    /// Nothing that it signed is good any more.
    Retired,
}

impl KeySet {
    /// The most keys at once.
    pub const MAX_KEYS: usize = 16;
    /// For how long a key verifies when another signs, in seconds: the longest life that a token can be given, which is a
    /// day, and an hour for clocks that differ.
    pub const VERIFIES_SECONDS: u32 = 25 * 60 * 60;

    /// A new key that signs at once.
    ///
    /// # Errors
    /// [`KeyError::NoRandomness`].
    pub fn generate(now: Timestamp) -> Result<Self, KeyError> {
        Ok(Self(vec![new_key(now, now)?]))
    }

    /// The keys of a file.
    ///
    /// # Errors
    /// [`KeyError::NoKey`], [`KeyError::TooMany`], or [`KeyError::Twice`].
    pub(super) fn restore(mut entries: Vec<Entry>) -> Result<Self, KeyError> {
        if entries.is_empty() {
            return Err(KeyError::NoKey);
        }
        if entries.len() > Self::MAX_KEYS {
            return Err(KeyError::TooMany);
        }
        // The one without dates is the oldest.
        entries.sort_by_key(|entry| entry.dates.map(|dates| dates.signs_from));
        let is_there_before = |(at, entry): (usize, &Entry)| {
            entries[..at].iter().any(|before| before.id == entry.id || before.dates.is_none() && entry.dates.is_none())
        };
        if entries.iter().enumerate().any(is_there_before) {
            return Err(KeyError::Twice);
        }
        Ok(Self(entries))
    }

    /// With a new key that signs from then on, and without those that are retired.
    ///
    /// # Errors
    /// [`KeyError::TooMany`], [`KeyError::NoRandomness`].
    pub fn rotate(&self, now: Timestamp, signs_from: Timestamp) -> Result<Self, KeyError> {
        let mut entries = self.prune(now).0;
        entries.push(new_key(now, signs_from)?);
        Self::restore(entries)
    }

    /// Without the keys that are retired.
    #[must_use]
    pub fn prune(&self, now: Timestamp) -> Self {
        let kept = self.entries(now).filter(|(_, state)| *state != KeyState::Retired);
        Self(kept.map(|(entry, _)| entry.clone()).collect())
    }

    /// What there is to tell of each, the oldest first.
    pub fn list(&self, now: Timestamp) -> Vec<KeyInfo> {
        let info = |(entry, state): (&Entry, KeyState)| KeyInfo {
            id: entry.id.clone(),
            made: entry.dates.map(|dates| dates.made),
            state,
            guessable: entry.key.is_guessable(),
        };
        self.entries(now).map(info).collect()
    }

    /// How many there are.
    #[expect(clippy::len_without_is_empty, reason = "there is always one")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The key that signs, and its id.
    pub(crate) fn signing(&self, now: Timestamp) -> Option<(&str, EncodingKey)> {
        let (entry, _) = self.entries(now).find(|(_, state)| *state == KeyState::Signs)?;
        Some((&entry.id, EncodingKey::from_secret(entry.key.as_bytes())))
    }

    /// The key of this id, while what it has signed may be good. No id is that of the key without dates, whose tokens may
    /// be from before they had one.
    pub(crate) fn verifying(&self, id: Option<&str>, now: Timestamp) -> Option<DecodingKey> {
        let is_meant = |entry: &Entry| id.map_or(entry.dates.is_none(), |id| entry.id == id);
        let (entry, state) = self.entries(now).find(|(entry, _)| is_meant(entry))?;
        (state != KeyState::Retired).then(|| DecodingKey::from_secret(entry.key.as_bytes()))
    }

    pub(super) fn as_slice(&self) -> &[Entry] {
        &self.0
    }

    fn entries(&self, now: Timestamp) -> impl Iterator<Item = (&Entry, KeyState)> {
        let has_begun = |entry: &Entry| entry.dates.is_none_or(|dates| dates.signs_from <= now);
        // Where none has begun, by a clock that was set back, the first one signs all the same.
        let signs = self.0.iter().rposition(has_begun).unwrap_or(0);
        self.0.iter().enumerate().map(move |(at, entry)| {
            let next = self.0.get(at + 1).and_then(|next| next.dates).map(|dates| dates.signs_from);
            let until = next.unwrap_or(now).plus_seconds(Self::VERIFIES_SECONDS);
            let state = match at.cmp(&signs) {
                std::cmp::Ordering::Equal => KeyState::Signs,
                std::cmp::Ordering::Greater => KeyState::Waits(entry.dates.map_or(now, |dates| dates.signs_from)),
                std::cmp::Ordering::Less if now < until => KeyState::Verifies(until),
                std::cmp::Ordering::Less => KeyState::Retired,
            };
            (entry, state)
        })
    }
}

impl From<SigningKey> for KeySet {
    /// One key without dates.
    fn from(key: SigningKey) -> Self {
        Self(vec![Entry { id: key.id(), key, dates: None }])
    }
}

impl PartialEq for KeySet {
    fn eq(&self, other: &Self) -> bool {
        // An id is made of its key.
        let told = |set: &Self| set.0.iter().map(|entry| (entry.id.clone(), entry.dates)).collect::<Vec<_>>();
        told(self) == told(other)
    }
}

impl std::fmt::Debug for KeySet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|entry| &entry.id)).finish()
    }
}

fn new_key(made: Timestamp, signs_from: Timestamp) -> Result<Entry, KeyError> {
    let key = SigningKey::generate()?;
    Ok(Entry { id: key.id(), key, dates: Some(Dates { made, signs_from }) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn states(set: &KeySet, now: Timestamp) -> Vec<KeyState> {
        set.list(now).into_iter().map(|info| info.state).collect()
    }

    #[test]
    fn a_new_key_waits_then_signs_and_the_old_one_verifies_until_its_last_token_has_expired() {
        let (now, from) = (time("2026-01-31T09:00:00Z"), time("2026-01-31T09:00:10Z"));
        let old = KeySet::from(SigningKey::generate().unwrap());
        assert_eq!(states(&old, now), [KeyState::Signs]);
        let both = old.rotate(now, from).unwrap();
        let [first, second] = [both.0[0].id.as_str(), both.0[1].id.as_str()];
        let until = from.plus_seconds(KeySet::VERIFIES_SECONDS);
        for (now, expected, signs) in [
            (now, [KeyState::Signs, KeyState::Waits(from)], first),
            (from, [KeyState::Verifies(until), KeyState::Signs], second),
            (until, [KeyState::Retired, KeyState::Signs], second),
        ] {
            assert_eq!(states(&both, now), expected);
            assert_eq!(both.signing(now).unwrap().0, signs);
            assert_eq!(both.verifying(Some(first), now).is_some(), expected[0] != KeyState::Retired);
            assert!(both.verifying(Some(second), now).is_some());
        }
        assert_eq!(both.prune(from), both);
        assert_eq!(states(&both.prune(until), until), [KeyState::Signs]);
        assert_eq!(both.rotate(until, until).unwrap().len(), 2, "to rotate is to prune");
    }

    #[test]
    fn keys_are_found_by_their_id_alone() {
        let now = time("2026-01-31T09:00:00Z");
        let legacy = KeySet::from(SigningKey::generate().unwrap());
        let set = legacy.rotate(now, now).unwrap();
        assert!(set.verifying(None, now).is_some(), "tokens had no id before");
        assert!(KeySet::generate(now).unwrap().verifying(None, now).is_none());
        let long = "x".repeat(1 << 20);
        for unknown in ["", " ", "../../etc/passwd", "' OR 1=1 --", "0", "\0", &long, &set.0[0].id[1..]] {
            assert!(set.verifying(Some(unknown), now).is_none(), "{unknown:.30}");
        }
    }

    #[test]
    fn a_clock_that_was_set_back_leaves_a_key_that_signs() {
        let made = time("2026-01-31T09:00:00Z");
        let set = KeySet::generate(made).unwrap().rotate(made, made.plus_seconds(10)).unwrap();
        assert_eq!(states(&set, made.minus_seconds(1000)), [KeyState::Signs, KeyState::Waits(made.plus_seconds(10))]);
    }

    #[test]
    fn there_are_never_more_than_can_be_read_again() {
        let now = time("2026-01-31T09:00:00Z");
        let mut set = KeySet::generate(now).unwrap();
        for _ in 1..KeySet::MAX_KEYS {
            set = set.rotate(now, now).unwrap();
        }
        assert!(matches!(set.rotate(now, now), Err(KeyError::TooMany)));
        assert!(
            set.rotate(now.plus_seconds(KeySet::VERIFIES_SECONDS), now.plus_seconds(KeySet::VERIFIES_SECONDS)).is_ok()
        );
        assert!(!format!("{set:?}").contains("SigningKey"));
    }
}
