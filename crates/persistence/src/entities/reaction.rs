//! The table of reactions.

use confab_domain::{Emoji, MessageId, Reaction, UserId};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

use super::row::Row;
use crate::error::Failure;
use crate::reading::{Kind, Record, Values};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reactions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) message_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) version: i64,
    pub(crate) user_id: Uuid,
    pub(crate) emoji: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Record for Model {
    type Column = Column;

    const COLUMNS: &'static [(Column, Kind)] = &[
        (Column::MessageId, Kind::Id),
        (Column::Version, Kind::Integer),
        (Column::UserId, Kind::Id),
        (Column::Emoji, Kind::Text),
    ];

    fn read(values: &mut Values<'_>) -> Result<Self, DbErr> {
        Ok(Self { message_id: values.id()?, version: values.integer()?, user_id: values.id()?, emoji: values.text()? })
    }
}

impl Model {
    /// The reaction.
    pub(crate) fn restore(self) -> Result<Reaction, Failure> {
        let row = Row::of_version("reactions", self.message_id, self.version);
        Ok(Reaction {
            message_id: MessageId::from(self.message_id),
            version: row.version("version", self.version)?,
            user_id: UserId::from(self.user_id),
            emoji: row.value("emoji", Emoji::parse(&self.emoji))?,
        })
    }
}

/// The row of a new reaction.
pub(crate) fn new_row(reaction: &Reaction) -> ActiveModel {
    ActiveModel {
        message_id: Set(reaction.message_id.as_uuid()),
        version: Set(reaction.version.as_i64()),
        user_id: Set(reaction.user_id.as_uuid()),
        emoji: Set(reaction.emoji.as_str().to_owned()),
    }
}
