//! The table of messages.

use confab_domain::{
    ClientMessageId, ConversationId, Message, MessageId, MessageState, Timestamp, UserId, index_tokens,
};
use sea_orm::ActiveValue::{NotSet, Set, Unchanged};
use sea_orm::entity::prelude::*;

use super::details::{self, Details};
use super::row::Row;
use crate::error::Failure;
use crate::reading::{Kind, Record, Values};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "messages")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) conversation_id: Uuid,
    pub(crate) seq: i64,
    pub(crate) version: i64,
    pub(crate) sender_id: Uuid,
    pub(crate) sent_at: i64,
    pub(crate) client_message_id: Option<String>,
    pub(crate) body: String,
    pub(crate) reply_to_id: Option<Uuid>,
    pub(crate) deleted_at: Option<i64>,
    pub(crate) details: Option<String>,
    pub(crate) search_tokens: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Record for Model {
    type Column = Column;

    const COLUMNS: &'static [(Column, Kind)] = &[
        (Column::Id, Kind::Id),
        (Column::ConversationId, Kind::Id),
        (Column::Seq, Kind::Integer),
        (Column::Version, Kind::Integer),
        (Column::SenderId, Kind::Id),
        (Column::SentAt, Kind::Integer),
        (Column::ClientMessageId, Kind::Text),
        (Column::Body, Kind::Text),
        (Column::ReplyToId, Kind::Id),
        (Column::DeletedAt, Kind::Integer),
        (Column::Details, Kind::Text),
    ];

    fn read(values: &mut Values<'_>) -> Result<Self, DbErr> {
        Ok(Self {
            id: values.id()?,
            conversation_id: values.id()?,
            seq: values.integer()?,
            version: values.integer()?,
            sender_id: values.id()?,
            sent_at: values.integer()?,
            client_message_id: values.optional_text()?,
            body: values.text()?,
            reply_to_id: values.optional_id()?,
            deleted_at: values.optional_integer()?,
            details: values.optional_text()?,
            // Only to search by.
            search_tokens: None,
        })
    }
}

impl Model {
    /// The message.
    pub(crate) fn restore(self) -> Result<Message, Failure> {
        let row = Row::new("messages", self.id);
        let key = self.client_message_id.map(ClientMessageId::restore).transpose();
        let details = Details::read(row, self.details.as_deref())?;
        row.whole(Message::restore(MessageState {
            id: MessageId::from(self.id),
            conversation_id: ConversationId::from(self.conversation_id),
            seq: row.seq("seq", self.seq)?,
            version: row.version("version", self.version)?,
            sender_id: UserId::from(self.sender_id),
            reply_to_id: self.reply_to_id.map(MessageId::from),
            client_message_id: row.value("client_message_id", key)?,
            sent_at: row.time("sent_at", self.sent_at)?,
            reaction_kinds: details.reaction_kinds(),
            content: details.content(row, self.body, self.deleted_at)?,
        }))
    }
}

/// The row of a new message.
pub(crate) fn new_row(message: &Message) -> Result<ActiveModel, Failure> {
    Ok(ActiveModel {
        id: Set(message.id.as_uuid()),
        conversation_id: Set(message.conversation_id.as_uuid()),
        seq: Set(message.seq.as_i64()),
        version: Set(message.version.as_i64()),
        sender_id: Set(message.sender_id.as_uuid()),
        sent_at: Set(message.sent_at.as_micros()),
        client_message_id: Set(message.client_message_id.as_ref().map(|key| key.as_str().to_owned())),
        ..changed_row(message)?
    })
}

/// What can change in a message's row.
pub(crate) fn changed_row(message: &Message) -> Result<ActiveModel, Failure> {
    Ok(ActiveModel {
        id: Unchanged(message.id.as_uuid()),
        conversation_id: NotSet,
        seq: NotSet,
        version: NotSet,
        sender_id: NotSet,
        sent_at: NotSet,
        client_message_id: NotSet,
        body: Set(message.body().to_owned()),
        reply_to_id: Set(message.reply_to_id.map(MessageId::as_uuid)),
        deleted_at: Set(details::deleted_at(message).map(Timestamp::as_micros)),
        details: Set(Details::of(message)?),
        search_tokens: Set(Some(search_tokens(message.body()))),
    })
}

/// What the index of messages keeps of one: the tokens of its text, which each database marks with the conversation, so that
/// a search in one conversation meets no token of another.
pub(crate) fn search_tokens(body: &str) -> String {
    index_tokens(body).join(" ")
}
