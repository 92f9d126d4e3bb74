//! What can be wrong with a key or with its file.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::{KeySet, SigningKey};

/// Why there is no key. The message is the end of a sentence about it.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// It has too few bytes.
    #[error("has {actual} bytes, and must have at least {}", SigningKey::MIN_BYTES)]
    TooShort {
        /// What was given, in bytes.
        actual: usize,
    },
    /// The system's random generator failed.
    #[error("cannot be made, for the system gives no randomness: {0}")]
    NoRandomness(String),
    /// The file cannot be opened or read.
    #[error("cannot be read: {0}")]
    Unreadable(io::Error),
    /// A folder or a device.
    #[error("is not a file")]
    NotAFile,
    /// Others than the owner may use the file.
    #[error("is open to others than its owner (its mode is {mode:04o})")]
    Exposed {
        /// The permission bits.
        mode: u32,
    },
    /// The file holds something else.
    #[error("is not base64url, alone or with the times that `confab keys` writes after it")]
    Malformed,
    /// The file holds nothing.
    #[error("is not there: its file is empty")]
    NoKey,
    /// More keys than are kept.
    #[error(
        "would be one of more than {}; those before it verify for a day after the next one signs",
        KeySet::MAX_KEYS
    )]
    TooMany,
    /// The file holds a key twice, or two keys without times.
    #[error("is there twice, or there are two without the times that `confab keys` writes")]
    Twice,
    /// Another process is writing the file.
    #[error("is being changed by another process; if there is none, one died at it: remove {}", .0.display())]
    BeingChanged(PathBuf),
    /// The file or its folder cannot be made.
    #[error("cannot be written: {0}")]
    NotWritten(io::Error),
}

/// Why a file gives no key.
#[derive(Debug)]
pub struct KeyFileError {
    /// The file.
    pub path: PathBuf,
    /// Which line of it, from 1, where it has several.
    pub line: Option<usize>,
    /// What is wrong.
    pub reason: KeyError,
}

impl fmt::Display for KeyFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        write!(f, "the signing key {path} ")?;
        if let Some(line) = self.line {
            write!(f, "(line {line}) ")?;
        }
        write!(f, "{}", self.reason)?;
        match self.reason {
            KeyError::Exposed { .. } => write!(f, "; run: chmod 600 {path}"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for KeyFileError {}
