//! The rows of a batch, as its statements take them: SQLite as JSON, of which each kind is one value, however many they are; PostgreSQL
//! as arrays, one of each column, which it need not parse.

use std::fmt::Display;

use confab_application::ports::Submission;
use confab_domain::{
    ClientMessageId, Conversation, ConversationId, Message, MessageId, Participant, Role, Seq, UserId,
};
use sea_orm::prelude::Uuid;
use sea_orm::sqlx::Postgres;
use sea_orm::sqlx::postgres::PgArguments;
use sea_orm::sqlx::query::Query;
use serde::{Serialize, Serializer};

use crate::entities::details::Details;
use crate::error::Failure;

/// What a batch writes, and what it asks for again.
pub(super) struct Rows<'a> {
    /// The new messages.
    pub(super) messages: Vec<MessageRow<'a>>,
    /// Where the conversations now are.
    pub(super) conversations: Vec<ConversationRow>,
    /// How far the senders have read.
    pub(super) readers: Vec<ReaderRow>,
    /// The senders that were not read for this batch.
    pub(super) senders: Vec<SenderRow<'a>>,
}

impl<'a> Rows<'a> {
    /// The first three kinds as JSON, in their order.
    pub(super) fn written(&self) -> Result<[String; 3], Failure> {
        Ok([json(&self.messages)?, json(&self.conversations)?, json(&self.readers)?])
    }

    /// All kinds as JSON, in their order.
    pub(super) fn json(&self) -> Result<[String; 4], Failure> {
        let [messages, conversations, readers] = self.written()?;
        Ok([messages, conversations, readers, json(&self.senders)?])
    }

    /// All columns as arrays, in their order.
    pub(super) fn bind<'q>(&self, query: Query<'q, Postgres, PgArguments>) -> Query<'q, Postgres, PgArguments>
    where
        'a: 'q,
    {
        let Self { messages, conversations, readers, senders } = self;
        query
            .bind(column(messages, |row| row.id.as_uuid()))
            .bind(column(messages, |row| row.conversation_id.as_uuid()))
            .bind(column(messages, |row| row.seq))
            .bind(column(messages, |row| row.version))
            .bind(column(messages, |row| row.sender_id.as_uuid()))
            .bind(column(messages, |row| row.sent_at))
            .bind(column(messages, |row| row.client_message_id))
            .bind(column(messages, |row| row.body))
            .bind(column(messages, |row| row.reply_to_id.map(MessageId::as_uuid)))
            .bind(column(messages, |row| row.details.clone()))
            .bind(column(messages, |row| row.search_tokens))
            .bind(column(conversations, |row| row.id.as_uuid()))
            .bind(column(conversations, |row| row.changes))
            .bind(column(conversations, |row| row.read_seq))
            .bind(column(conversations, |row| row.last_seq))
            .bind(column(conversations, |row| row.last_activity_at))
            .bind(column(readers, |row| row.conversation_id.as_uuid()))
            .bind(column(readers, |row| row.user_id.as_uuid()))
            .bind(column(readers, |row| row.last_read_seq))
            .bind(column(senders, |row| row.conversation_id.as_uuid()))
            .bind(column(senders, |row| row.sender_id.as_uuid()))
            .bind(column(senders, |row| row.role))
            .bind(column(senders, |row| row.client_message_id))
    }

    /// The columns of one message, and what it was judged by; nothing where there are more.
    pub(super) fn bind_one<'q>(
        &self,
        query: Query<'q, Postgres, PgArguments>,
    ) -> Option<Query<'q, Postgres, PgArguments>>
    where
        'a: 'q,
    {
        let ([message], [conversation]) = (&*self.messages, &*self.conversations) else { return None };
        let query = query
            .bind(message.id.as_uuid())
            .bind(message.conversation_id.as_uuid())
            .bind(message.sender_id.as_uuid())
            .bind(message.sent_at)
            .bind(message.client_message_id)
            .bind(message.body)
            .bind(message.reply_to_id.map(MessageId::as_uuid))
            .bind(message.details.clone())
            .bind(message.search_tokens)
            .bind(conversation.changes)
            .bind(conversation.read_seq)
            .bind(self.senders.first().map(|sender| sender.role));
        Some(query)
    }
}

