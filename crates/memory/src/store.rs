//! The store: what is committed, and the right to write.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use confab_application::ports::{
    AccountReader, ActivityKey, AuditReader, BlockKey, ConversationFilter, ConversationReader, Credentials,
    EventReader, ExportReader, FormerHistory, InspectedHistory, Limit, MailReader, MessageFilter, MessageReader,
    MessageSearch, MessageSearcher, Page, PageRequest, Participants, PeopleReader, ReportFilter, ReportReader, SentKey,
    SessionReader, Store, StoreError, Transaction, UserFilter,
};
use confab_application::views::{
    BlockView, Changes, ConversationView, MessageView, ParticipantView, ReactionView, Standing, UserCard,
};
use confab_domain::{
    AuditEntry, AuditEntryId, ConversationId, EmailAddress, Emoji, MailTokenHash, Membership, MessageId, PhoneNumber,
    Report, ReportId, Revision, Seq, Session, SessionId, Timestamp, TokenPurpose, User, UserId, Version,
};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::state::State;
use crate::transaction::MemoryTransaction;

/// How long whoever wants to write waits for another transaction to end before it gives up.
pub const LOCK_WAIT: Duration = Duration::from_secs(5);

/// Keeps everything in memory. One transaction writes at a time; readers never wait for it.
#[derive(Default)]
pub struct MemoryStore {
    pub(crate) committed: Arc<RwLock<State>>,
    writer: Arc<Mutex<()>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// What is committed now. Cheap: the tables are persistent maps.
    pub(crate) fn snapshot(&self) -> State {
        self.committed.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The right to write, until it is dropped.
    pub(crate) async fn lock(&self) -> Result<OwnedMutexGuard<()>, StoreError> {
        tokio::time::timeout(LOCK_WAIT, Arc::clone(&self.writer).lock_owned())
            .await
            .map_err(|_| StoreError::Unavailable("another transaction goes on writing".into()))
    }
}

#[async_trait]
impl Store for MemoryStore {
    fn accounts(&self) -> &dyn AccountReader {
        self
    }

    fn sessions(&self) -> &dyn SessionReader {
        self
    }

    fn audit(&self) -> &dyn AuditReader {
        self
    }

    fn conversations(&self) -> &dyn ConversationReader {
        self
    }

    fn messages(&self) -> &dyn MessageReader {
        self
    }

    fn former_history(&self) -> &dyn FormerHistory {
        self
    }

    fn inspected_history(&self) -> &dyn InspectedHistory {
        self
    }

    fn search(&self) -> &dyn MessageSearcher {
        self
    }

    fn events(&self) -> &dyn EventReader {
        self
    }

    fn mails(&self) -> &dyn MailReader {
        self
    }

    fn people(&self) -> &dyn PeopleReader {
        self
    }

    fn reports(&self) -> &dyn ReportReader {
        self
    }

    fn export(&self) -> &dyn ExportReader {
        self
    }

    async fn begin(&self) -> Result<Box<dyn Transaction>, StoreError> {
        let writer = self.lock().await?;
        Ok(Box::new(MemoryTransaction::new(self.snapshot(), Arc::clone(&self.committed), writer)))
    }

