//! What few messages have beside their text, as the JSON of one column.

use confab_domain::{
    Content, Deleted, Edited, JsonObject, Message, MessageBody, MessageText, SystemMessage, Timestamp, Title, UserId,
    ValueError,
};
use sea_orm::prelude::Uuid;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::row::Row;
use crate::error::Failure;

/// The column's content; what is absent is not there, or empty, or none.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Details {
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<System>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mentioned: Vec<Uuid>,
    /// Version and time.
    #[serde(skip_serializing_if = "Option::is_none")]
    edited: Option<(i64, i64)>,
    /// Version; the time has a column.
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted: Option<i64>,
    #[serde(skip_serializing_if = "is_zero")]
    reaction_kinds: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum System {
    ParticipantsAdded { user_ids: Vec<Uuid> },
    ParticipantLeft { user_id: Uuid },
    OwnerChanged { user_id: Uuid },
    Renamed { title: Option<String> },
    Closed,
    Reopened,
    Inspected { until: i64 },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Details {
    /// The column of this message; none where it has nothing of all that.
    pub(crate) fn of(message: &Message) -> Result<Option<String>, Failure> {
        let plain = Self { reaction_kinds: message.reaction_kinds, ..Self::default() };
        let details = match &message.content {
            Content::Text(MessageText { payload: None, mentioned, edited: None, .. })
                if mentioned.is_empty() && message.reaction_kinds == 0 =>
            {
                return Ok(None);
            }
            Content::Text(text) => Self {
                payload: text.payload.as_ref().map(raw).transpose()?,
                mentioned: text.mentioned.iter().map(|id| id.as_uuid()).collect(),
                edited: text.edited.map(|edited| (edited.version.as_i64(), edited.at.as_micros())),
                ..plain
            },
            Content::System(system) => Self { system: Some(System::of(system)), ..plain },
            Content::Deleted(deleted) => Self { deleted: Some(deleted.version.as_i64()), ..plain },
        };
        serde_json::to_string(&details).map(Some).map_err(|error| sea_orm::DbErr::Custom(error.to_string()).into())
    }

    /// What is in the column of this row.
    pub(super) fn read(row: Row, column: Option<&str>) -> Result<Self, Failure> {
        let Some(text) = column else { return Ok(Self::default()) };
        let details = serde_json::from_str(text);
        row.value("details", details.map_err(|_| ValueError::Malformed { expected: "the details of a message" }))
    }

    /// With how many different emoji there are reactions.
    pub(super) const fn reaction_kinds(&self) -> u32 {
        self.reaction_kinds
    }

    /// What the message says, with this body.
    pub(super) fn content(self, row: Row, body: String, deleted_at: Option<i64>) -> Result<Content, Failure> {
        if let Some(version) = self.deleted {
            let at = row.time("deleted_at", deleted_at.unwrap_or(i64::MAX))?;
            return Ok(Content::Deleted(Deleted { version: row.version("details", version)?, at }));
        }
        if let Some(system) = self.system {
            return Ok(Content::System(system.restore(row)?));
        }
        let payload = self.payload.map(|payload| JsonObject::restore(payload.get().to_owned())).transpose();
        let edited = |(version, at)| -> Result<_, Failure> {
            Ok(Edited { version: row.version("details", version)?, at: row.time("details", at)? })
        };
        Ok(Content::Text(MessageText {
            body: row.value("body", MessageBody::restore(body))?,
            payload: row.value("details", payload)?,
            mentioned: self.mentioned.into_iter().map(UserId::from).collect(),
            edited: self.edited.map(edited).transpose()?,
        }))
    }
}

impl System {
    fn of(system: &SystemMessage) -> Self {
        match system {
            SystemMessage::ParticipantsAdded { user_ids } => {
                Self::ParticipantsAdded { user_ids: user_ids.iter().map(|id| id.as_uuid()).collect() }
            }
            SystemMessage::ParticipantLeft { user_id } => Self::ParticipantLeft { user_id: user_id.as_uuid() },
            SystemMessage::OwnerChanged { user_id } => Self::OwnerChanged { user_id: user_id.as_uuid() },
            SystemMessage::Renamed { title } => {
                Self::Renamed { title: title.as_ref().map(|title| title.as_str().to_owned()) }
            }
            SystemMessage::Closed => Self::Closed,
            SystemMessage::Reopened => Self::Reopened,
            SystemMessage::Inspected { until } => Self::Inspected { until: until.as_micros() },
        }
    }

    fn restore(self, row: Row) -> Result<SystemMessage, Failure> {
        Ok(match self {
            Self::ParticipantsAdded { user_ids } => {
                SystemMessage::ParticipantsAdded { user_ids: user_ids.into_iter().map(UserId::from).collect() }
            }
            Self::ParticipantLeft { user_id } => SystemMessage::ParticipantLeft { user_id: user_id.into() },
            Self::OwnerChanged { user_id } => SystemMessage::OwnerChanged { user_id: user_id.into() },
            Self::Renamed { title } => {
                SystemMessage::Renamed { title: row.value("details", title.map(Title::restore).transpose())? }
            }
            Self::Closed => SystemMessage::Closed,
            Self::Reopened => SystemMessage::Reopened,
            Self::Inspected { until } => SystemMessage::Inspected { until: row.time("details", until)? },
        })
    }
}

fn raw(payload: &JsonObject) -> Result<Box<RawValue>, Failure> {
    RawValue::from_string(payload.as_str().to_owned()).map_err(|error| sea_orm::DbErr::Custom(error.to_string()).into())
}

/// When a message was deleted.
pub(crate) fn deleted_at(message: &Message) -> Option<Timestamp> {
    match &message.content {
        Content::Deleted(deleted) => Some(deleted.at),
        Content::Text(_) | Content::System(_) => None,
    }
}
