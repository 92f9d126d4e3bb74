//! Points in time.

use std::fmt;

use chrono::{DateTime, Datelike, SecondsFormat, Utc};

use crate::ValueError;

/// A point in time in UTC with microseconds, from the year 1 to 9999: what every storage adapter and RFC 3339 can
/// hold alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// Reads an RFC 3339 date and time. Digits beyond microseconds are dropped.
    ///
    /// # Errors
    /// [`ValueError::Malformed`] where the text is not one, or lies outside the years 1 to 9999.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        DateTime::parse_from_rfc3339(text).ok().and_then(|time| Self::from_micros(time.timestamp_micros())).ok_or(
            ValueError::Malformed {
                expected: "a date and time of RFC 3339 with its offset, such as 2026-01-31T09:30:00Z",
            },
        )
    }

    /// The point that lies this many microseconds after 1970-01-01T00:00:00Z; none outside the years 1 to 9999.
    pub fn from_micros(micros: i64) -> Option<Self> {
        let time = DateTime::<Utc>::from_timestamp_micros(micros)?;
        (1..=9999).contains(&time.year()).then_some(Self(micros))
    }

    /// Microseconds after 1970-01-01T00:00:00Z.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// The point this many seconds later, at the most the end of the year 9999.
    #[must_use]
    pub fn plus_seconds(self, seconds: u32) -> Self {
        const END_OF_9999: i64 = 253_402_300_799_999_999;
        Self(self.0.saturating_add(i64::from(seconds) * 1_000_000).min(END_OF_9999))
    }

    /// The point this many seconds earlier, at the least the beginning of the year 1.
    #[must_use]
    pub fn minus_seconds(self, seconds: u32) -> Self {
        const START_OF_1: i64 = -62_135_596_800_000_000;
        Self(self.0.saturating_sub(i64::from(seconds) * 1_000_000).max(START_OF_1))
    }

    /// Whole seconds after 1970-01-01T00:00:00Z, rounded down.
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC with six digits of a second.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = DateTime::<Utc>::from_timestamp_micros(self.0).unwrap_or_default();
        f.write_str(&time.to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_kept_to_the_microsecond_in_utc() {
        let time = Timestamp::parse("2026-01-31T10:30:00.123456789+01:00").unwrap();
        assert_eq!(time.to_string(), "2026-01-31T09:30:00.123456Z");
        assert_eq!(Timestamp::from_micros(time.as_micros()), Some(time));
        assert_eq!(Timestamp::parse(&time.to_string()), Ok(time));
    }

    #[test]
    fn times_that_not_every_adapter_can_hold_are_refused() {
        for text in
            ["", "yesterday", "2026-01-31", "2026-01-31T09:30:00", "0000-12-31T23:59:59Z", "2026-02-30T00:00:00Z"]
        {
            assert!(Timestamp::parse(text).is_err(), "{text}");
        }
        assert_eq!(Timestamp::from_micros(i64::MAX), None);
        assert_eq!(Timestamp::from_micros(i64::MIN), None);
    }

    #[test]
    fn adding_seconds_stops_at_the_end_of_9999() {
        let late = Timestamp::parse("9999-12-31T23:59:59Z").unwrap();
        assert_eq!(late.plus_seconds(u32::MAX).to_string(), "9999-12-31T23:59:59.999999Z");
    }
}
