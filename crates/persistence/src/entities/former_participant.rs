//! The table of who took part in a conversation once.

use confab_domain::FormerParticipant;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

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
