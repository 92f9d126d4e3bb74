//! The table of who has blocked whom.

use confab_domain::Block;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

use crate::reading::{Kind, Record, Values};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "blocks")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) blocker_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) blocked_id: Uuid,
    pub(crate) since: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Record for Model {
    type Column = Column;

    const COLUMNS: &'static [(Column, Kind)] =
        &[(Column::BlockerId, Kind::Id), (Column::BlockedId, Kind::Id), (Column::Since, Kind::Integer)];

    fn read(values: &mut Values<'_>) -> Result<Self, DbErr> {
        Ok(Self { blocker_id: values.id()?, blocked_id: values.id()?, since: values.integer()? })
    }
}

/// The row of a new block.
pub(crate) fn new_row(block: &Block) -> ActiveModel {
    ActiveModel {
        blocker_id: Set(block.blocker_id.as_uuid()),
        blocked_id: Set(block.blocked_id.as_uuid()),
        since: Set(block.since.as_micros()),
    }
}
