//! The transaction: a state of its own, which a commit puts in place of the store's.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use async_trait::async_trait;
use confab_application::ports::{
    ActivityKey, AuditRepository, BlockFacts, BlockRepository, ClaimedMail, ConversationFilter, ConversationReader,
    ConversationRepository, Credentials, EventReader, EventRepository, Limit, MailOutcome, MailRepository,
    MessageFilter, MessageReader, MessageRepository, Page, PageRequest, Participants, ReactionFacts, ReportRepository,
    SessionRepository, StoreError, Transaction, UserRepository,
};
use confab_application::views::{
    Changes, ConversationView, MessageView, ParticipantView, ReactionView, Standing, UserCard,
};
use confab_domain::{
    AuditEntry, Block, Conversation, ConversationId, DirectPair, EmailAddress, Emoji, Event, FormerParticipant,
    JsonObject, MailToken, MailTokenHash, Membership, Message, MessageId, OutgoingMail, Participant, PasswordHash,
    Reaction, RefreshToken, RefreshTokenHash, Report, ReportId, Revision, Sender, Seq, Session, SessionId, SessionUse,
    Timestamp, TokenPurpose, User, UserId, Version,
};
use tokio::sync::OwnedMutexGuard;

use crate::state::State;

/// Holds the right to write until it is dropped: whatever it reads is locked.
pub(crate) struct MemoryTransaction {
    /// None after an error.
    state: Mutex<Option<State>>,
    committed: Arc<RwLock<State>>,
    _writer: OwnedMutexGuard<()>,
}

impl MemoryTransaction {
    pub(crate) fn new(state: State, committed: Arc<RwLock<State>>, writer: OwnedMutexGuard<()>) -> Self {
        Self { state: Mutex::new(Some(state)), committed, _writer: writer }
    }

    /// Runs one statement. If it fails, the transaction is over.
    fn run<T>(&self, statement: impl FnOnce(&mut State) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = statement(state.as_mut().ok_or(StoreError::TransactionOver)?);
        if outcome.is_err() {
            *state = None;
        }
        outcome
    }
}

#[async_trait]
impl Transaction for MemoryTransaction {
    fn users(&self) -> &dyn UserRepository {
        self
    }

    fn blocks(&self) -> &dyn BlockRepository {
        self
    }

    fn sessions(&self) -> &dyn SessionRepository {
        self
    }

    fn conversations(&self) -> &dyn ConversationRepository {
        self
    }

    fn messages(&self) -> &dyn MessageRepository {
        self
    }

    fn events(&self) -> &dyn EventRepository {
        self
    }

    fn audit(&self) -> &dyn AuditRepository {
        self
    }

    fn mails(&self) -> &dyn MailRepository {
        self
    }

    fn reports(&self) -> &dyn ReportRepository {
        self
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner).take();
        let state = state.ok_or(StoreError::TransactionOver)?;
        *self.committed.write().unwrap_or_else(PoisonError::into_inner) = state;
        Ok(())
    }
}

#[async_trait]
impl MailRepository for MemoryTransaction {
    async fn enqueue(&self, mail: &OutgoingMail, rested: Timestamp) -> Result<(), StoreError> {
        self.run(|state| state.enqueue(mail, rested))
    }

    async fn claim(&self, limit: u32, now: Timestamp, lease: Timestamp) -> Result<Vec<ClaimedMail>, StoreError> {
        self.run(|state| Ok(state.claim_mails(limit, now, lease)))
    }

    async fn settle(&self, mail: &ClaimedMail, outcome: &MailOutcome) -> Result<(), StoreError> {
        self.run(|state| {
            state.settle_mail(mail, outcome);
            Ok(())
        })
    }

    async fn forget(&self, sent: Timestamp, given_up: Timestamp, expired: Timestamp) -> Result<(), StoreError> {
        self.run(|state| {
            state.forget_mails(sent, given_up, expired);
            Ok(())
        })
    }

    async fn forget_mails_to(&self, email: &EmailAddress) -> Result<(), StoreError> {
        self.run(|state| {
            state.forget_mails_to(email);
            Ok(())
        })
    }

    async fn insert_token(&self, token: &MailToken) -> Result<(), StoreError> {
        self.run(|state| state.insert_mail_token(token))
    }

    async fn take_token(
        &self,
        hash: &MailTokenHash,
        purpose: TokenPurpose,
        now: Timestamp,
    ) -> Result<Option<UserId>, StoreError> {
        self.run(|state| Ok(state.take_mail_token(hash, purpose, now)))
    }

    async fn forget_tokens(&self, user_id: UserId, purpose: TokenPurpose) -> Result<(), StoreError> {
        self.run(|state| {
            state.forget_mail_tokens(user_id, purpose);
            Ok(())
        })
    }
}

