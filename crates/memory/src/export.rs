//! Reads all that is kept of a user.

use async_trait::async_trait;
use confab_application::ports::{ExportReader, FormerPlace, Limit, Place, StoreError};
use confab_domain::{
    ConversationId, EmailAddress, Message, MessageId, OutgoingMail, Reaction, Report, Revision, Seq, UserId, Version,
};

use crate::store::MemoryStore;

#[async_trait]
impl ExportReader for MemoryStore {
    async fn places(
        &self,
        viewer: UserId,
        after: Option<ConversationId>,
        limit: Limit,
    ) -> Result<Vec<Place>, StoreError> {
        Ok(self.snapshot().own_places(viewer, after, limit))
    }

    async fn former_places(
        &self,
        viewer: UserId,
        after: Option<ConversationId>,
        limit: Limit,
    ) -> Result<Vec<FormerPlace>, StoreError> {
        Ok(self.snapshot().former_places(viewer, after, limit))
    }

    async fn own_messages(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        after: Seq,
        up_to: Seq,
        limit: Limit,
    ) -> Result<Vec<Message>, StoreError> {
        Ok(self.snapshot().own_messages(viewer, conversation_id, after, up_to, limit))
    }

    async fn own_revisions(
        &self,
        viewer: UserId,
        id: MessageId,
        after: Version,
        limit: Limit,
    ) -> Result<Vec<Revision>, StoreError> {
        Ok(self.snapshot().own_revisions(viewer, id, after, limit))
    }

    async fn own_reactions(
        &self,
        viewer: UserId,
        after: Option<(MessageId, Version)>,
        limit: Limit,
    ) -> Result<Vec<Reaction>, StoreError> {
        Ok(self.snapshot().own_reactions(viewer, after, limit))
    }

    async fn hidden_messages(
        &self,
        viewer: UserId,
        after: Option<MessageId>,
        limit: Limit,
    ) -> Result<Vec<MessageId>, StoreError> {
        Ok(self.snapshot().hidden_messages(viewer, after, limit))
    }

    async fn own_reports(
        &self,
        viewer: UserId,
        after: Option<MessageId>,
        limit: Limit,
    ) -> Result<Vec<Report>, StoreError> {
        Ok(self.snapshot().own_reports(viewer, after, limit))
    }

    async fn mails_to(&self, email: &EmailAddress) -> Result<Vec<OutgoingMail>, StoreError> {
        Ok(self.snapshot().mails_to(email))
    }
}
