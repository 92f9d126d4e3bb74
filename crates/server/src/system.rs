//! The real clock, and the real source of ids.

use chrono::Utc;
use confab_application::ports::{Clock, IdGenerator};
use confab_domain::Timestamp;
use uuid::Uuid;

/// The system's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    #[expect(clippy::expect_used, reason = "chrono itself has no answer for a system clock that is off by millennia")]
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(Utc::now().timestamp_micros()).expect("the system clock is before the year 10000")
    }
}

/// UUIDs of version 7, each greater than the one before it in this process.
#[derive(Debug, Clone, Copy)]
pub struct UuidV7;

impl IdGenerator for UuidV7 {
    #[expect(clippy::disallowed_methods, reason = "this is the id generator")]
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_of_version_7_and_ascend() {
        let ids: Vec<_> = (0..1000).map(|_| UuidV7.next()).collect();
        assert!(ids.is_sorted_by(|a, b| a < b));
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
    }

    #[test]
    fn the_clock_does_not_stand_still() {
        let start = SystemClock.now();
        assert!(start > Timestamp::parse("2025-01-01T00:00:00Z").unwrap());
        while SystemClock.now() == start {}
    }
}
