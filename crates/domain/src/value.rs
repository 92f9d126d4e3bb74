//! What can be wrong with a value.

use std::fmt;

/// Why outside text is not a value of its type. The message states the limit; [`ValueError::code`] is for programs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// Nothing where something is needed.
    #[error("must not be empty")]
    Empty,
    /// Shorter than its type allows.
    #[error("must have at least {min} {unit}, but has {actual}")]
    TooShort {
        /// The least that is allowed.
        min: usize,
        /// What was given.
        actual: usize,
        /// What is counted.
        unit: Unit,
    },
    /// Longer than its type allows.
    #[error("must have at most {max} {unit}, but has {actual}")]
    TooLong {
        /// The most that is allowed.
        max: usize,
        /// What was given.
        actual: usize,
        /// What is counted.
        unit: Unit,
    },
    /// A number outside its range.
    #[error("must be from {min} to {max}")]
    OutOfRange {
        /// The least that is allowed.
        min: u64,
        /// The most that is allowed.
        max: u64,
    },
    /// A character that its type cannot hold.
    #[error("must not contain the character U+{:04X} (at position {position}, counted from 0)", *character as u32)]
    ForbiddenCharacter {
        /// The character.
        character: char,
        /// Its position, in characters from 0.
        position: usize,
    },
    /// Nested deeper than its type allows.
    #[error("must nest objects and arrays at most {max} deep")]
    TooDeep {
        /// The deepest that is allowed.
        max: usize,
    },
    /// Not of the form that its type has.
    #[error("must be {expected}")]
    Malformed {
        /// The form, as the end of a sentence.
        expected: &'static str,
    },
}

impl ValueError {
    /// A stable snake_case name of the kind of fault.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooShort { .. } => "too_short",
            Self::TooLong { .. } => "too_long",
            Self::OutOfRange { .. } => "out_of_range",
            Self::ForbiddenCharacter { .. } => "forbidden_character",
            Self::TooDeep { .. } => "too_deep",
            Self::Malformed { .. } => "malformed",
        }
    }
}

/// What a length limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Unicode scalar values.
    Characters,
    /// Bytes of UTF-8.
    Bytes,
    /// Elements of a list.
    Items,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Characters => "characters",
            Self::Bytes => "bytes",
            Self::Items => "items",
        })
    }
}

/// Stored parts that cannot belong together. Storage adapters report it as corruption, with the row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct Inconsistent {
    /// The field that does not fit.
    pub field: &'static str,
    /// Why it does not.
    pub reason: &'static str,
}
