//! The table of who took part in a conversation once.

use confab_domain::{ConversationId, FormerParticipant, UserId};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

use super::row::Row;
use crate::error::Failure;
use crate::reading::{Kind, Record, Values};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "former_participants")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) conversation_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user_id: Uuid,
    pub(crate) joined_at: i64,
    pub(crate) visible_seq: i64,
    pub(crate) visible_version: i64,
    pub(crate) left_at: i64,
    pub(crate) left_seq: i64,
    pub(crate) left_version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Record for Model {
    type Column = Column;

    const COLUMNS: &'static [(Column, Kind)] = &[
        (Column::ConversationId, Kind::Id),
        (Column::UserId, Kind::Id),
        (Column::JoinedAt, Kind::Integer),
        (Column::VisibleSeq, Kind::Integer),
        (Column::VisibleVersion, Kind::Integer),
        (Column::LeftAt, Kind::Integer),
        (Column::LeftSeq, Kind::Integer),
        (Column::LeftVersion, Kind::Integer),
    ];

    fn read(values: &mut Values<'_>) -> Result<Self, DbErr> {
        Ok(Self {
            conversation_id: values.id()?,
            user_id: values.id()?,
            joined_at: values.integer()?,
            visible_seq: values.integer()?,
            visible_version: values.integer()?,
            left_at: values.integer()?,
            left_seq: values.integer()?,
            left_version: values.integer()?,
        })
    }
}

impl Model {
    /// The former participant.
    pub(crate) fn restore(self) -> Result<FormerParticipant, Failure> {
        let row = Row::of_two("former_participants", self.conversation_id, self.user_id);
        Ok(FormerParticipant {
            conversation_id: ConversationId::from(self.conversation_id),
            user_id: UserId::from(self.user_id),
            joined_at: row.time("joined_at", self.joined_at)?,
            visible_seq: row.seq("visible_seq", self.visible_seq)?,
            visible_version: row.version("visible_version", self.visible_version)?,
            left_at: row.time("left_at", self.left_at)?,
            left_seq: row.seq("left_seq", self.left_seq)?,
            left_version: row.version("left_version", self.left_version)?,
        })
    }
}

/// The row of a former participant.
pub(crate) fn new_row(former: &FormerParticipant) -> ActiveModel {
    ActiveModel {
        conversation_id: Set(former.conversation_id.as_uuid()),
        user_id: Set(former.user_id.as_uuid()),
        joined_at: Set(former.joined_at.as_micros()),
        visible_seq: Set(former.visible_seq.as_i64()),
        visible_version: Set(former.visible_version.as_i64()),
        left_at: Set(former.left_at.as_micros()),
        left_seq: Set(former.left_seq.as_i64()),
        left_version: Set(former.left_version.as_i64()),
    }
}
