//! The table of how many reactions there are with each emoji.

use sea_orm::entity::prelude::*;

use crate::reading::{Kind, Record, Values};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reaction_kinds")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) message_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) emoji: String,
    pub(crate) version: i64,
    pub(crate) count: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Record for Model {
    type Column = Column;

    const COLUMNS: &'static [(Column, Kind)] = &[
        (Column::MessageId, Kind::Id),
        (Column::Emoji, Kind::Text),
        (Column::Version, Kind::Integer),
        (Column::Count, Kind::Integer),
    ];

    fn read(values: &mut Values<'_>) -> Result<Self, DbErr> {
        Ok(Self {
            message_id: values.id()?,
            emoji: values.text()?,
            version: values.integer()?,
            count: values.integer()?,
        })
    }
}
