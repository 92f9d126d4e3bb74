//! Time that stands still, and ids that count.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use confab_application::ports::{Clock, IdGenerator};
use confab_domain::Timestamp;
use uuid::Uuid;

/// Tells the time that it was set to, until it is set to another. By default 2026-01-31T09:30:00.123456Z.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that stands at this time.
    pub const fn new(time: Timestamp) -> Self {
        Self(AtomicI64::new(time.as_micros()))
    }

    /// Sets it, forwards or back.
    pub fn set(&self, time: Timestamp) {
        self.0.store(time.as_micros(), Ordering::SeqCst);
    }

    /// Sets it forwards.
    pub fn advance_seconds(&self, seconds: u32) {
        self.set(self.now().plus_seconds(seconds));
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self(AtomicI64::new(1_769_851_800_123_456))
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// Counts: UUIDs of version 7, all of one millisecond, each greater than the one before.
#[derive(Debug, Default)]
pub struct SequentialIds(AtomicU64);

impl IdGenerator for SequentialIds {
    fn next(&self) -> Uuid {
        let mut random = [0; 10];
        random[2..].copy_from_slice(&self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(1_769_851_800_123, &random).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_and_are_of_version_7() {
        let ids = SequentialIds::default();
        let (first, second) = (ids.next(), ids.next());
        assert!(first < second);
        assert_eq!(second.get_version_num(), 7);
    }

    #[test]
    fn a_clock_stands_where_it_was_set() {
        let clock = ManualClock::default();
        assert_eq!(clock.now().to_string(), "2026-01-31T09:30:00.123456Z");
        clock.advance_seconds(60);
        assert_eq!(clock.now().to_string(), "2026-01-31T09:31:00.123456Z");
    }
}