    async fn check(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

#[async_trait]
impl AccountReader for MemoryStore {
    async fn find_credentials(&self, email: &EmailAddress) -> Result<Option<Credentials>, StoreError> {
        Ok(self.snapshot().credentials(email))
    }

    async fn list(&self, filter: &UserFilter, page: &PageRequest<UserId>) -> Result<Page<User>, StoreError> {
        Ok(self.snapshot().list_users(filter, page))
    }

    async fn find_departing(&self) -> Result<Option<UserId>, StoreError> {
        Ok(self.snapshot().departing())
    }

    async fn find_session_user(&self, id: SessionId) -> Result<Option<User>, StoreError> {
        Ok(self.snapshot().session_user(id))
    }
}

#[async_trait]
impl PeopleReader for MemoryStore {
    async fn find_known(&self, viewer: UserId, id: UserId) -> Result<Option<UserCard>, StoreError> {
        Ok(self.snapshot().known_card(viewer, id))
    }

    async fn find_any(&self, id: UserId) -> Result<Option<UserCard>, StoreError> {
        Ok(self.snapshot().user(id).map(UserCard::from))
    }

    async fn find_by_email(&self, viewer: UserId, email: &EmailAddress) -> Result<Vec<UserCard>, StoreError> {
        Ok(self.snapshot().found_by_email(viewer, email))
    }

    async fn find_by_phone(
        &self,
        viewer: UserId,
        number: &PhoneNumber,
        at_most: u64,
    ) -> Result<Vec<UserCard>, StoreError> {
        Ok(self.snapshot().found_by_phone(viewer, number, at_most))
    }

    async fn blocks(&self, viewer: UserId, page: &PageRequest<BlockKey>) -> Result<Page<BlockView>, StoreError> {
        self.snapshot().list_blocks(viewer, page)
    }
}

#[async_trait]
impl ReportReader for MemoryStore {
    async fn list(&self, filter: ReportFilter, page: &PageRequest<ReportId>) -> Result<Page<Report>, StoreError> {
        Ok(self.snapshot().list_reports(filter, page))
    }

    async fn find(&self, id: ReportId) -> Result<Option<Report>, StoreError> {
        Ok(self.snapshot().report(id))
    }
}

#[async_trait]
impl SessionReader for MemoryStore {
    async fn list(
        &self,
        viewer: UserId,
        now: Timestamp,
        page: &PageRequest<SessionId>,
    ) -> Result<Page<Session>, StoreError> {
        Ok(self.snapshot().list_sessions(viewer, now, page))
    }
}

#[async_trait]
impl AuditReader for MemoryStore {
    async fn list(&self, viewer: UserId, page: &PageRequest<AuditEntryId>) -> Result<Page<AuditEntry>, StoreError> {
        Ok(self.snapshot().list_audit(viewer, page))
    }
}

#[async_trait]
impl MailReader for MemoryStore {
    async fn is_due(&self, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.snapshot().mail_is_due(now))
    }

    async fn find_token_owner(
        &self,
        hash: &MailTokenHash,
        purpose: TokenPurpose,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError> {
        Ok(self.snapshot().mail_token_owner(hash, purpose, now))
    }
}

#[async_trait]
impl ConversationReader for MemoryStore {
    async fn find(&self, viewer: UserId, id: ConversationId) -> Result<Option<ConversationView>, StoreError> {
        self.snapshot().view_conversation(viewer, id)
    }

    async fn count(&self, viewer: UserId, filter: &ConversationFilter, most: u64) -> Result<u64, StoreError> {
        Ok(self.snapshot().count_conversations(viewer, filter, most))
    }

    async fn list(
        &self,
        viewer: UserId,
        filter: &ConversationFilter,
        page: &PageRequest<ActivityKey>,
        participants: Participants,
    ) -> Result<Page<ConversationView>, StoreError> {
        self.snapshot().list_conversations(viewer, filter, page, participants)
    }

    async fn list_to_leave(&self, viewer: UserId, limit: Limit) -> Result<Vec<ConversationId>, StoreError> {
        Ok(self.snapshot().conversations_to_leave(viewer, limit))
    }

    async fn participants(
        &self,
        viewer: UserId,
        id: ConversationId,
        membership: Option<Membership>,
        page: &PageRequest<UserId>,
    ) -> Result<Option<Page<ParticipantView>>, StoreError> {
        self.snapshot().list_participants(viewer, id, membership, page)
    }

    async fn standing(&self, viewer: UserId, id: ConversationId) -> Result<Option<Standing>, StoreError> {
        Ok(self.snapshot().standing(viewer, id))
    }

    async fn count_all_unread(&self, viewer: UserId, now: Timestamp) -> Result<u64, StoreError> {
        Ok(self.snapshot().count_all_unread(viewer, now))
    }
}

#[async_trait]
impl MessageReader for MemoryStore {
    async fn history(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        filter: &MessageFilter,
        page: &PageRequest<Seq>,
    ) -> Result<Option<Page<MessageView>>, StoreError> {
        self.snapshot().history(viewer, conversation_id, filter, page)
    }

    async fn find(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        id: MessageId,
    ) -> Result<Option<MessageView>, StoreError> {
        self.snapshot().view_message(viewer, conversation_id, id)
    }

    async fn around(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        filter: &MessageFilter,
        seq: Seq,
        limit: Limit,
    ) -> Result<Option<Page<MessageView>>, StoreError> {
        self.snapshot().around(viewer, conversation_id, filter, seq, limit)
    }

    async fn revisions(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        id: MessageId,
        page: &PageRequest<Version>,
    ) -> Result<Option<Page<Revision>>, StoreError> {
        Ok(self.snapshot().revisions(viewer, conversation_id, id, page))
    }

    async fn reactions(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        id: MessageId,
        emoji: Option<Emoji>,
        page: &PageRequest<Version>,
    ) -> Result<Option<Page<ReactionView>>, StoreError> {
        self.snapshot().reactions(viewer, conversation_id, id, emoji, page)
    }

    async fn readers(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        id: MessageId,
        page: &PageRequest<UserId>,
    ) -> Result<Option<Page<UserCard>>, StoreError> {
        self.snapshot().readers(viewer, conversation_id, id, page)
    }
}

#[async_trait]
impl EventReader for MemoryStore {
    async fn after(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        after: Version,
        limit: Limit,
    ) -> Result<Option<Changes>, StoreError> {
        self.snapshot().changes(viewer, conversation_id, after, limit)
    }
}

#[async_trait]
impl MessageSearcher for MemoryStore {
    async fn candidates(
        &self,
        viewer: UserId,
        search: &MessageSearch,
        page: &PageRequest<SentKey>,
    ) -> Result<Page<MessageView>, StoreError> {
        self.snapshot().search(viewer, search, page)
    }
}
