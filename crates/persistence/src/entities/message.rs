//! The table of messages.

use confab_domain::{ClientMessageId, ConversationId, Message, MessageBody, MessageId, MessageState, UserId};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

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
        })
    }
}

impl Model {
    /// The message.
    pub(crate) fn restore(self) -> Result<Message, Failure> {
        let row = Row::new("messages", self.id);
        let key = self.client_message_id.map(ClientMessageId::restore).transpose();
        row.whole(Message::restore(MessageState {
            id: MessageId::from(self.id),
            conversation_id: ConversationId::from(self.conversation_id),
            seq: row.seq("seq", self.seq)?,
            version: row.version("version", self.version)?,
            sender_id: UserId::from(self.sender_id),
            body: row.value("body", MessageBody::restore(self.body))?,
            client_message_id: row.value("client_message_id", key)?,
            sent_at: row.time("sent_at", self.sent_at)?,
        }))
    }
}

/// The row of a new message.
pub(crate) fn new_row(message: &Message) -> ActiveModel {
    ActiveModel {
        id: Set(message.id.as_uuid()),
        conversation_id: Set(message.conversation_id.as_uuid()),
        seq: Set(message.seq.as_i64()),
        version: Set(message.version.as_i64()),
        sender_id: Set(message.sender_id.as_uuid()),
        sent_at: Set(message.sent_at.as_micros()),
        client_message_id: Set(message.client_message_id.as_ref().map(|key| key.as_str().to_owned())),
        body: Set(message.body.as_str().to_owned()),
    }
}
