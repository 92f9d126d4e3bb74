//! What is kept of the things that somebody may one day ask about: who did what to whom, from where, and when.

use std::fmt::Write as _;
use std::net::IpAddr;

use crate::{AuditEntryId, SessionId, Timestamp, UserAgent, UserId, ValueError};

/// Something that happened. Once it is written, it stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Names the entry. Later entries have greater ids.
    pub id: AuditEntryId,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub kind: AuditKind,
    /// Who did it; none where that is not known, or where an operator did it on the command line.
    pub actor_id: Option<UserId>,
    /// Whose account it was done to; none where there is no such account.
    pub subject_id: Option<UserId>,
    /// The log-in that it is about.
    pub session_id: Option<SessionId>,
    /// Where it came from.
    pub origin: Origin,
    /// How it was before.
    pub before: Option<Facts>,
    /// How it was then; or what else there is to know.
    pub after: Option<Facts>,
}

/// Where a request came from, as far as it is known. Command lines have none of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The address of the client.
    pub address: Option<IpAddr>,
    /// What the client calls itself.
    pub user_agent: Option<UserAgent>,
    /// The id of the request, which the server's log has too.
    pub request_id: Option<String>,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal,)*) => {
        /// What happened.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum AuditKind {$($(#[$doc])* $kind,)*}

        impl AuditKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// The name of the kind.
            pub const fn as_str(self) -> &'static str {
                match self {$(Self::$kind => $name,)*}
            }
        }
    };
}

kinds! {
    /// An operator made an account.
    AccountCreated = "account_created",
    /// Somebody logged in.
    LoggedIn = "logged_in",
    /// Somebody tried to, or gave a wrong password where the current one is asked for, or the account is closed. Of each account ten a minute are kept; the
    /// next log-in tells how many there were.
    LogInFailed = "log_in_failed",
    /// A user logged out.
    LoggedOut = "logged_out",
    /// One of a user's log-ins was ended.
    SessionEnded = "session_ended",
    /// All log-ins of a user were ended but the one that asked for it.
    OtherSessionsEnded = "other_sessions_ended",
    /// All log-ins of a user were ended.
    AllSessionsEnded = "all_sessions_ended",
    /// A refresh token was used that had been replaced, as a thief would; its log-in was ended.
    RefreshTokenReused = "refresh_token_reused",
    /// A user changed the password.
    PasswordChanged = "password_changed",
    /// A password was set by whoever has the user's mail, or by an operator.
    PasswordReset = "password_reset",
    /// An account got another role.
    RoleChanged = "role_changed",
    /// An account was closed for now.
    Suspended = "suspended",
    /// An account was opened again.
    Restored = "restored",
    /// A user took a copy of all that is kept of them.
    DataExported = "data_exported",
    /// A user deleted the account.
    AccountDeleted = "account_deleted",
    /// An admin did something to a conversation of others, and said why.
    ConversationTouched = "conversation_touched",
    /// An admin dealt with the report of a message.
    ReportChanged = "report_changed",
}

impl AuditKind {
    /// Reads the name of a kind.
    ///
    /// # Errors
    /// [`ValueError::Malformed`] for any other text.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let kind = Self::ALL.iter().find(|kind| kind.as_str() == text);
        kind.copied().ok_or(ValueError::Malformed { expected: "the name of a kind of audit entry" })
    }
}

/// A few facts, as a JSON object of texts. Nothing that tells who somebody is, and no secret: it outlives the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts(String);

impl Facts {
    /// One fact.
    pub fn of(name: &str, value: &str) -> Self {
        let mut json = String::from("{");
        write_pair(&mut json, name, value);
        json.push('}');
        Self(json)
    }

    /// One more.
    #[must_use]
    pub fn and(mut self, name: &str, value: &str) -> Self {
        self.0.pop();
        if self.0.len() > 1 {
            self.0.push(',');
        }
        write_pair(&mut self.0, name, value);
        self.0.push('}');
        self
    }

    /// Takes back what [`Facts::as_json`] gave.
    ///
    /// # Errors
    /// [`ValueError::Malformed`] for what is no object at first sight.
    pub fn restore(json: String) -> Result<Self, ValueError> {
        let is_object = json.starts_with('{') && json.ends_with('}');
        if is_object { Ok(Self(json)) } else { Err(ValueError::Malformed { expected: "a JSON object" }) }
    }

    /// The JSON text.
    pub fn as_json(&self) -> &str {
        &self.0
    }
}

fn write_pair(json: &mut String, name: &str, value: &str) {
    write_text(json, name);
    json.push(':');
    write_text(json, value);
}

/// A JSON string (RFC 8259, section 7). Whatever is not plain is escaped, U+0000 too, which PostgreSQL could not keep.
fn write_text(json: &mut String, text: &str) {
    json.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                json.push('\\');
                json.push(c);
            }
            c if c.is_control() => {
                // Writing to a string does not fail.
                let _ = write!(json, "\\u{:04x}", c as u32);
            }
            c => json.push(c),
        }
    }
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_json_whatever_is_in_them() {
        let facts = Facts::of("role", "guest").and("reason", "\"\\\n\0\u{85}é");
        assert_eq!(facts.as_json(), r#"{"role":"guest","reason":"\"\\\u000a\u0000\u0085é"}"#);
        assert_eq!(Facts::restore(facts.as_json().to_owned()), Ok(facts));
        assert!(Facts::restore("guest".to_owned()).is_err());
    }

    #[test]
    fn each_kind_is_known_by_its_name() {
        for kind in AuditKind::ALL {
            assert_eq!(AuditKind::parse(kind.as_str()), Ok(*kind));
        }
        assert!(AuditKind::parse("coffee_made").is_err());
    }
}