fn column<'r, R, T>(rows: &'r [R], value: impl Fn(&'r R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

/// The parameter of the statements that read and lock: for each submission, where, whom and what to look for.
pub(super) fn questions<'a>(submissions: impl IntoIterator<Item = &'a Submission>) -> Result<String, Failure> {
    let questions = submissions.into_iter().map(|submission| Question {
        conversation_id: submission.conversation_id,
        sender_id: submission.draft.sender_id,
        client_message_id: key(submission.draft.client_message_id.as_ref()),
        reply_to_id: submission.draft.reply_to_id,
        mentioned: submission.draft.mentioned.iter().map(|id| id.as_uuid()).collect(),
    });
    json(&questions.collect::<Vec<_>>())
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

/// A new message, with the tokens by which it is found.
#[derive(Serialize)]
pub(super) struct MessageRow<'a> {
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
    pub(super) fn of(message: &'a Message, search_tokens: &'a str) -> Result<Self, Failure> {
        Ok(Self {
            id: message.id,
            conversation_id: message.conversation_id,
            seq: message.seq.as_i64(),
            version: message.version.as_i64(),
            sender_id: message.sender_id,
            sent_at: message.sent_at.as_micros(),
            client_message_id: key(message.client_message_id.as_ref()),
            body: message.body(),
            reply_to_id: message.reply_to_id,
            details: Details::of(message)?,
            search_tokens,
        })
    }
}

/// A conversation, and the seq from which on its messages are new.
#[derive(Serialize)]
pub(super) struct ConversationRow {
    #[serde(serialize_with = "text")]
    pub(super) id: ConversationId,
    changes: i64,
    read_seq: i64,
    last_seq: i64,
    version: i64,
    last_activity_at: i64,
}

impl ConversationRow {
    pub(super) fn of(conversation: &Conversation, read_seq: Seq) -> Self {
        Self {
            id: conversation.id,
            changes: conversation.changes().cast_signed(),
            read_seq: read_seq.as_i64(),
            last_seq: conversation.last_seq.as_i64(),
            version: conversation.version.as_i64(),
            last_activity_at: conversation.last_activity_at.as_micros(),
        }
    }
}

/// Who sends, with the role and the key by which they were judged.
#[derive(Serialize)]
pub(super) struct SenderRow<'a> {
    #[serde(serialize_with = "text")]
    conversation_id: ConversationId,
    #[serde(serialize_with = "text")]
    sender_id: UserId,
    role: &'static str,
    client_message_id: Option<&'a str>,
}

impl<'a> SenderRow<'a> {
    pub(super) fn of(submission: &'a Submission, role: Role) -> Self {
        Self {
            conversation_id: submission.conversation_id,
            sender_id: submission.draft.sender_id,
            role: role.as_str(),
            client_message_id: key(submission.draft.client_message_id.as_ref()),
        }
    }
}

/// How far somebody has read.
#[derive(Serialize)]
pub(super) struct ReaderRow {
    #[serde(serialize_with = "text")]
    conversation_id: ConversationId,
    #[serde(serialize_with = "text")]
    user_id: UserId,
    last_read_seq: i64,
}

impl ReaderRow {
    pub(super) fn of(participant: &Participant) -> Self {
        Self {
            conversation_id: participant.conversation_id,
            user_id: participant.user_id,
            last_read_seq: participant.last_read_seq.as_i64(),
        }
    }
}

fn key(key: Option<&ClientMessageId>) -> Option<&str> {
    key.map(ClientMessageId::as_str)
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

/// The rows as one JSON array, so that a statement stays the same.
fn json(rows: &[impl Serialize]) -> Result<String, Failure> {
    serde_json::to_string(rows).map_err(|error| sea_orm::DbErr::Custom(error.to_string()).into())
}
