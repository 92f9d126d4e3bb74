//! What a batch is judged by: read once, and moved along from one submission to the next.

use std::collections::{HashMap, HashSet};

use confab_application::ports::{AppendError, Appended, StoreError, Submission};
use confab_domain::{
    ClientMessageId, Conversation, ConversationId, Meanwhile, Message, MessageId, Posting, PostingFacts, Revision,
    Sender, Seq, UserId, post,
};
use sea_orm::prelude::Uuid;
use sea_orm::{DbErr, QueryResult};

use super::recall::Known;
use super::rows::{ConversationRow, ReaderRow, SenderRow};
use super::writer::Verdict;
use crate::entities::{conversation, message, participant, revision, user};
use crate::error::{Cause, Failure};
use crate::reading::Values;

/// The facts of a whole batch.
#[derive(Default)]
pub(super) struct Facts {
    conversations: HashMap<ConversationId, Place>,
    senders: HashMap<(ConversationId, UserId), Kept<Sender>>,
    earlier: HashMap<(ConversationId, UserId, ClientMessageId), (Message, Option<Revision>)>,
    /// Where messages are that a sender could answer.
    answerable: HashMap<(UserId, MessageId), Seq>,
    /// Users whom drafts mention, and who take part.
    mentioned: HashSet<(ConversationId, UserId)>,
}

/// A conversation, and where it was when it was read, or when it was last written.
struct Place {
    kept: Kept<Conversation>,
    last_seq: Seq,
    /// Whether it was not read for this batch.
    is_recalled: bool,
}

impl Place {
    fn new(conversation: Conversation, is_recalled: bool) -> Self {
        Self { last_seq: conversation.last_seq, kept: Kept::new(conversation), is_recalled }
    }
}

/// A row, and whether it is to be written.
struct Kept<T> {
    value: T,
    changed: bool,
}

impl<T> Kept<T> {
    const fn new(value: T) -> Self {
        Self { value, changed: false }
    }
}

impl Facts {
    /// Takes a row: a conversation, a sender, and what was sent with the key before.
    pub(super) fn add(&mut self, row: &QueryResult) -> Result<(), Failure> {
        let mut values = Values::of(row);
        self.take_conversation(&mut values)?;
        self.take_sender(&mut values)
    }

    /// Forgets the conversations that are not among these.
    pub(super) fn keep(&mut self, locked: &HashSet<ConversationId>) {
        self.conversations.retain(|id, _| locked.contains(id));
    }

    fn take_conversation(&mut self, values: &mut Values<'_>) -> Result<(), Failure> {
        let conversation = values.record::<conversation::Model>()?.restore()?;
        self.conversations.insert(conversation.id, Place::new(conversation, false));
        Ok(())
    }

    /// Takes what is known of a conversation.
    pub(super) fn recall(&mut self, known: Known) {
        let id = known.conversation.id;
        self.conversations.insert(id, Place::new(known.conversation, true));
        self.senders.extend(known.senders.into_iter().map(|(user, sender)| ((id, user), Kept::new(sender))));
    }

    /// Forgets all of a conversation.
    pub(super) fn forget(&mut self, id: ConversationId) {
        self.conversations.remove(&id);
        self.senders.retain(|(of, _), _| *of != id);
        self.earlier.retain(|(of, ..), _| *of != id);
    }

    /// Whether it was not read for this batch.
    pub(super) fn is_recalled(&self, id: ConversationId) -> bool {
        self.conversations.get(&id).is_some_and(|place| place.is_recalled)
    }

    /// Whether a message is one that was judged by these facts, and not one that was there.
    pub(super) fn is_of_this_batch(&self, message: &Message) -> bool {
        self.conversations.get(&message.conversation_id).is_some_and(|place| message.seq > place.last_seq)
    }

    /// What others have sent to a conversation before what was written to it.
    pub(super) fn come_after(&mut self, id: ConversationId, meanwhile: Meanwhile) {
        if let Some(place) = self.conversations.get_mut(&id) {
            place.kept.value = meanwhile.within(&place.kept.value);
        }
    }

    /// What the next batch can know of those conversations that have changed.
    pub(super) fn learned(self) -> impl Iterator<Item = Known> {
        let mut senders: HashMap<ConversationId, HashMap<UserId, Sender>> = HashMap::new();
        for ((id, user), sender) in self.senders {
            senders.entry(id).or_default().insert(user, sender.value);
        }
        self.conversations.into_iter().filter(|(_, place)| place.kept.changed).map(move |(id, place)| {
            let senders = senders.remove(&id).unwrap_or_default();
            Known { conversation: place.kept.value, senders }
        })
    }

