//! The table of events.

use confab_domain::{
    Change, ConversationChange, ConversationId, Emoji, Event, EventState, HistoryVisibility, Inconsistent, JsonObject,
    Reason, Title, UserId, ValueError,
};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Deserializer, Serialize};

use super::row::Row;
use crate::error::Failure;
use crate::reading::{Kind, Record, Values};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "events")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) conversation_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) version: i64,
    pub(crate) seq: i64,
    pub(crate) kind: String,
    pub(crate) actor_id: Uuid,
    pub(crate) occurred_at: i64,
    pub(crate) data: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Record for Model {
    type Column = Column;

    const COLUMNS: &'static [(Column, Kind)] = &[
        (Column::ConversationId, Kind::Id),
        (Column::Version, Kind::Integer),
        (Column::Seq, Kind::Integer),
        (Column::Kind, Kind::Text),
        (Column::ActorId, Kind::Id),
        (Column::OccurredAt, Kind::Integer),
        (Column::Data, Kind::Text),
    ];

    fn read(values: &mut Values<'_>) -> Result<Self, DbErr> {
        Ok(Self {
            conversation_id: values.id()?,
            version: values.integer()?,
            seq: values.integer()?,
            kind: values.text()?,
            actor_id: values.id()?,
            occurred_at: values.integer()?,
            data: values.text()?,
        })
    }
}

impl Model {
    /// The event.
    pub(crate) fn restore(self) -> Result<Event, Failure> {
        let row = Row::of_version("events", self.conversation_id, self.version);
        let reason = "not what its kind has";
        let data = format!(r#"{{"kind":"{}","data":{}}}"#, self.kind, self.data);
        let data: Data =
            serde_json::from_str(&data).map_err(|_| row.corrupt(Inconsistent { field: "data", reason }))?;
        row.whole(Event::restore(EventState {
            conversation_id: ConversationId::from(self.conversation_id),
            version: row.version("version", self.version)?,
            seq: row.seq("seq", self.seq)?,
            actor_id: UserId::from(self.actor_id),
            occurred_at: row.time("occurred_at", self.occurred_at)?,
            change: row.value("data", data.restore())?,
        }))
    }
}

/// The row of a new event.
pub(crate) fn new_row(event: &Event) -> Result<ActiveModel, Failure> {
    let (kind, data) = Data::of(&event.change).columns()?;
    Ok(ActiveModel {
        conversation_id: Set(event.conversation_id.as_uuid()),
        version: Set(event.version.as_i64()),
        seq: Set(event.seq.as_i64()),
        kind: Set(kind),
        actor_id: Set(event.actor_id.as_uuid()),
        occurred_at: Set(event.occurred_at.as_micros()),
        data: Set(data),
    })
}

/// A change, as it is kept: the kind in one column, and what it has as JSON in the other.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", content = "data", rename_all = "snake_case")]
enum Data {
    ConversationChanged(ConversationData),
    ParticipantsAdded { user_ids: Vec<Uuid> },
    ParticipantLeft { user_id: Uuid },
    OwnerChanged { user_id: Uuid },
    MessageEdited { message_id: Uuid },
    MessageDeleted { message_id: Uuid, reason: Option<String> },
    ReactionAdded { message_id: Uuid, emoji: String },
    ReactionRemoved { message_id: Uuid, emoji: String },
    ConversationDeleted {},
}

/// What has changed in a conversation itself; what is absent has not.
#[derive(Serialize, Deserialize)]
struct ConversationData {
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    title: Option<Option<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    announcement: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    history: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    closed: Option<bool>,
    /// The text of it, so that not even its numbers change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    metadata: Option<String>,
}

impl Data {
    fn of(change: &Change) -> Self {
        match change {
            Change::Conversation(change) => Self::ConversationChanged(ConversationData {
                title: change.title.as_ref().map(|title| title.as_ref().map(|title| title.as_str().to_owned())),
                announcement: change.announcement,
                history: change.history.map(|history| history.as_str().to_owned()),
                closed: change.closed,
                metadata: change.metadata.as_ref().map(|metadata| metadata.as_str().to_owned()),
            }),
            Change::ParticipantsAdded { user_ids } => {
                Self::ParticipantsAdded { user_ids: user_ids.iter().map(|id| id.as_uuid()).collect() }
            }
            Change::ParticipantLeft { user_id } => Self::ParticipantLeft { user_id: user_id.as_uuid() },
            Change::OwnerChanged { user_id } => Self::OwnerChanged { user_id: user_id.as_uuid() },
            Change::MessageEdited { message_id } => Self::MessageEdited { message_id: message_id.as_uuid() },
            Change::MessageDeleted { message_id, reason } => Self::MessageDeleted {
                message_id: message_id.as_uuid(),
                reason: reason.as_ref().map(|reason| reason.as_str().to_owned()),
            },
            Change::ReactionAdded { message_id, emoji } => {
                Self::ReactionAdded { message_id: message_id.as_uuid(), emoji: emoji.as_str().to_owned() }
            }
            Change::ReactionRemoved { message_id, emoji } => {
                Self::ReactionRemoved { message_id: message_id.as_uuid(), emoji: emoji.as_str().to_owned() }
            }
            Change::ConversationDeleted => Self::ConversationDeleted {},
        }
    }

    fn restore(self) -> Result<Change, ValueError> {
        Ok(match self {
            Self::ConversationChanged(data) => Change::Conversation(ConversationChange {
                title: data.title.map(|title| title.map(Title::restore).transpose()).transpose()?,
                announcement: data.announcement,
                history: data.history.as_deref().map(HistoryVisibility::parse).transpose()?,
                closed: data.closed,
                metadata: data.metadata.map(JsonObject::restore).transpose()?,
            }),
            Self::ParticipantsAdded { user_ids } => {
                Change::ParticipantsAdded { user_ids: user_ids.into_iter().map(UserId::from).collect() }
            }
            Self::ParticipantLeft { user_id } => Change::ParticipantLeft { user_id: UserId::from(user_id) },
            Self::OwnerChanged { user_id } => Change::OwnerChanged { user_id: UserId::from(user_id) },
            Self::MessageEdited { message_id } => Change::MessageEdited { message_id: message_id.into() },
            Self::MessageDeleted { message_id, reason } => Change::MessageDeleted {
                message_id: message_id.into(),
                reason: reason.map(Reason::restore).transpose()?,
            },
            Self::ReactionAdded { message_id, emoji } => {
                Change::ReactionAdded { message_id: message_id.into(), emoji: Emoji::parse(&emoji)? }
            }
            Self::ReactionRemoved { message_id, emoji } => {
                Change::ReactionRemoved { message_id: message_id.into(), emoji: Emoji::parse(&emoji)? }
            }
            Self::ConversationDeleted {} => Change::ConversationDeleted,
        })
    }

    fn columns(&self) -> Result<(String, String), Failure> {
        let unfit = |error: serde_json::Error| Failure::from(DbErr::Custom(error.to_string()));
        let whole = serde_json::to_value(self).map_err(unfit)?;
        let kind = whole.get("kind").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        let data = serde_json::to_string(&whole.get("data")).map_err(unfit)?;
        Ok((kind, data))
    }
}

/// A field that is there, if only as `null`.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
