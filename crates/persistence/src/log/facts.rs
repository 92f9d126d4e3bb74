//! What a batch is judged by: read once, and moved along from one submission to the next.

use std::collections::{HashMap, HashSet};
use std::fmt::Display;

use confab_application::ports::{AppendError, Appended, StoreError, Submission};
use confab_domain::{
    ClientMessageId, Conversation, ConversationId, Meanwhile, Message, MessageId, Participant, Posting, PostingFacts,
    Revision, Sender, Seq, UserId, post,
};
use sea_orm::prelude::Uuid;
use sea_orm::{DbErr, QueryResult};
use serde::{Serialize, Serializer};

use super::recall::Known;
use super::writer::Verdict;
use crate::entities::details::Details;
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

    /// The third statement's second parameter: where the conversations now are.
    pub(super) fn changed_conversations(&self) -> Result<String, Failure> {
        json(self.conversations.values().filter(|place| place.kept.changed).map(|place| {
            let Place { kept, last_seq, .. } = place;
            ConversationRow {
                id: kept.value.id,
                changes: kept.value.changes(),
                read_seq: last_seq.as_i64(),
                last_seq: kept.value.last_seq.as_i64(),
                version: kept.value.version.as_i64(),
                last_activity_at: kept.value.last_activity_at.as_micros(),
            }
        }))
    }

    /// Its third: how far the senders have read. In the order in which others lock participants, or two could wait for each
    /// other.
    pub(super) fn changed_participants(&self) -> Result<String, Failure> {
        let mut changed: Vec<_> = self.senders.iter().filter(|(_, kept)| kept.changed).collect();
        changed.sort_unstable_by_key(|(place, _)| **place);
        json(changed.into_iter().map(|(_, kept)| ReaderRow::of(&kept.value.participant)))
    }

    /// Its fourth: what is to be asked for again of what was not read for this batch: who sends, and the key that is to be new.
    pub(super) fn recalled_senders<'a>(
        &self,
        submissions: impl Iterator<Item = &'a Submission>,
    ) -> Result<String, Failure> {
        json(submissions.filter(|of| self.is_recalled(of.conversation_id)).filter_map(|of| {
            let (id, user) = (of.conversation_id, of.draft.sender_id);
            Some(SenderRow {
                conversation_id: id,
                sender_id: user,
                role: self.senders.get(&(id, user))?.value.role.as_str(),
                client_message_id: of.draft.client_message_id.as_ref().map(ClientMessageId::as_str),
            })
        }))
    }
}

/// The parameter of the first statement and of the second: for each submission, where, whom and what to look for.
pub(super) fn questions<'a>(submissions: impl IntoIterator<Item = &'a Submission>) -> Result<String, Failure> {
    json(submissions.into_iter().map(|submission| Question {
        conversation_id: submission.conversation_id,
        sender_id: submission.draft.sender_id,
        client_message_id: submission.draft.client_message_id.as_ref().map(ClientMessageId::as_str),
        reply_to_id: submission.draft.reply_to_id,
        mentioned: submission.draft.mentioned.iter().map(|id| id.as_uuid()).collect(),
    }))
}

/// The third's first: the new messages, each with the tokens by which it is found.
pub(super) fn messages<'a>(messages: impl Iterator<Item = (&'a Message, &'a str)>) -> Result<String, Failure> {
    let rows = messages.map(|(message, tokens)| MessageRow::of(message, tokens)).collect::<Result<Vec<_>, _>>()?;
    json(rows.into_iter())
}

#[derive(Serialize)]
struct Question<'a> {
    #[serde(serialize_with = "text")]
    conversation_id: ConversationId,
    #[serde(serialize_with = "text")]
    sender_id: UserId,
    client_message_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "optional_text")]
    reply_to_id: Option<MessageId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mentioned: Vec<Uuid>,
}

#[derive(Serialize)]
struct MessageRow<'a> {
    #[serde(serialize_with = "text")]
    id: MessageId,
    #[serde(serialize_with = "text")]
    conversation_id: ConversationId,
    seq: i64,
    version: i64,
    #[serde(serialize_with = "text")]
    sender_id: UserId,
    sent_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_message_id: Option<&'a str>,
    body: &'a str,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "optional_text")]
    reply_to_id: Option<MessageId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<String>,
    search_tokens: &'a str,
}

impl<'a> MessageRow<'a> {
    fn of(message: &'a Message, search_tokens: &'a str) -> Result<Self, Failure> {
        Ok(Self {
            id: message.id,
            conversation_id: message.conversation_id,
            seq: message.seq.as_i64(),
            version: message.version.as_i64(),
            sender_id: message.sender_id,
            sent_at: message.sent_at.as_micros(),
            client_message_id: message.client_message_id.as_ref().map(ClientMessageId::as_str),
            body: message.body(),
            reply_to_id: message.reply_to_id,
            details: Details::of(message)?,
            search_tokens,
        })
    }
}

#[derive(Serialize)]
struct ConversationRow {
    #[serde(serialize_with = "text")]
    id: ConversationId,
    changes: u64,
    read_seq: i64,
    last_seq: i64,
    version: i64,
    last_activity_at: i64,
}

#[derive(Serialize)]
struct SenderRow<'a> {
    #[serde(serialize_with = "text")]
    conversation_id: ConversationId,
    #[serde(serialize_with = "text")]
    sender_id: UserId,
    role: &'static str,
    client_message_id: Option<&'a str>,
}

#[derive(Serialize)]
struct ReaderRow {
    #[serde(serialize_with = "text")]
    conversation_id: ConversationId,
    #[serde(serialize_with = "text")]
    user_id: UserId,
    last_read_seq: i64,
}

impl ReaderRow {
    fn of(participant: &Participant) -> Self {
        Self {
            conversation_id: participant.conversation_id,
            user_id: participant.user_id,
            last_read_seq: participant.last_read_seq.as_i64(),
        }
    }
}

fn text<S: Serializer>(id: &impl Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}

fn optional_text<S: Serializer>(id: &Option<impl Display>, serializer: S) -> Result<S::Ok, S::Error> {
    match id {
        Some(id) => serializer.collect_str(id),
        None => serializer.serialize_none(),
    }
}

/// The rows as one JSON array: one parameter, however many they are, so that a statement stays the same.
fn json(rows: impl Iterator<Item = impl Serialize>) -> Result<String, Failure> {
    let rows: Vec<_> = rows.collect();
    serde_json::to_string(&rows).map_err(|error| sea_orm::DbErr::Custom(error.to_string()).into())
}
