//! Reports of messages.

use async_trait::async_trait;
use confab_domain::{MessageId, Report, ReportId, ReportState, UserId};

use super::{Page, PageRequest, StoreError};

/// Which reports to read; each condition that is there must hold.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReportFilter {
    /// It is in this state.
    pub state: Option<ReportState>,
}

/// Reads reports, whoever asks. For admins, and nobody else.
#[async_trait]
pub trait ReportReader: Send + Sync {
    /// A page of the reports, the newest first.
    async fn list(&self, filter: ReportFilter, page: &PageRequest<ReportId>) -> Result<Page<Report>, StoreError>;

    /// One report.
    async fn find(&self, id: ReportId) -> Result<Option<Report>, StoreError>;
}

/// Writes reports.
#[async_trait]
pub trait ReportRepository: Send + Sync {
    /// Adds a report.
    async fn insert(&self, report: &Report) -> Result<(), StoreError>;

    /// A user's report of a message, whose conversation is locked by this transaction.
    async fn find_own(&self, reporter: UserId, message: MessageId) -> Result<Option<Report>, StoreError>;

    /// The report, locked until the transaction ends.
    async fn find_for_update(&self, id: ReportId) -> Result<Option<Report>, StoreError>;

    /// Replaces a report that was [found for update](Self::find_for_update); [`StoreError::Internal`] where there is none.
    async fn update(&self, report: &Report) -> Result<(), StoreError>;

    /// Forgets what a user has said in their reports.
    async fn forget_comments(&self, reporter: UserId) -> Result<(), StoreError>;
}
