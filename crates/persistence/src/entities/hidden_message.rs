//! The table of the messages that users have deleted for themselves.

use sea_orm::entity::prelude::*;

use crate::reading::{Kind, Record, Values};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "hidden_messages")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) message_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user_id: Uuid,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Record for Model {
    type Column = Column;

    const COLUMNS: &'static [(Column, Kind)] = &[(Column::MessageId, Kind::Id), (Column::UserId, Kind::Id)];

    fn read(values: &mut Values<'_>) -> Result<Self, DbErr> {
        Ok(Self { message_id: values.id()?, user_id: values.id()? })
    }
}
