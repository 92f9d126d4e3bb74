//! The table of participants.

use confab_domain::{ConversationId, Membership, Participant, ParticipantState, Preferences, Timestamp, UserId};
use sea_orm::ActiveValue::{NotSet, Set, Unchanged};
use sea_orm::entity::prelude::*;

use super::row::Row;
use crate::error::Failure;
use crate::reading::{Kind, Record, Values};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "participants")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) conversation_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user_id: Uuid,
    pub(crate) membership: String,
    pub(crate) joined_at: i64,
    pub(crate) joined_seq: i64,
    pub(crate) last_read_seq: i64,
    pub(crate) joined_version: i64,
    pub(crate) last_delivered_seq: i64,
    pub(crate) visible_seq: i64,
    pub(crate) visible_version: i64,
    pub(crate) muted_until: Option<i64>,
    pub(crate) archived: bool,
    pub(crate) pinned: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Record for Model {
    type Column = Column;

    const COLUMNS: &'static [(Column, Kind)] = &[
        (Column::ConversationId, Kind::Id),
        (Column::UserId, Kind::Id),
        (Column::Membership, Kind::Text),
        (Column::JoinedAt, Kind::Integer),
        (Column::JoinedSeq, Kind::Integer),
        (Column::LastReadSeq, Kind::Integer),
        (Column::JoinedVersion, Kind::Integer),
        (Column::LastDeliveredSeq, Kind::Integer),
        (Column::VisibleSeq, Kind::Integer),
        (Column::VisibleVersion, Kind::Integer),
        (Column::MutedUntil, Kind::Integer),
        (Column::Archived, Kind::Flag),
        (Column::Pinned, Kind::Flag),
    ];

    fn read(values: &mut Values<'_>) -> Result<Self, DbErr> {
        Ok(Self {
            conversation_id: values.id()?,
            user_id: values.id()?,
            membership: values.text()?,
            joined_at: values.integer()?,
            joined_seq: values.integer()?,
            last_read_seq: values.integer()?,
            joined_version: values.integer()?,
            last_delivered_seq: values.integer()?,
            visible_seq: values.integer()?,
            visible_version: values.integer()?,
            muted_until: values.optional_integer()?,
            archived: values.flag()?,
            pinned: values.flag()?,
        })
    }
}

impl Model {
    /// The participant.
    pub(crate) fn restore(self) -> Result<Participant, Failure> {
        let row = Row::of_two("participants", self.conversation_id, self.user_id);
        row.whole(Participant::restore(ParticipantState {
            conversation_id: ConversationId::from(self.conversation_id),
            user_id: UserId::from(self.user_id),
            membership: row.value("membership", Membership::parse(&self.membership))?,
            joined_at: row.time("joined_at", self.joined_at)?,
            joined_seq: row.seq("joined_seq", self.joined_seq)?,
            last_read_seq: row.seq("last_read_seq", self.last_read_seq)?,
            joined_version: row.version("joined_version", self.joined_version)?,
            last_delivered_seq: row.seq("last_delivered_seq", self.last_delivered_seq)?,
            visible_seq: row.seq("visible_seq", self.visible_seq)?,
            visible_version: row.version("visible_version", self.visible_version)?,
            preferences: Preferences {
                muted_until: self.muted_until.map(|at| row.time("muted_until", at)).transpose()?,
                archived: self.archived,
                pinned: self.pinned,
            },
        }))
    }
}

/// The row of a new participant.
pub(crate) fn new_row(participant: &Participant) -> ActiveModel {
    ActiveModel {
        conversation_id: Set(participant.conversation_id.as_uuid()),
        user_id: Set(participant.user_id.as_uuid()),
        joined_at: Set(participant.joined_at.as_micros()),
        joined_seq: Set(participant.joined_seq.as_i64()),
        joined_version: Set(participant.joined_version.as_i64()),
        visible_seq: Set(participant.visible_seq.as_i64()),
        visible_version: Set(participant.visible_version.as_i64()),
        ..changed_row(participant)
    }
}

/// What can change in a participant's row.
pub(crate) fn changed_row(participant: &Participant) -> ActiveModel {
    ActiveModel {
        conversation_id: Unchanged(participant.conversation_id.as_uuid()),
        user_id: Unchanged(participant.user_id.as_uuid()),
        membership: Set(participant.membership.as_str().to_owned()),
        joined_at: NotSet,
        joined_seq: NotSet,
        joined_version: NotSet,
        visible_seq: NotSet,
        visible_version: NotSet,
        muted_until: Set(participant.preferences.muted_until.map(Timestamp::as_micros)),
        archived: Set(participant.preferences.archived),
        pinned: Set(participant.preferences.pinned),
        last_read_seq: Set(participant.last_read_seq.as_i64()),
        last_delivered_seq: Set(participant.last_delivered_seq.as_i64()),
    }
}