#[async_trait]
impl ReportRepository for MemoryTransaction {
    async fn insert(&self, report: &Report) -> Result<(), StoreError> {
        self.run(|state| state.insert_report(report))
    }

    async fn find_own(&self, reporter: UserId, message: MessageId) -> Result<Option<Report>, StoreError> {
        self.run(|state| Ok(state.own_report(reporter, message)))
    }

    async fn find_for_update(&self, id: ReportId) -> Result<Option<Report>, StoreError> {
        self.run(|state| Ok(state.report(id)))
    }

    async fn update(&self, report: &Report) -> Result<(), StoreError> {
        self.run(|state| state.update_report(report))
    }

    async fn forget_comments(&self, reporter: UserId) -> Result<(), StoreError> {
        self.run(|state| {
            state.forget_comments(reporter);
            Ok(())
        })
    }
}

#[async_trait]
impl UserRepository for MemoryTransaction {
    async fn insert_if_new(&self, user: &User, password_hash: &PasswordHash) -> Result<bool, StoreError> {
        self.run(|state| state.insert_user_if_new(user, password_hash))
    }

    async fn insert(&self, user: &User, password_hash: &PasswordHash) -> Result<(), StoreError> {
        self.run(|state| state.insert_user(user, password_hash))
    }

    async fn find_for_update(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.run(|state| Ok(state.user(id).cloned()))
    }

    async fn find_credentials_for_update(&self, id: UserId) -> Result<Option<Credentials>, StoreError> {
        self.run(|state| Ok(state.credentials_of(id)))
    }

    async fn find_for_deletion(&self, id: UserId) -> Result<Option<Credentials>, StoreError> {
        self.run(|state| Ok(state.credentials_of(id)))
    }

    async fn find_joining(&self, ids: &[UserId]) -> Result<Vec<User>, StoreError> {
        self.run(|state| Ok(state.find_users(ids)))
    }

    async fn depart(&self, id: UserId) -> Result<(), StoreError> {
        self.run(|state| state.depart(id))
    }

    async fn have_departed(&self, id: UserId) -> Result<(), StoreError> {
        self.run(|state| {
            state.have_departed(id);
            Ok(())
        })
    }

    async fn set_password_hash(&self, id: UserId, password_hash: &PasswordHash) -> Result<(), StoreError> {
        self.run(|state| state.set_password_hash(id, password_hash))
    }

    async fn find_many(&self, ids: &[UserId]) -> Result<Vec<User>, StoreError> {
        self.run(|state| Ok(state.find_users(ids)))
    }

    async fn find_admins_for_update(&self) -> Result<Vec<User>, StoreError> {
        self.run(|state| Ok(state.admins()))
    }

    async fn update(&self, user: &User) -> Result<(), StoreError> {
        self.run(|state| state.update_user(user))
    }
}

#[async_trait]
impl BlockRepository for MemoryTransaction {
    async fn find_facts(&self, blocker: UserId, blocked: UserId) -> Result<BlockFacts, StoreError> {
        self.run(|state| Ok(state.block_facts(blocker, blocked)))
    }

    async fn find_apart(&self, user: UserId, others: &[UserId]) -> Result<Vec<UserId>, StoreError> {
        self.run(|state| Ok(state.apart(user, others)))
    }

    async fn insert(&self, block: &Block) -> Result<(), StoreError> {
        self.run(|state| state.insert_block(block))
    }

    async fn remove(&self, blocker: UserId, blocked: UserId) -> Result<bool, StoreError> {
        self.run(|state| Ok(state.remove_block(blocker, blocked)))
    }

    async fn remove_all(&self, user: UserId) -> Result<(), StoreError> {
        self.run(|state| {
            state.remove_blocks(user);
            Ok(())
        })
    }
}

#[async_trait]
impl SessionRepository for MemoryTransaction {
    async fn insert(&self, session: &Session) -> Result<(), StoreError> {
        self.run(|state| state.insert_session(session))
    }

    async fn rotate(
        &self,
        token: &RefreshTokenHash,
        next: &RefreshToken,
        by: &SessionUse,
    ) -> Result<Option<Session>, StoreError> {
        self.run(|state| state.rotate(token, next, by))
    }

    async fn end_reused(
        &self,
        token: &RefreshTokenHash,
        family: &RefreshTokenHash,
    ) -> Result<Option<Session>, StoreError> {
        self.run(|state| Ok(state.end_reused(token, family)))
    }

    async fn end(&self, user_id: UserId, id: SessionId) -> Result<bool, StoreError> {
        self.run(|state| Ok(state.end_session(user_id, id)))
    }

    async fn end_all(&self, user_id: UserId, except: Option<SessionId>) -> Result<u64, StoreError> {
        self.run(|state| Ok(state.end_sessions(user_id, except)))
    }

