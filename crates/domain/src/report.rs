//! A user's report of a message, which admins deal with.

use crate::{ConversationId, Message, MessageId, Remark, ReportId, Timestamp, UserId, ValueError};

/// That a user finds a message to be wrong. It names the message, and has nothing of what that says: a message that is
/// deleted is gone from here too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Names the report.
    pub id: ReportId,
    /// The conversation of the message.
    pub conversation_id: ConversationId,
    /// The message.
    pub message_id: MessageId,
    /// Who sent it.
    pub sender_id: UserId,
    /// Who reports it.
    pub reporter_id: UserId,
    /// What is wrong with it.
    pub reason: ReportReason,
    /// What the reporter says of it. Gone when the reporter deletes the account.
    pub comment: Option<Remark>,
    /// When it was reported.
    pub reported_at: Timestamp,
    /// What has become of it.
    pub state: ReportState,
    /// What admins note of it, for each other.
    pub note: Option<Remark>,
    /// Which admin has changed it last, and when.
    pub handled: Option<(UserId, Timestamp)>,
}

/// What is to change of a report; what is `None` stays (RFC 7396).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReportChange {
    /// Another state.
    pub state: Option<ReportState>,
    /// Another note, or `Some(None)` for none.
    pub note: Option<Option<Remark>>,
}

impl Report {
    /// A new report of a message.
    pub fn create(
        id: ReportId,
        message: &Message,
        reporter_id: UserId,
        reason: ReportReason,
        comment: Option<Remark>,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            conversation_id: message.conversation_id,
            message_id: message.id,
            sender_id: message.sender_id,
            reporter_id,
            reason,
            comment,
            reported_at: now,
            state: ReportState::Open,
            note: None,
            handled: None,
        }
    }

    /// The report as this admin changes it. A change to what it is already leaves it alone.
    #[must_use]
    pub fn changed(&self, change: ReportChange, admin: UserId, now: Timestamp) -> Self {
        let state = change.state.unwrap_or(self.state);
        let note = change.note.unwrap_or_else(|| self.note.clone());
        if (state, &note) == (self.state, &self.note) {
            return self.clone();
        }
        Self { state, note, handled: Some((admin, now)), ..self.clone() }
    }

    /// When anything here last changed.
    pub fn updated_at(&self) -> Timestamp {
        self.handled.map_or(self.reported_at, |(_, at)| at)
    }
}

macro_rules! names {
    ($(#[$doc:meta])* $type:ident, $expected:literal, $($(#[$variant_doc:meta])* $variant:ident = $name:literal,)+) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $type {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $type {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Reads a name.
            ///
            /// # Errors
            /// [`ValueError::Malformed`] for any other text.
            pub fn parse(text: &str) -> Result<Self, ValueError> {
                let found = Self::ALL.iter().find(|one| one.as_str() == text);
                found.copied().ok_or(ValueError::Malformed { expected: $expected })
            }

            /// The name.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

names! {
    /// What is wrong with a message.
    ReportReason, "one of spam, harassment, abuse, illegal, other",
    /// Nobody has asked for it.
    Spam = "spam",
    /// It is against a person.
    Harassment = "harassment",
    /// It is hateful, violent or indecent.
    Abuse = "abuse",
    /// The law forbids it.
    Illegal = "illegal",
    /// Something else, which the comment tells.
    Other = "other",
}

names! {
    /// What has become of a report.
    ReportState, "one of open, resolved, dismissed",
    /// Nobody has dealt with it yet, or somebody has opened it again.
    Open = "open",
    /// Something was done about it.
    Resolved = "resolved",
    /// There was nothing to do.
    Dismissed = "dismissed",
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Conversation, Draft, MessageBody};
    use uuid::Uuid;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000).unwrap()
    }

    #[test]
    fn a_report_tells_who_has_changed_it_last() {
        let user = |n| UserId::from(Uuid::from_u128(n));
        let group = Conversation::create_group(Uuid::nil().into(), user(1), None, 2, at(0));
        let (_, message) = group.post(Draft::new(Uuid::nil().into(), user(2), MessageBody::parse("x").unwrap()), at(1));
        let report = Report::create(Uuid::nil().into(), &message, user(1), ReportReason::Spam, None, at(2));
        assert_eq!((report.sender_id, report.state, report.updated_at()), (user(2), ReportState::Open, at(2)));

        let resolve = ReportChange { state: Some(ReportState::Resolved), note: Some(Remark::parse("done").ok()) };
        let resolved = report.changed(resolve.clone(), user(3), at(3));
        assert_eq!((resolved.state, resolved.handled), (ReportState::Resolved, Some((user(3), at(3)))));
        assert_eq!(resolved.changed(resolve, user(4), at(4)), resolved, "it is so already");
        assert_eq!(resolved.changed(ReportChange::default(), user(4), at(4)), resolved);
        let without = resolved.changed(ReportChange { state: None, note: Some(None) }, user(4), at(5));
        assert_eq!((without.state, &without.note, without.updated_at()), (ReportState::Resolved, &None, at(5)));
    }

    #[test]
    fn each_name_is_read_and_no_other() {
        for reason in ReportReason::ALL {
            assert_eq!(ReportReason::parse(reason.as_str()), Ok(*reason));
        }
        for state in ReportState::ALL {
            assert_eq!(ReportState::parse(state.as_str()), Ok(*state));
        }
        assert!(ReportReason::parse("Spam").is_err() && ReportState::parse("").is_err());
    }
}
