//! Conversations and their participants, as they are written.

use std::sync::Arc;

use confab_application::ports::{Constraint, StoreError};
use confab_domain::{
    Conversation, ConversationId, DirectPair, FormerParticipant, JsonObject, Participant, Sender, Timestamp, UserId,
};

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
        let row = require_row(self.conversations.get_mut(&conversation.id), "conversations")?;
        if let Some(pair) = row.pair.filter(|pair| conversation.pair != Some(*pair)) {
            self.directs.remove(&pair);
        }
        *row = Arc::new(conversation.clone());
        Ok(())
    }

    pub(crate) fn update_participant(&mut self, participant: &Participant) -> Result<(), StoreError> {
        let conversation = self.participants.get_mut(&participant.conversation_id);
        let row = conversation.and_then(|participants| participants.get_mut(&participant.user_id));
        *require_row(row, "participants")? = Arc::new(participant.clone());
        Ok(())
    }

    pub(crate) fn metadata(&self, id: ConversationId) -> Option<&JsonObject> {
        self.metadata.get(&id).map(AsRef::as_ref)
    }

    pub(crate) fn put_metadata(&mut self, id: ConversationId, metadata: &JsonObject) -> Result<(), StoreError> {
        require_target(self.conversation(id).is_some())?;
        self.metadata.insert(id, Arc::new(metadata.clone()));
        Ok(())
    }

    pub(crate) fn participants_of(&self, id: ConversationId) -> Vec<Sender> {
        let everyone = self.participants.get(&id).into_iter().flat_map(|participants| participants.values());
        everyone
            .filter_map(|participant| {
                let user = self.user(participant.user_id)?;
                let participant = Participant::clone(participant);
                Some(Sender { participant, role: user.role, active: user.active })
            })
            .collect()
    }

    pub(crate) fn add_participants(&mut self, participants: &[Participant]) -> Result<(), StoreError> {
        for participant in participants {
            self.former.remove(&(participant.conversation_id, participant.user_id));
        }
        participants.iter().try_for_each(|participant| self.insert_participant(participant))
    }

    pub(crate) fn remove_participant(&mut self, former: &FormerParticipant) -> Result<(), StoreError> {
        let (home, user) = (former.conversation_id, former.user_id);
        let removed = self.participants.get_mut(&home).and_then(|participants| participants.remove(&user));
        require_row(removed, "participants")?;
        if let Some(theirs) = self.conversations_by_user.get_mut(&user) {
            theirs.remove(&home);
        }
        self.former.insert((home, user), Arc::new(former.clone()));
        Ok(())
    }

    pub(crate) fn remove_all_participants(
        &mut self,
        conversation: &Conversation,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let everyone = self.participants_of(conversation.id);
        everyone.iter().try_for_each(|sender| self.remove_participant(&sender.participant.leave(conversation, now)))
    }

    pub(crate) fn update_visibility(&mut self, conversation: &Conversation) {
        let Some(everyone) = self.participants.get_mut(&conversation.id) else { return };
        let changed =
            everyone.iter().map(|(id, participant)| (*id, Arc::new(participant.seeing(conversation.history))));
        *everyone = changed.collect();
    }
}
