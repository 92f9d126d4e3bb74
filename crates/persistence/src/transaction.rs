//! The unit of work. Dropped without a commit, it is rolled back before its connection is used again.

use async_trait::async_trait;
use confab_application::ports::{
    AuditRepository, BlockRepository, ConversationRepository, EventRepository, MailRepository, MessageRepository,
    ReportRepository, SessionRepository, StoreError, Transaction, UserRepository,
};
use sea_orm::DatabaseTransaction;

use crate::connection::Connection;
use crate::error::store_error;

#[async_trait]
impl Transaction for Connection<DatabaseTransaction> {
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
        // Asked to commit a transaction that has failed, PostgreSQL rolls it back and reports success.
        if self.is_over() {
            return Err(StoreError::TransactionOver);
        }
        self.into_raw().commit().await.map_err(|error| store_error(&error))
    }
}
