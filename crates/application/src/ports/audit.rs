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

/// Writes the audit, in the transaction of what it tells of. There is no way to remove what is there.
#[async_trait]
pub trait AuditRepository: Send + Sync {
    /// Adds an entry.
    async fn append(&self, entry: &AuditEntry) -> Result<(), StoreError>;

    /// Counts one more failed log-in to an account, or to one that does not exist, and tells how many there have been in the
    /// same minute, this one included. The work is the same for each, so that its time tells nothing.
    async fn count_failed_log_in(&self, account: Option<UserId>, now: Timestamp) -> Result<u64, StoreError>;

    /// Forgets from where a user has done what the audit tells of, and from where others, who were not known, have tried to
    /// get into the account. The one thing that may change in the audit, for when the account is deleted.
    async fn forget_origins(&self, user: UserId) -> Result<(), StoreError>;

    /// How many log-ins to an account have failed since this was last asked; the count begins anew.
    async fn take_failed_log_ins(&self, account: UserId) -> Result<u64, StoreError>;
}
