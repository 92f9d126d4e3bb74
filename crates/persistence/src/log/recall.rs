//! What is remembered from batch to batch, so that the next need not read it: conversations, and who sends to them.
//!
//! It decides nothing by itself. Each of its facts is one that is asked for again where the messages are written (ADR 33), and what
//! would be refused by it is read first.

use std::collections::HashMap;

use confab_application::ports::Submission;
use confab_domain::{Conversation, ConversationId, Sender, UserId};
use quick_cache::unsync::Cache;

/// So many conversations, and so many senders of each: 16 MiB at the most, and usually a fraction of it.
const CONVERSATIONS: usize = 1024;
const SENDERS: usize = 64;

/// Conversations as this writer's last batches left them.
pub(super) struct Recall(Cache<ConversationId, Known>);

/// A conversation, and such of its senders as are known. All of it goes together: who takes part is one of its changes.
pub(super) struct Known {
    pub(super) conversation: Conversation,
    pub(super) senders: HashMap<UserId, Sender>,
}

impl Recall {
    pub(super) fn new() -> Self {
        Self(Cache::new(CONVERSATIONS))
    }

    /// Those of the submissions' conversations of which all is known that their submissions are judged by: these answer and mention
    /// nothing.
    pub(super) fn of<'a>(&self, submissions: impl Iterator<Item = &'a Submission>) -> Vec<Known> {
        let mut all: HashMap<ConversationId, Option<Known>> = HashMap::new();
        for of in submissions {
            let (id, user) = (of.conversation_id, of.draft.sender_id);
            let remembered =
                self.0.get(&id).filter(|_| of.draft.reply_to_id.is_none() && of.draft.mentioned.is_empty());
            let sender = remembered.and_then(|known| known.senders.get(&user));
            let start =
                || remembered.map(|known| Known { conversation: known.conversation.clone(), senders: HashMap::new() });
            let known = all.entry(id).or_insert_with(start);
            match (sender, known.as_mut()) {
                (Some(sender), Some(known)) => drop(known.senders.insert(user, sender.clone())),
                _ => *known = None,
            }
        }
        all.into_values().flatten().collect()
    }

    /// Remembers how a conversation is now, and some of its senders; those whom it knew too, if nothing but messages came in between.
    pub(super) fn learn(&mut self, now: Known) {
        let id = now.conversation.id;
        match self.0.get_mut(&id) {
            Some(mut known)
                if known.conversation.changes() == now.conversation.changes() && known.senders.len() < SENDERS =>
            {
                known.conversation = now.conversation;
                known.senders.extend(now.senders);
            }
            _ => self.0.insert(id, now),
        }
    }

    /// They are no longer so, or nobody knows.
    pub(super) fn forget(&mut self, conversations: impl IntoIterator<Item = ConversationId>) {
        for id in conversations {
            self.0.remove(&id);
        }
    }
}
