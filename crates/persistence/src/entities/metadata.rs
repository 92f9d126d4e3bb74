//! The table of what the owners of conversations keep beside them.

use confab_domain::{ConversationId, JsonObject};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

use super::row::Row;
use crate::error::Failure;
use crate::reading::{Kind, Record, Values};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conversation_metadata")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) conversation_id: Uuid,
    pub(crate) data: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Record for Model {
    type Column = Column;

    const COLUMNS: &'static [(Column, Kind)] = &[(Column::ConversationId, Kind::Id), (Column::Data, Kind::Text)];

    fn read(values: &mut Values<'_>) -> Result<Self, DbErr> {
        Ok(Self { conversation_id: values.id()?, data: values.text()? })
    }
}

impl Model {
    /// The metadata.
    pub(crate) fn restore(self) -> Result<JsonObject, Failure> {
        Row::new("conversation_metadata", self.conversation_id).value("data", JsonObject::restore(self.data))
    }
}

/// The row of a conversation's metadata.
pub(crate) fn row(id: ConversationId, metadata: &JsonObject) -> ActiveModel {
    ActiveModel { conversation_id: Set(id.as_uuid()), data: Set(metadata.as_str().to_owned()) }
}
