//! Identifiers: one newtype for each kind of thing, so that they cannot be mistaken for one another.

use std::fmt;

use uuid::Uuid;

use crate::ValueError;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// Reads any UUID in its hyphenated form (RFC 9562, section 4).
            ///
            /// # Errors
            /// [`ValueError::Malformed`] for anything else.
            pub fn parse(text: &str) -> Result<Self, ValueError> {
                // The hyphenated form only: the same id must not have four spellings.
                (text.len() == 36)
                    .then(|| Uuid::try_parse(text).ok())
                    .flatten()
                    .map(Self)
                    .ok_or(ValueError::Malformed { expected: "a UUID such as 0198c5a2-6f3e-7c41-9d2b-3f5a7c9e1b20" })
            }

            /// The same id as a UUID.
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// Names a user.
    UserId
);
id!(
    /// Names a conversation.
    ConversationId
);
id!(
    /// Names a message.
    MessageId
);
id!(
    /// Names a session: one log-in.
    SessionId
);
id!(
    /// Names an entry of the audit.
    AuditEntryId
);

id!(
    /// Names a mail.
    MailId
);
id!(
    /// Names a report of a message. Later reports have greater ids.
    ReportId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_hyphenated_uuid_is_an_id_and_nothing_else_is() {
        let nil = "00000000-0000-0000-0000-000000000000";
        assert_eq!(UserId::parse(nil).map(|id| id.to_string()), Ok(nil.to_owned()));
        for text in ["", "me", "00000000000000000000000000000000", "{00000000-0000-0000-0000-000000000000}"] {
            assert!(UserId::parse(text).is_err(), "{text}");
        }
    }
}
