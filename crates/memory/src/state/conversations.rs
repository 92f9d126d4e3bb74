//! Conversations and their participants, as they are written.

use std::sync::Arc;

use confab_application::ports::{Constraint, StoreError};
use confab_domain::{Conversation, ConversationId, DirectPair, Participant, UserId};

use super::{State, require_free, require_row, require_target};

impl State {
    pub(crate) fn conversation(&self, id: ConversationId) -> Option<&Conversation> {
        self.conversations.get(&id).map(AsRef::as_ref)
    }

    pub(crate) fn direct(&self, pair: DirectPair) -> Option<ConversationId> {
        self.directs.get(&pair).copied()
    }

    pub(crate) fn participant(&self, conversation_id: ConversationId, user_id: UserId) -> Option<&Participant> {
        self.participants.get(&conversation_id)?.get(&user_id).map(AsRef::as_ref)
    }

    pub(crate) fn insert_conversation(
        &mut self,
        conversation: &Conversation,
        participants: &[Participant],
    ) -> Result<(), StoreError> {
        require_free(self.conversations.contains_key(&conversation.id), Constraint::ConversationId)?;
        require_target(self.user(conversation.creator_id).is_some())?;
        if let Some(pair) = conversation.pair {
            require_free(self.directs.contains_key(&pair), Constraint::DirectPair)?;
            require_target(self.user(pair.low()).is_some() && self.user(pair.high()).is_some())?;
            self.directs.insert(pair, conversation.id);
        }
        self.conversations.insert(conversation.id, Arc::new(conversation.clone()));
        participants.iter().try_for_each(|participant| self.insert_participant(participant))
    }

    fn insert_participant(&mut self, participant: &Participant) -> Result<(), StoreError> {
        let (conversation_id, user_id) = (participant.conversation_id, participant.user_id);
        require_free(self.participant(conversation_id, user_id).is_some(), Constraint::Participant)?;
        require_target(self.conversation(conversation_id).is_some() && self.user(user_id).is_some())?;
        self.participants.entry(conversation_id).or_default().insert(user_id, Arc::new(participant.clone()));
        self.conversations_by_user.entry(user_id).or_default().insert(conversation_id);
        Ok(())
    }

    pub(crate) fn update_conversation(&mut self, conversation: &Conversation) -> Result<(), StoreError> {
        *require_row(self.conversations.get_mut(&conversation.id), "conversations")? = Arc::new(conversation.clone());
        Ok(())
    }

    pub(crate) fn update_participant(&mut self, participant: &Participant) -> Result<(), StoreError> {
        let conversation = self.participants.get_mut(&participant.conversation_id);
        let row = conversation.and_then(|participants| participants.get_mut(&participant.user_id));
        *require_row(row, "participants")? = Arc::new(participant.clone());
        Ok(())
    }
}
