//! What a client does: one request after the other.

use super::Key;

/// What a request should be answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// 200.
    Ok,
    /// 201, and a message with this key.
    Created(Key),
}

impl Expected {
    /// The status.
    pub const fn status(self) -> u16 {
        match self {
            Self::Ok => 200,
            Self::Created(_) => 201,
        }
    }
}

/// Writes requests.
pub trait Client {
    /// Writes the next request, head and body, and says what should be answered.
    fn write(&mut self, request: &mut Vec<u8>) -> Expected;
}
