//! The table of conversations.

use confab_domain::{
    Conversation, ConversationId, ConversationState, DirectPair, HistoryVisibility, Inconsistent, Timestamp, Title,
    UserId,
};
use sea_orm::ActiveValue::{NotSet, Set, Unchanged};
use sea_orm::entity::prelude::*;

use super::row::Row;
use crate::error::Failure;
use crate::reading::{Kind, Record, Values};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conversations")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) direct_low: Option<Uuid>,
    pub(crate) direct_high: Option<Uuid>,
    pub(crate) title: Option<String>,
    pub(crate) title_key: Option<String>,
    pub(crate) creator_id: Uuid,
    pub(crate) participant_count: i64,
    pub(crate) last_seq: i64,
    pub(crate) version: i64,
    pub(crate) created_at: i64,
    pub(crate) last_activity_at: i64,
    pub(crate) changed_at: i64,
    pub(crate) edited_version: i64,
    pub(crate) history_from_start: bool,
    pub(crate) announcement: bool,
    pub(crate) closed_at: Option<i64>,
    pub(crate) deleted_at: Option<i64>,
    pub(crate) blocked: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Record for Model {
    type Column = Column;

    const COLUMNS: &'static [(Column, Kind)] = &[
        (Column::Id, Kind::Id),
        (Column::DirectLow, Kind::Id),
        (Column::DirectHigh, Kind::Id),
        (Column::Title, Kind::Text),
        (Column::CreatorId, Kind::Id),
        (Column::ParticipantCount, Kind::Integer),
        (Column::LastSeq, Kind::Integer),
        (Column::Version, Kind::Integer),
        (Column::CreatedAt, Kind::Integer),
        (Column::LastActivityAt, Kind::Integer),
        (Column::ChangedAt, Kind::Integer),
        (Column::EditedVersion, Kind::Integer),
        (Column::HistoryFromStart, Kind::Flag),
        (Column::Announcement, Kind::Flag),
        (Column::ClosedAt, Kind::Integer),
        (Column::DeletedAt, Kind::Integer),
        (Column::Blocked, Kind::Flag),
    ];

    fn read(values: &mut Values<'_>) -> Result<Self, DbErr> {
        Ok(Self {
            id: values.id()?,
            direct_low: values.optional_id()?,
            direct_high: values.optional_id()?,
            title: values.optional_text()?,
            // Only to search by.
            title_key: None,
            creator_id: values.id()?,
            participant_count: values.integer()?,
            last_seq: values.integer()?,
            version: values.integer()?,
            created_at: values.integer()?,
            last_activity_at: values.integer()?,
            changed_at: values.integer()?,
            edited_version: values.integer()?,
            history_from_start: values.flag()?,
            announcement: values.flag()?,
            closed_at: values.optional_integer()?,
            deleted_at: values.optional_integer()?,
            blocked: values.flag()?,
        })
    }
}

impl Model {
    /// The conversation.
    pub(crate) fn restore(self) -> Result<Conversation, Failure> {
        let row = Row::new("conversations", self.id);
        let pair = match (self.direct_low, self.direct_high) {
            (None, None) => None,
            (Some(low), Some(high)) if low < high => DirectPair::new(UserId::from(low), UserId::from(high)),
            _ => {
                let reason = "a pair is two users, the smaller id first";
                return Err(row.corrupt(Inconsistent { field: "direct_low", reason }));
            }
        };
        row.whole(Conversation::restore(ConversationState {
            id: ConversationId::from(self.id),
            pair,
            title: row.value("title", self.title.map(Title::restore).transpose())?,
            creator_id: UserId::from(self.creator_id),
            participant_count: row.count("participant_count", self.participant_count)?,
            last_seq: row.seq("last_seq", self.last_seq)?,
            version: row.version("version", self.version)?,
            created_at: row.time("created_at", self.created_at)?,
            last_activity_at: row.time("last_activity_at", self.last_activity_at)?,
            changed_at: row.time("changed_at", self.changed_at)?,
            edited_version: row.version("edited_version", self.edited_version)?,
            history: if self.history_from_start {
                HistoryVisibility::FromStart
            } else {
                HistoryVisibility::FromJoining
            },
            announcement: self.announcement,
            closed_at: self.closed_at.map(|at| row.time("closed_at", at)).transpose()?,
            deleted_at: self.deleted_at.map(|at| row.time("deleted_at", at)).transpose()?,
            blocked: self.blocked,
        }))
    }
}

/// The row of a new conversation.
pub(crate) fn new_row(conversation: &Conversation) -> ActiveModel {
    ActiveModel {
        id: Set(conversation.id.as_uuid()),
        creator_id: Set(conversation.creator_id.as_uuid()),
        created_at: Set(conversation.created_at.as_micros()),
        ..changed_row(conversation)
    }
}

/// What can change in a conversation's row.
pub(crate) fn changed_row(conversation: &Conversation) -> ActiveModel {
    let title = conversation.title.as_ref().map(Title::as_str);
    ActiveModel {
        id: Unchanged(conversation.id.as_uuid()),
        direct_low: Set(conversation.pair.map(|pair| pair.low().as_uuid())),
        direct_high: Set(conversation.pair.map(|pair| pair.high().as_uuid())),
        title: Set(title.map(str::to_owned)),
        title_key: Set(title.map(Title::search_key)),
        creator_id: NotSet,
        participant_count: Set(conversation.participant_count.cast_signed()),
        last_seq: Set(conversation.last_seq.as_i64()),
        version: Set(conversation.version.as_i64()),
        created_at: NotSet,
        last_activity_at: Set(conversation.last_activity_at.as_micros()),
        changed_at: Set(conversation.changed_at.as_micros()),
        edited_version: Set(conversation.edited_version.as_i64()),
        history_from_start: Set(conversation.history == HistoryVisibility::FromStart),
        announcement: Set(conversation.announcement),
        closed_at: Set(conversation.closed_at.map(Timestamp::as_micros)),
        deleted_at: Set(conversation.deleted_at.map(Timestamp::as_micros)),
        blocked: Set(conversation.blocked),
    }
}