    async fn touch(&self, ids: &[SessionId], at: Timestamp) -> Result<(), StoreError> {
        self.run(|state| {
            state.touch_sessions(ids, at);
            Ok(())
        })
    }

    async fn remove_expired(&self, now: Timestamp, at_most: u32) -> Result<u64, StoreError> {
        self.run(|state| Ok(state.remove_expired_sessions(now, at_most)))
    }
}

#[async_trait]
impl AuditRepository for MemoryTransaction {
    async fn append(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        self.run(|state| state.append_audit(entry))
    }

    async fn count_failed_log_in(&self, account: Option<UserId>, now: Timestamp) -> Result<u64, StoreError> {
        self.run(|state| Ok(state.count_failed_log_in(account, now)))
    }

    async fn forget_origins(&self, user: UserId) -> Result<(), StoreError> {
        self.run(|state| {
            state.forget_origins(user);
            Ok(())
        })
    }

    async fn take_failed_log_ins(&self, account: UserId) -> Result<u64, StoreError> {
        self.run(|state| Ok(state.take_failed_log_ins(account)))
    }
}

#[async_trait]
impl ConversationReader for MemoryTransaction {
    async fn find(&self, viewer: UserId, id: ConversationId) -> Result<Option<ConversationView>, StoreError> {
        self.run(|state| state.view_conversation(viewer, id))
    }

    async fn count(&self, viewer: UserId, filter: &ConversationFilter, most: u64) -> Result<u64, StoreError> {
        self.run(|state| Ok(state.count_conversations(viewer, filter, most)))
    }

    async fn list(
        &self,
        viewer: UserId,
        filter: &ConversationFilter,
        page: &PageRequest<ActivityKey>,
        participants: Participants,
    ) -> Result<Page<ConversationView>, StoreError> {
        self.run(|state| state.list_conversations(viewer, filter, page, participants))
    }

    async fn list_to_leave(&self, viewer: UserId, limit: Limit) -> Result<Vec<ConversationId>, StoreError> {
        self.run(|state| Ok(state.conversations_to_leave(viewer, limit)))
    }

    async fn participants(
        &self,
        viewer: UserId,
        id: ConversationId,
        membership: Option<Membership>,
        page: &PageRequest<UserId>,
    ) -> Result<Option<Page<ParticipantView>>, StoreError> {
        self.run(|state| state.list_participants(viewer, id, membership, page))
    }

    async fn standing(&self, viewer: UserId, id: ConversationId) -> Result<Option<Standing>, StoreError> {
        self.run(|state| Ok(state.standing(viewer, id)))
    }

    async fn count_all_unread(&self, viewer: UserId, now: Timestamp) -> Result<u64, StoreError> {
        self.run(|state| Ok(state.count_all_unread(viewer, now)))
    }
}

#[async_trait]
impl ConversationRepository for MemoryTransaction {
    async fn insert(&self, conversation: &Conversation, participants: &[Participant]) -> Result<(), StoreError> {
        self.run(|state| state.insert_conversation(conversation, participants))
    }

    async fn find_for_update(&self, viewer: UserId, id: ConversationId) -> Result<Option<Conversation>, StoreError> {
        self.run(|state| {
            let takes_part = state.participant(id, viewer).is_some();
            Ok(state.conversation(id).filter(|_| takes_part).cloned())
        })
    }

    async fn find_any_for_update(&self, id: ConversationId) -> Result<Option<Conversation>, StoreError> {
        self.run(|state| Ok(state.conversation(id).filter(|found| found.deleted_at.is_none()).cloned()))
    }

    async fn find_metadata(&self, id: ConversationId) -> Result<Option<JsonObject>, StoreError> {
        self.run(|state| Ok(state.metadata(id).cloned()))
    }

    async fn put_metadata(&self, id: ConversationId, metadata: &JsonObject) -> Result<(), StoreError> {
        self.run(|state| state.put_metadata(id, metadata))
    }

    async fn find_participants(&self, id: ConversationId) -> Result<Vec<Sender>, StoreError> {
        self.run(|state| Ok(state.participants_of(id)))
    }

    async fn insert_participants(&self, participants: &[Participant]) -> Result<(), StoreError> {
        self.run(|state| state.add_participants(participants))
    }

    async fn remove_participant(&self, former: &FormerParticipant) -> Result<(), StoreError> {
        self.run(|state| state.remove_participant(former))
    }

    async fn remove_all_participants(&self, conversation: &Conversation, now: Timestamp) -> Result<(), StoreError> {
        self.run(|state| state.remove_all_participants(conversation, now))
    }

    async fn update_visibility(&self, conversation: &Conversation) -> Result<(), StoreError> {
        self.run(|state| {
            state.update_visibility(conversation);
            Ok(())
        })
    }

    async fn peek(&self, id: ConversationId) -> Result<Option<Conversation>, StoreError> {
        self.run(|state| Ok(state.conversation(id).cloned()))
    }

