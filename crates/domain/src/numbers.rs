//! The two counters of a conversation.

use crate::ValueError;

macro_rules! counter {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u64);

        impl $name {
            /// Before the first.
            pub const ZERO: Self = Self(0);
            /// The largest: 2^53 - 1, the largest integer that every JSON reader keeps exactly (RFC 8259, section 6).
            pub const MAX: Self = Self((1 << 53) - 1);

            /// Reads a number from outside or from storage.
            ///
            /// # Errors
            /// [`ValueError::OutOfRange`] below 0 or above [`Self::MAX`].
            pub fn parse(number: i64) -> Result<Self, ValueError> {
                u64::try_from(number)
                    .ok()
                    .filter(|n| *n <= Self::MAX.0)
                    .map(Self)
                    .ok_or(ValueError::OutOfRange { min: 0, max: Self::MAX.0 })
            }

            /// The one that follows.
            #[must_use]
            pub const fn next(self) -> Self {
                Self(self.0 + 1)
            }

            /// The one so many after it; none is greater than [`Self::MAX`].
            #[must_use]
            pub fn plus(self, count: u64) -> Self {
                Self(self.0.saturating_add(count)).min(Self::MAX)
            }

            /// The one before it; 0 has none, and stays.
            #[must_use]
            pub const fn previous(self) -> Self {
                Self(self.0.saturating_sub(1))
            }

            /// The number itself.
            pub const fn get(self) -> u64 {
                self.0
            }

            /// The number as storage keeps it.
            pub const fn as_i64(self) -> i64 {
                self.0.cast_signed()
            }
        }
    };
}

counter!(
    /// A message's place in its conversation: 1, 2, 3 … without gap or reuse. 0 is before the first message.
    Seq
);
counter!(
    /// Counts every durable change of a conversation, messages included. A client that knows a conversation at a
    /// version asks for what came after it.
    Version
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_outside_json_s_exact_integers_are_refused() {
        assert_eq!(Seq::parse(0), Ok(Seq::ZERO));
        assert_eq!(Seq::parse(9_007_199_254_740_991), Ok(Seq::MAX));
        for number in [-1, i64::MIN, 9_007_199_254_740_992, i64::MAX] {
            assert!(Seq::parse(number).is_err(), "{number}");
        }
    }
}
