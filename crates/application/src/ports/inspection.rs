//! What an admin reads of a conversation from outside.

use async_trait::async_trait;
use confab_domain::{ConversationId, MessageId, Seq, Timestamp, UserId};

use super::{Limit, MessageFilter, Page, PageRequest, StoreError};
use crate::views::MessageView;

/// That an admin looks into a conversation from outside. Only the use-cases of this crate make one, of an admin.
#[derive(Debug, Clone, Copy)]
pub struct Inspection {
    inspector: UserId,
    conversation_id: ConversationId,
    now: Timestamp,
}

impl Inspection {
    pub(crate) const fn new(inspector: UserId, conversation_id: ConversationId, now: Timestamp) -> Self {
        Self { inspector, conversation_id, now }
    }

    /// Who looks.
    pub const fn inspector(&self) -> UserId {
        self.inspector
    }

    /// Into which conversation.
    pub const fn conversation_id(&self) -> ConversationId {
        self.conversation_id
    }

    /// When. It must be told in the conversation that they do, until later than this
    /// ([`SystemMessage::Inspected`](confab_domain::SystemMessage::Inspected)).
    pub const fn now(&self) -> Timestamp {
        self.now
    }
}

/// Reads the messages of a conversation for an admin who takes no part in it, as long as it is told there that they do. Whoever
/// takes part sees that. Nothing else lets anybody in: what the members see is what the reading stands on. Of a conversation that is
/// deleted there is nothing. What a message answers and the reactions to it are left out.
#[async_trait]
pub trait InspectedHistory: Send + Sync {
    /// Part of the conversation's history; none where it is not told.
    async fn history(
        &self,
        inspection: &Inspection,
        filter: &MessageFilter,
        page: &PageRequest<Seq>,
    ) -> Result<Option<Page<MessageView>>, StoreError>;

    /// One message of it.
    async fn find(&self, inspection: &Inspection, id: MessageId) -> Result<Option<MessageView>, StoreError>;

    /// The messages around one, as [`MessageReader::around`](super::MessageReader::around) gives them to those who take part; none
    /// where it is not told.
    async fn around(
        &self,
        inspection: &Inspection,
        filter: &MessageFilter,
        seq: Seq,
        limit: Limit,
    ) -> Result<Option<Page<MessageView>>, StoreError>;
}
