//! The message log as it is usually written: one transaction for each message.

use std::sync::Arc;

use async_trait::async_trait;
use confab_application::ports::{
    AppendError, Appended, Constraint, Limit, MessageFilter, MessageLog, Order, PageRequest, Position, Store,
    StoreError, Submission,
};
use confab_domain::{ClientMessageId, Message, Posting, PostingFacts, Revision, Sender, post};

/// Appends each message by itself, through the product's own store.
pub struct TransactionLog {
    store: Arc<dyn Store>,
}

impl TransactionLog {
    /// A log on this store.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// What the message is judged by, locked; and the transaction that locks it.
    async fn attempt(&self, submission: &Submission, earlier: Option<Message>) -> Result<Appended, AppendError> {
        let original = match &earlier {
            Some(earlier) => self.original(submission, earlier).await?,
            None => None,
        };
        let (id, draft) = (submission.conversation_id, &submission.draft);
        let tx = self.store.begin().await?;
        let conversation = tx.conversations().find_for_update(draft.sender_id, id).await?;
        let participant = tx.conversations().find_participant_for_update(id, draft.sender_id).await?;
        let user = tx.users().find_many(&[draft.sender_id]).await?.pop();
        let sender = participant.zip(user).map(|(participant, user)| Sender {
            participant,
            role: user.role,
            active: user.active,
        });
        let mentioned = match draft.mentioned.as_slice() {
            [] => Vec::new(),
            users => tx.messages().participants_among(id, users).await?,
        };
        let reply_to_seq = match draft.reply_to_id {
            Some(message) => tx.messages().find(draft.sender_id, id, message).await?.map(|view| view.message.seq),
            None => None,
        };
        let facts = PostingFacts { conversation, sender, earlier, original, mentioned, reply_to_seq };
        match post(facts, draft.clone(), submission.now)? {
            Posting::Repeated(message) => Ok(Appended::Earlier(message)),
            Posting::Appended { message, conversation, participant } => {
                tx.messages().insert(&message).await?;
                tx.conversations().update(&conversation).await?;
                tx.conversations().update_participant(&participant).await?;
                tx.commit().await?;
                Ok(Appended::New(message))
            }
        }
    }

    /// What a message first said, if it was edited since.
    async fn original(&self, submission: &Submission, earlier: &Message) -> Result<Option<Revision>, StoreError> {
        let (viewer, id) = (submission.draft.sender_id, submission.conversation_id);
        let (mut request, mut original) = (PageRequest::first(Limit::DEFAULT), None);
        loop {
            let page = self.store.messages().revisions(viewer, id, earlier.id, &request).await?;
            let Some(mut page) = page else { return Ok(original) };
            let has_next = page.has_next;
            original = page.items.pop().or(original);
            match &original {
                Some(oldest) if has_next => request.position = Some(Position::After(oldest.version)),
                _ => return Ok(original),
            }
        }
    }

    /// What was sent with this key: found by reading all that the sender has sent. Only repetitions pay for it, and they
    /// are not measured.
    async fn earlier(&self, submission: &Submission, key: &ClientMessageId) -> Result<Option<Message>, StoreError> {
        let sender = submission.draft.sender_id;
        let filter = MessageFilter { order: Order::NewestFirst, sender_id: Some(sender), ..MessageFilter::default() };
        let mut request = PageRequest::first(Limit::DEFAULT);
        loop {
            let page = self.store.messages().history(sender, submission.conversation_id, &filter, &request).await?;
            let Some(page) = page else { return Ok(None) };
            let (last, has_next) = (page.items.last().map(|view| view.message.seq), page.has_next);
            let found = page.items.into_iter().find(|view| view.message.client_message_id.as_ref() == Some(key));
            match (found, last) {
                (Some(view), _) => return Ok(Some(view.message)),
                (None, Some(last)) if has_next => request.position = Some(Position::After(last)),
                (None, _) => return Ok(None),
            }
        }
    }
}

#[async_trait]
impl MessageLog for TransactionLog {
    async fn append(&self, submission: Submission) -> Result<Appended, AppendError> {
        let first = self.attempt(&submission, None).await;
        // The key is looked for only where it is known to be there, or nothing new is taken: a statement less for all others.
        match (&first, &submission.draft.client_message_id) {
            (
                Err(AppendError::Store(StoreError::Conflict(Constraint::ClientMessageId)) | AppendError::Refused(_)),
                Some(key),
            ) => {
                let earlier = self.earlier(&submission, key).await?;
                self.attempt(&submission, earlier).await
            }
            _ => first,
        }
    }
}
