//! The tables and their indexes, as persistent maps: a clone of them all shares everything and costs next to nothing.
//!
//! One file for each group of tables. A write checks the unique constraints, then what the row
//! refers to, as PostgreSQL does. A write that fails leaves the state as it happens to be: the transaction throws it away.

mod accounts;
mod audit;
mod blocks;
mod conversation_views;
mod conversations;
mod events;
mod export;
mod former;
mod inspected;
mod mails;
mod message_changes;
mod messages;
mod read_state;
mod reports;
mod search;

use std::sync::Arc;

use confab_application::ports::{Constraint, Credentials, StoreError};
use confab_domain::{
    AuditEntry, AuditEntryId, ClientMessageId, Conversation, ConversationId, DirectPair, Emoji, Event,
    FormerParticipant, JsonObject, MailKind, MailToken, MailTokenHash, Message, MessageId, Participant, Reaction,
    RefreshTokenHash, Report, ReportId, Revision, Seq, Session, SessionId, Timestamp, UserId, Version,
};
use imbl::{OrdMap, OrdSet};
use mails::MailRow;

use audit::Failures;

/// Everything that is kept. Rows are shared, for an insert copies the part of the map around it.
#[derive(Clone, Default)]
pub(crate) struct State {
    users: OrdMap<UserId, Arc<Credentials>>,
    users_by_email: OrdMap<Arc<str>, UserId>,
    sessions: OrdMap<SessionId, Arc<Session>>,
    sessions_by_family: OrdMap<RefreshTokenHash, SessionId>,
    sessions_by_user: OrdMap<UserId, OrdSet<SessionId>>,
    sessions_by_token: OrdMap<RefreshTokenHash, SessionId>,
    /// Whom a user has blocked, and since when.
    blocks: OrdMap<UserId, OrdMap<UserId, Timestamp>>,
    departing: OrdSet<UserId>,
    audit: OrdMap<AuditEntryId, Arc<AuditEntry>>,
    audit_by_subject: OrdMap<UserId, OrdSet<AuditEntryId>>,
    failed_log_ins: OrdMap<Option<UserId>, Failures>,
    conversations: OrdMap<ConversationId, Arc<Conversation>>,
    directs: OrdMap<DirectPair, ConversationId>,
    participants: OrdMap<ConversationId, OrdMap<UserId, Arc<Participant>>>,
    conversations_by_user: OrdMap<UserId, OrdSet<ConversationId>>,
    messages: OrdMap<ConversationId, OrdMap<Seq, Arc<Message>>>,
    messages_by_id: OrdMap<MessageId, (ConversationId, Seq)>,
    revisions: OrdMap<MessageId, OrdMap<Version, Arc<Revision>>>,
    reactions: OrdMap<MessageId, OrdMap<Version, Reaction>>,
    /// With which emoji: the first one's version, and how many.
    reaction_kinds: OrdMap<MessageId, OrdMap<Emoji, (Version, u64)>>,
    hidden: OrdSet<(UserId, MessageId)>,
    messages_by_key: OrdMap<(ConversationId, UserId, ClientMessageId), Seq>,
    metadata: OrdMap<ConversationId, Arc<JsonObject>>,
    former: OrdMap<(ConversationId, UserId), Arc<FormerParticipant>>,
    events: OrdMap<ConversationId, OrdMap<Version, Arc<Event>>>,
    mails: OrdMap<(MailKind, Arc<str>), Arc<MailRow>>,
    mail_tokens: OrdMap<MailTokenHash, Arc<MailToken>>,
    reports: OrdMap<ReportId, Arc<Report>>,
    reports_by_reporter: OrdMap<(UserId, MessageId), ReportId>,
}

/// Keeps what is to be kept of a table.
fn retain<K: Clone + Ord, V: Clone>(table: &mut OrdMap<K, V>, is_kept: impl Fn(&K, &V) -> bool) {
    let gone: Vec<K> = table.iter().filter(|(key, row)| !is_kept(key, row)).map(|(key, _)| key.clone()).collect();
    for key in gone {
        table.remove(&key);
    }
}

fn require_free(is_taken: bool, constraint: Constraint) -> Result<(), StoreError> {
    if is_taken { Err(StoreError::Conflict(constraint)) } else { Ok(()) }
}

fn require_target(exists: bool) -> Result<(), StoreError> {
    if exists { Ok(()) } else { Err(StoreError::DanglingReference) }
}

/// Whoever updates a row has found it for update: if it is not there, the caller is at fault.
fn require_row<T>(row: Option<T>, table: &str) -> Result<T, StoreError> {
    row.ok_or_else(|| StoreError::Internal(format!("there is no such row to update in {table}").into()))
}
