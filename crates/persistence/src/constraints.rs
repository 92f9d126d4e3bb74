//! How each database names the unique constraints in its errors: PostgreSQL by their names, SQLite by their columns.

use confab_application::ports::Constraint;

/// The columns as SQLite lists them.
const fn columns(constraint: Constraint) -> &'static str {
    match constraint {
        Constraint::AuditEntryId => "audit_events.id",
        Constraint::UserId => "users.id",
        Constraint::UserEmail => "users.email_key",
        Constraint::Block => "blocks.blocker_id, blocks.blocked_id",
        Constraint::SessionId => "sessions.id",
        Constraint::RefreshToken => "sessions.refresh_token_hash",
        Constraint::ConversationId => "conversations.id",
        Constraint::DirectPair => "conversations.direct_low, conversations.direct_high",
        Constraint::Participant => "participants.conversation_id, participants.user_id",
        Constraint::MessageId => "messages.id",
        Constraint::MessageSeq => "messages.conversation_id, messages.seq",
        Constraint::MailId => "mails.id",
        Constraint::MailKind => "mails.kind, mails.email_key",
        Constraint::MailToken => "mailtokens.hash",
        Constraint::ClientMessageId => "messages.conversation_id, messages.sender_id, messages.client_message_id",
        Constraint::EventVersion => "events.conversation_id, events.version",
        Constraint::ReportId => "reports.id",
        Constraint::Report => "reports.reporter_id, reports.message_id",
    }
}

/// The constraint of this name.
pub(crate) fn by_name(name: &str) -> Option<Constraint> {
    Constraint::ALL.into_iter().find(|constraint| constraint.name() == name)
}

/// The constraint that SQLite means by `UNIQUE constraint failed: users.id`.
pub(crate) fn by_sqlite_message(message: &str) -> Option<Constraint> {
    let failed = message.strip_prefix("UNIQUE constraint failed: ")?;
    Constraint::ALL.into_iter().find(|constraint| columns(*constraint) == failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_constraint_is_told_by_its_name_and_by_its_columns() {
        for constraint in Constraint::ALL {
            assert_eq!(by_name(constraint.name()), Some(constraint));
            let message = format!("UNIQUE constraint failed: {}", columns(constraint));
            assert_eq!(by_sqlite_message(&message), Some(constraint));
            let (table, _) = columns(constraint).split_once('.').unwrap();
            assert!(constraint.name().starts_with(&format!("{table}_")));
            assert!(columns(constraint).split(", ").all(|column| column.starts_with(&format!("{table}."))));
        }
    }

    #[test]
    fn anything_else_is_none_of_them() {
        assert_eq!(by_name("seaql_migrations_pkey"), None);
        assert_eq!(by_sqlite_message("UNIQUE constraint failed: messages.conversation_id"), None);
        assert_eq!(by_sqlite_message("FOREIGN KEY constraint failed"), None);
    }
}
