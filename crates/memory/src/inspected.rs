//! Messages, as an admin reads them from outside.

use async_trait::async_trait;
use confab_application::ports::{InspectedHistory, Inspection, Limit, MessageFilter, Page, PageRequest, StoreError};
use confab_application::views::MessageView;
use confab_domain::{MessageId, Seq};

use crate::store::MemoryStore;

#[async_trait]
impl InspectedHistory for MemoryStore {
    async fn history(
        &self,
        inspection: &Inspection,
        filter: &MessageFilter,
        page: &PageRequest<Seq>,
    ) -> Result<Option<Page<MessageView>>, StoreError> {
        self.snapshot().inspected_history(inspection, filter, page)
    }

    async fn find(&self, inspection: &Inspection, id: MessageId) -> Result<Option<MessageView>, StoreError> {
        self.snapshot().inspected_message(inspection, id)
    }

    async fn around(
        &self,
        inspection: &Inspection,
        filter: &MessageFilter,
        seq: Seq,
        limit: Limit,
    ) -> Result<Option<Page<MessageView>>, StoreError> {
        self.snapshot().inspected_around(inspection, filter, seq, limit)
    }
}
