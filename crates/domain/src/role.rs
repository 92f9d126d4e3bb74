//! The role of an account.

use std::fmt;

use crate::ValueError;

/// What an account may do at the most: a guest takes part, a host organises, an admin operates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Takes part in conversations that others start.
    Guest,
    /// Starts conversations and groups.
    Host,
    /// Operates the service.
    Admin,
}

impl Role {
    /// Every role, from the least to the most.
    pub const ALL: [Self; 3] = [Self::Guest, Self::Host, Self::Admin];

    /// Reads a role's name.
    ///
    /// # Errors
    /// [`ValueError::Malformed`] for any other text.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or(ValueError::Malformed { expected: "one of guest, host, admin" })
    }

    /// The role's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::Host => "host",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
