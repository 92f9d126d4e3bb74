//! The audit: what happened to accounts, for ever.

use async_trait::async_trait;
use confab_domain::{AuditEntry, AuditEntryId, Timestamp, UserId};

use super::{Page, PageRequest, StoreError};

/// Reads the audit.
#[async_trait]
pub trait AuditReader: Send + Sync {
    /// What happened to the viewer's own account, the newest first.
    async fn list(&self, viewer: UserId, page: &PageRequest<AuditEntryId>) -> Result<Page<AuditEntry>, StoreError>;
}

/// Writes the audit, in the transaction of what it tells of. There is no way to change or remove what is there.
#[async_trait]
pub trait AuditRepository: Send + Sync {
    /// Adds an entry.
    async fn append(&self, entry: &AuditEntry) -> Result<(), StoreError>;

    /// Counts one more failed log-in to an account, or to one that does not exist, and tells how many there have been in the
    /// same minute, this one included. The work is the same for each, so that its time tells nothing.
    async fn count_failed_log_in(&self, account: Option<UserId>, now: Timestamp) -> Result<u64, StoreError>;

    /// How many log-ins to an account have failed since this was last asked; the count begins anew.
    async fn take_failed_log_ins(&self, account: UserId) -> Result<u64, StoreError>;
}