    async fn find_direct(&self, pair: DirectPair) -> Result<Option<ConversationId>, StoreError> {
        self.run(|state| Ok(state.direct(pair)))
    }

    async fn update(&self, conversation: &Conversation) -> Result<(), StoreError> {
        self.run(|state| state.update_conversation(conversation))
    }

    async fn find_participant_for_update(
        &self,
        conversation_id: ConversationId,
        user_id: UserId,
    ) -> Result<Option<Participant>, StoreError> {
        self.run(|state| Ok(state.participant(conversation_id, user_id).cloned()))
    }

    async fn update_participant(&self, participant: &Participant) -> Result<(), StoreError> {
        self.run(|state| state.update_participant(participant))
    }

    async fn count_unread(&self, participant: &Participant) -> Result<u64, StoreError> {
        self.run(|state| Ok(state.count_unread(participant)))
    }

    async fn mark_all_read(&self, user: UserId) -> Result<u64, StoreError> {
        self.run(|state| state.mark_all_read(user))
    }
}

#[async_trait]
impl MessageReader for MemoryTransaction {
    async fn history(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        filter: &MessageFilter,
        page: &PageRequest<Seq>,
    ) -> Result<Option<Page<MessageView>>, StoreError> {
        self.run(|state| state.history(viewer, conversation_id, filter, page))
    }

    async fn find(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        id: MessageId,
    ) -> Result<Option<MessageView>, StoreError> {
        self.run(|state| state.view_message(viewer, conversation_id, id))
    }

    async fn around(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        filter: &MessageFilter,
        seq: Seq,
        limit: Limit,
    ) -> Result<Option<Page<MessageView>>, StoreError> {
        self.run(|state| state.around(viewer, conversation_id, filter, seq, limit))
    }

    async fn revisions(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        id: MessageId,
        page: &PageRequest<Version>,
    ) -> Result<Option<Page<Revision>>, StoreError> {
        self.run(|state| Ok(state.revisions(viewer, conversation_id, id, page)))
    }

    async fn reactions(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        id: MessageId,
        emoji: Option<Emoji>,
        page: &PageRequest<Version>,
    ) -> Result<Option<Page<ReactionView>>, StoreError> {
        self.run(|state| state.reactions(viewer, conversation_id, id, emoji, page))
    }

    async fn readers(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        id: MessageId,
        page: &PageRequest<UserId>,
    ) -> Result<Option<Page<UserCard>>, StoreError> {
        self.run(|state| state.readers(viewer, conversation_id, id, page))
    }
}

#[async_trait]
impl MessageRepository for MemoryTransaction {
    async fn insert(&self, message: &Message) -> Result<(), StoreError> {
        self.run(|state| state.insert_message(message))
    }

    async fn participants_among(
        &self,
        conversation_id: ConversationId,
        users: &[UserId],
    ) -> Result<Vec<UserId>, StoreError> {
        self.run(|state| Ok(state.participants_among(conversation_id, users)))
    }

    async fn find_any(&self, conversation_id: ConversationId, id: MessageId) -> Result<Option<Message>, StoreError> {
        self.run(|state| Ok(state.any_message(conversation_id, id).cloned()))
    }

    async fn update(&self, message: &Message) -> Result<(), StoreError> {
        self.run(|state| state.update_message(message))
    }

    async fn insert_revision(&self, revision: &Revision) -> Result<(), StoreError> {
        self.run(|state| state.insert_revision(revision))
    }

    async fn erase(&self, message: &Message) -> Result<(), StoreError> {
        self.run(|state| state.erase(message))
    }

    async fn hide(&self, user: UserId, message: &Message) -> Result<(), StoreError> {
        self.run(|state| state.hide(user, message))
    }

    async fn reaction_facts(&self, user: UserId, id: MessageId, emoji: Emoji) -> Result<ReactionFacts, StoreError> {
        self.run(|state| Ok(state.reaction_facts(user, id, emoji)))
    }

    async fn add_reaction(&self, reaction: &Reaction, count: u64) -> Result<(), StoreError> {
        self.run(|state| state.add_reaction(reaction, count))
    }

    async fn remove_reaction(&self, user: UserId, id: MessageId, emoji: Emoji, count: u64) -> Result<(), StoreError> {
        self.run(|state| {
            state.remove_reaction(user, id, emoji, count);
            Ok(())
        })
    }
}

#[async_trait]
impl EventReader for MemoryTransaction {
    async fn after(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        after: Version,
        limit: Limit,
    ) -> Result<Option<Changes>, StoreError> {
        self.run(|state| state.changes(viewer, conversation_id, after, limit))
    }
}

#[async_trait]
impl EventRepository for MemoryTransaction {
    async fn append(&self, event: &Event) -> Result<(), StoreError> {
        self.run(|state| state.append_event(event))
    }
}