    fn take_sender(&mut self, values: &mut Values<'_>) -> Result<(), Failure> {
        let participant = values.record::<participant::Model>()?.restore()?;
        let (role, active) = values.record::<user::Standing>()?.restore(participant.user_id)?;
        let key = (participant.conversation_id, participant.user_id);
        self.senders.entry(key).or_insert_with(|| Kept::new(Sender { participant, role, active }));
        if let Some(earlier) = values.optional_record::<message::Model>()? {
            let earlier = earlier.restore()?;
            let original = values.optional_record::<revision::Model>()?.map(revision::Model::restore).transpose()?;
            if let Some(id) = earlier.client_message_id.clone() {
                self.earlier.insert((key.0, key.1, id), (earlier, original));
            }
        } else {
            values.optional_record::<revision::Model>()?;
        }
        if let (Some(id), Some(seq)) = (values.optional_id()?, values.optional_integer()?) {
            let seq = Seq::parse(seq).map_err(|error| DbErr::Type(error.to_string()))?;
            self.answerable.insert((key.1, MessageId::from(id)), seq);
        }
        for id in values.optional_text()?.iter().flat_map(|ids| ids.split(',')) {
            let id = Uuid::try_parse(id).map_err(|error| DbErr::Type(error.to_string()))?;
            self.mentioned.insert((key.0, UserId::from(id)));
        }
        Ok(())
    }

    /// Judges the next submission, by what those before it have left.
    pub(super) fn judge(&mut self, submission: &Submission) -> Verdict {
        let (id, draft) = (submission.conversation_id, submission.draft.clone());
        let conversation = self.conversations.get_mut(&id).map(|place| &mut place.kept);
        let sender = self.senders.get_mut(&(id, draft.sender_id));
        if conversation.is_none() && sender.is_some() {
            return Err(StoreError::Unavailable(Cause::new("the conversation stays locked")).into());
        }
        let key = draft.client_message_id.clone().map(|key| (id, draft.sender_id, key));
        let (earlier, original) = match key.as_ref().and_then(|key| self.earlier.get(key)) {
            Some((message, original)) => (Some(message.clone()), original.clone()),
            None => (None, None),
        };
        let mentioned = draft.mentioned.iter().copied().filter(|user| self.mentioned.contains(&(id, *user)));
        let facts = PostingFacts {
            mentioned: mentioned.collect(),
            reply_to_seq: draft
                .reply_to_id
                .and_then(|message| self.answerable.get(&(draft.sender_id, message)))
                .copied(),
            original,
            earlier,
            conversation: conversation.as_ref().map(|kept| kept.value.clone()),
            sender: sender.as_ref().map(|kept| kept.value.clone()),
        };
        match post(facts, draft, submission.now).map_err(AppendError::Refused)? {
            Posting::Repeated(message) => Ok(Appended::Earlier(message)),
            Posting::Appended { message, conversation: moved, participant } => {
                if let (Some(conversation), Some(sender)) = (conversation, sender) {
                    *conversation = Kept { value: moved, changed: true };
                    sender.value.participant = participant;
                    sender.changed = true;
                }
                self.earlier.extend(key.map(|key| (key, (message.clone(), None))));
                Ok(Appended::New(message))
            }
        }
    }

    /// Whether there is anything to write.
    pub(super) fn has_changed(&self) -> bool {
        self.conversations.values().any(|place| place.kept.changed)
    }

    /// Whether there is anything to write to this conversation.
    pub(super) fn has_changed_in(&self, id: ConversationId) -> bool {
        self.conversations.get(&id).is_some_and(|place| place.kept.changed)
    }

    /// Where the conversations now are.
    pub(super) fn changed_conversations(&self) -> Vec<ConversationRow> {
        let changed = self.conversations.values().filter(|place| place.kept.changed);
        changed.map(|Place { kept, last_seq, .. }| ConversationRow::of(&kept.value, *last_seq)).collect()
    }

    /// How far the senders have read. In the order in which others lock participants, or two could wait for each other.
    pub(super) fn changed_participants(&self) -> Vec<ReaderRow> {
        let mut changed: Vec<_> = self.senders.iter().filter(|(_, kept)| kept.changed).collect();
        changed.sort_unstable_by_key(|(place, _)| **place);
        changed.into_iter().map(|(_, kept)| ReaderRow::of(&kept.value.participant)).collect()
    }

    /// What is to be asked for again of what was not read for this batch: who sends, and the key that is to be new.
    pub(super) fn recalled_senders<'a>(&self, submissions: impl Iterator<Item = &'a Submission>) -> Vec<SenderRow<'a>> {
        let recalled = submissions.filter(|of| self.is_recalled(of.conversation_id));
        let sender = |of: &Submission| self.senders.get(&(of.conversation_id, of.draft.sender_id));
        recalled.filter_map(|of| Some(SenderRow::of(of, sender(of)?.value.role))).collect()
    }
}
