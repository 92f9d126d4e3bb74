//! The log of messages: one at a time, under the right to write.

use std::sync::PoisonError;

use async_trait::async_trait;
use confab_application::ports::{AppendError, Appended, MessageLog, Submission};
use confab_domain::{Posting, post};

use crate::store::MemoryStore;

#[async_trait]
impl MessageLog for MemoryStore {
    async fn append(&self, submission: Submission) -> Result<Appended, AppendError> {
        let Submission { conversation_id, draft, now } = submission;
        let _writer = self.lock().await?;
        let mut state = self.snapshot();
        match post(state.posting_facts(conversation_id, &draft), draft, now)? {
            Posting::Repeated(message) => Ok(Appended::Earlier(message)),
            Posting::Appended { message, conversation, participant } => {
                state.insert_message(&message)?;
                state.update_conversation(&conversation)?;
                state.update_participant(&participant)?;
                *self.committed.write().unwrap_or_else(PoisonError::into_inner) = state;
                Ok(Appended::New(message))
            }
        }
    }
}
