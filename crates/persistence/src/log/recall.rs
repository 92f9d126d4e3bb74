//! What is remembered from batch to batch, so that the next need not read it: conversations, and who sends to them.
//!
//! It decides nothing by itself. Each of its facts is one that is asked for again where the messages are written (ADR 33), and what
//! would be refused by it is read first.

use std::collections::HashMap;

use confab_application::ports::Submission;
use confab_domain::{Conversation, ConversationId, Sender, UserId, Version};
use quick_cache::unsync::Cache;

/// So many conversations, and so many senders of each: 16 MiB at the most, and usually a fraction of it.
const CONVERSATIONS: usize = 1024;
const SENDERS: usize = 64;

/// Conversations as this writer's last batches left them.
pub(super) struct Recall(Cache<ConversationId, Known>);

/// A conversation, and such of its senders as are known. All of it goes together: who takes part changes with the version.
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
    pub(super) fn of(&self, submissions: &[&Submission]) -> HashMap<ConversationId, &Known> {
        let mut all: HashMap<_, _> =
            submissions.iter().filter_map(|of| Some((of.conversation_id, self.0.get(&of.conversation_id)?))).collect();
        for of in submissions {
            let is_known = |known: &&Known| known.senders.contains_key(&of.draft.sender_id);
            if of.draft.reply_to_id.is_some()
                || !of.draft.mentioned.is_empty()
                || !all.get(&of.conversation_id).is_some_and(is_known)
            {
                all.remove(&of.conversation_id);
            }
        }
        all
    }

    /// Remembers how a conversation is now, which had this version before, and some of its senders.
    pub(super) fn learn(&mut self, before: Version, mut now: Known) {
        let id = now.conversation.id;
        if let Some((_, known)) = self.0.remove(&id)
            && known.conversation.version == before
            && known.senders.len() < SENDERS
        {
            for (user, sender) in known.senders {
                now.senders.entry(user).or_insert(sender);
            }
        }
        self.0.insert(id, now);
    }

    /// They are no longer so, or nobody knows.
    pub(super) fn forget(&mut self, conversations: impl IntoIterator<Item = ConversationId>) {
        for id in conversations {
            self.0.remove(&id);
        }
    }
}
