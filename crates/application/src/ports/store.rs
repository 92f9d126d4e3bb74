//! Storage as a whole: what reads, what writes, and how it fails.

use std::error::Error as StdError;

use async_trait::async_trait;
use confab_domain::Inconsistent;

use super::{
    AccountReader, AuditReader, AuditRepository, BlockRepository, ConversationReader, ConversationRepository,
    EventReader, EventRepository, ExportReader, FormerHistory, InspectedHistory, MailReader, MailRepository,
    MessageReader, MessageRepository, MessageSearcher, PeopleReader, ReportReader, ReportRepository, SessionReader,
    SessionRepository, UserRepository,
};

/// Reads, outside any transaction. Sees what is committed and nothing else.
#[async_trait]
pub trait Store: Send + Sync {
    /// Who is calling.
    fn accounts(&self) -> &dyn AccountReader;
    /// Log-ins.
    fn sessions(&self) -> &dyn SessionReader;
    /// What happened to accounts.
    fn audit(&self) -> &dyn AuditReader;
    /// Conversations, as their participants see them.
    fn conversations(&self) -> &dyn ConversationReader;
    /// Messages, as participants of their conversation see them.
    fn messages(&self) -> &dyn MessageReader;
    /// Messages, as they were when the viewer left their conversation.
    fn former_history(&self) -> &dyn FormerHistory;
    /// Messages, as an admin reads them from outside.
    fn inspected_history(&self) -> &dyn InspectedHistory;
    /// Messages, as a search finds them.
    fn search(&self) -> &dyn MessageSearcher;
    /// What has happened in conversations, as far as their participants may see it.
    fn events(&self) -> &dyn EventReader;
    /// Mails that wait.
    fn mails(&self) -> &dyn MailReader;
    /// Users, as others may know them.
    fn people(&self) -> &dyn PeopleReader;
    /// Reports of messages.
    fn reports(&self) -> &dyn ReportReader;
    /// All that is kept of a user.
    fn export(&self) -> &dyn ExportReader;

    /// Begins to write.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where storage cannot be reached or stays locked.
    async fn begin(&self) -> Result<Box<dyn Transaction>, StoreError>;

    /// Whether storage answers, and has the tables that this program needs.
    ///
    /// # Errors
    /// What keeps it from serving.
    async fn check(&self) -> Result<(), StoreError>;
}

/// Writes, all or nothing. Dropped without a commit, it never happened. After the first error it is over: everything
/// else that is asked of it, the commit included, is [`StoreError::TransactionOver`].
#[async_trait]
pub trait Transaction: Send + Sync {
    /// Users.
    fn users(&self) -> &dyn UserRepository;
    /// Who has blocked whom.
    fn blocks(&self) -> &dyn BlockRepository;
    /// Log-ins.
    fn sessions(&self) -> &dyn SessionRepository;
    /// Conversations and their participants.
    fn conversations(&self) -> &dyn ConversationRepository;
    /// Messages.
    fn messages(&self) -> &dyn MessageRepository;
    /// Changes that are no messages.
    fn events(&self) -> &dyn EventRepository;
    /// Mails, and the tokens in them.
    fn mails(&self) -> &dyn MailRepository;
    /// Reports of messages.
    fn reports(&self) -> &dyn ReportRepository;

    /// What happened to accounts.
    fn audit(&self) -> &dyn AuditRepository;

    /// Makes it durable: when this returns, it is on disk.
    ///
    /// # Errors
    /// [`StoreError::TransactionOver`] after an error; otherwise it may or may not have been committed.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// How storage fails.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A row like this is already there.
    #[error("the constraint {} forbids it", .0.name())]
    Conflict(Constraint),
    /// A row refers to one that is not there.
    #[error("a row refers to one that does not exist")]
    DanglingReference,
    /// The transaction has failed before.
    #[error("the transaction is over, after an error")]
    TransactionOver,
    /// Storage cannot be reached, stays locked, or gave up for now. The same may succeed later.
    #[error("storage is unavailable")]
    Unavailable(#[source] Box<dyn StdError + Send + Sync>),
    /// A row that should not exist.
    #[error("corrupt row in {table}, id {id}: {reason}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// Its row.
        id: String,
        /// The column, and what is wrong with it.
        reason: Inconsistent,
    },
    /// Anything else: a fault in the adapter or its schema.
    #[error("storage failed")]
    Internal(#[source] Box<dyn StdError + Send + Sync>),
}

/// The unique constraints, which are part of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Constraint {
    /// One entry of the audit for each id.
    AuditEntryId,
    /// One user for each id.
    UserId,
    /// One user for each e-mail address, without regard to case.
    UserEmail,
    /// One block of a user by another.
    Block,
    /// One session for each id.
    SessionId,
    /// One session for each refresh token.
    RefreshToken,
    /// One conversation for each id.
    ConversationId,
    /// One direct conversation for each pair of users.
    DirectPair,
    /// One place for each user in a conversation.
    Participant,
    /// One message for each id.
    MessageId,
    /// One message for each seq of a conversation.
    MessageSeq,
    /// One message for each key of a sender in a conversation.
    ClientMessageId,
    /// One mail for each id.
    MailId,
    /// One mail of each kind to an address, without regard to case.
    MailKind,
    /// One token for each hash.
    MailToken,
    /// One event for each version of a conversation.
    EventVersion,
    /// One report for each id.
    ReportId,
    /// One report of a message by each user.
    Report,
}

impl Constraint {
    /// Every unique constraint.
    pub const ALL: [Self; 18] = [
        Self::AuditEntryId,
        Self::UserId,
        Self::UserEmail,
        Self::Block,
        Self::SessionId,
        Self::RefreshToken,
        Self::ConversationId,
        Self::DirectPair,
        Self::Participant,
        Self::MessageId,
        Self::MessageSeq,
        Self::ClientMessageId,
        Self::MailId,
        Self::MailKind,
        Self::MailToken,
        Self::EventVersion,
        Self::ReportId,
        Self::Report,
    ];

    /// The name that it has in a database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AuditEntryId => "audit_events_pkey",
            Self::UserId => "users_pkey",
            Self::UserEmail => "users_email_key",
            Self::Block => "blocks_pkey",
            Self::SessionId => "sessions_pkey",
            Self::RefreshToken => "sessions_refresh_token_key",
            Self::ConversationId => "conversations_pkey",
            Self::DirectPair => "conversations_direct_pair_key",
            Self::Participant => "participants_pkey",
            Self::MessageId => "messages_pkey",
            Self::MessageSeq => "messages_seq_key",
            Self::ClientMessageId => "messages_client_message_id_key",
            Self::MailId => "mails_pkey",
            Self::MailKind => "mails_kind_email_key",
            Self::MailToken => "mailtokens_pkey",
            Self::EventVersion => "events_pkey",
            Self::ReportId => "reports_pkey",
            Self::Report => "reports_reporter_key",
        }
    }
}
