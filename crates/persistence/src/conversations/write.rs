//! Writes conversations.

use async_trait::async_trait;
use confab_application::ports::{ConversationRepository, StoreError};
use confab_domain::{
    Conversation, ConversationId, DirectPair, FormerParticipant, HistoryVisibility, JsonObject, Participant, Sender,
    Timestamp, UserId,
};
use sea_orm::sea_query::{Expr, LockType, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait as _, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QuerySelect};

use super::{participants, unread};
use crate::connection::Connection;
use crate::entities::conversation::{self, Column};
use crate::entities::{former_participant, metadata, participant};
use crate::select::is_among;

#[async_trait]
impl ConversationRepository for Connection<DatabaseTransaction> {
    async fn insert(&self, conversation: &Conversation, participants: &[Participant]) -> Result<(), StoreError> {
        self.run(async {
            conversation::Entity::insert(conversation::new_row(conversation))
                .exec_without_returning(self.raw())
                .await?;
            if !participants.is_empty() {
                participant::Entity::insert_many(participants.iter().map(participant::new_row))
                    .exec_without_returning(self.raw())
                    .await?;
            }
            Ok(())
        })
        .await
    }

    // The locks leave the keys alone, to which messages refer: NO KEY. SQLite needs none of them, for its transactions
    // wait for each other when they begin.

    async fn find_for_update(&self, viewer: UserId, id: ConversationId) -> Result<Option<Conversation>, StoreError> {
        self.run(async {
            let found = conversation::Entity::find_by_id(id.as_uuid())
                .filter(participants::takes_part(viewer, "conversations"))
                .lock(LockType::NoKeyUpdate)
                .one(self.raw())
                .await?;
            found.map(conversation::Model::restore).transpose()
        })
        .await
    }

    async fn find_any_for_update(&self, id: ConversationId) -> Result<Option<Conversation>, StoreError> {
        self.run(async {
            let found = conversation::Entity::find_by_id(id.as_uuid())
                .filter(Column::DeletedAt.is_null())
                .lock(LockType::NoKeyUpdate)
                .one(self.raw())
                .await?;
            found.map(conversation::Model::restore).transpose()
        })
        .await
    }

    async fn find_metadata(&self, id: ConversationId) -> Result<Option<JsonObject>, StoreError> {
        self.run(async {
            let found = metadata::Entity::find_by_id(id.as_uuid()).one(self.raw()).await?;
            found.map(metadata::Model::restore).transpose()
        })
        .await
    }

    async fn put_metadata(&self, id: ConversationId, metadata: &JsonObject) -> Result<(), StoreError> {
        self.run(async {
            let replace =
                OnConflict::column(metadata::Column::ConversationId).update_column(metadata::Column::Data).to_owned();
            metadata::Entity::insert(metadata::row(id, metadata))
                .on_conflict(replace)
                .exec_without_returning(self.raw())
                .await?;
            Ok(())
        })
        .await
    }

    async fn find_participants(&self, id: ConversationId) -> Result<Vec<Sender>, StoreError> {
        self.run(participants::with_standing(self.raw(), id)).await
    }

    async fn insert_participants(&self, participants: &[Participant]) -> Result<(), StoreError> {
        self.run(async {
            let Some(home) = participants.first().map(|participant| participant.conversation_id) else { return Ok(()) };
            let them = participants.iter().map(|participant| participant.user_id.as_uuid());
            former_participant::Entity::delete_many()
                .filter(former_participant::Column::ConversationId.eq(home.as_uuid()))
                .filter(is_among(
                    ("former_participants", former_participant::Column::UserId),
                    them,
                    self.raw().get_database_backend(),
                ))
                .exec(self.raw())
                .await?;
            participant::Entity::insert_many(participants.iter().map(participant::new_row))
                .exec_without_returning(self.raw())
                .await?;
            Ok(())
        })
        .await
    }

    async fn remove_participant(&self, former: &FormerParticipant) -> Result<(), StoreError> {
        self.run(async {
            let key = (former.conversation_id.as_uuid(), former.user_id.as_uuid());
            let removed = participant::Entity::delete_by_id(key).exec(self.raw()).await?;
            if removed.rows_affected == 0 {
                return Err(DbErr::RecordNotUpdated.into());
            }
            former_participant::Entity::insert(former_participant::new_row(former))
                .exec_without_returning(self.raw())
                .await?;
            Ok(())
        })
        .await
    }

    async fn remove_all_participants(&self, conversation: &Conversation, now: Timestamp) -> Result<(), StoreError> {
        self.run(async {
            self.raw().execute(&participants::into_former(conversation, now)).await?;
            participant::Entity::delete_many()
                .filter(participant::Column::ConversationId.eq(conversation.id.as_uuid()))
                .exec(self.raw())
                .await?;
            Ok(())
        })
        .await
    }

    async fn update_visibility(&self, conversation: &Conversation) -> Result<(), StoreError> {
        self.run(async {
            use participant::Column as Place;
            let (seq, version) = match conversation.history {
                HistoryVisibility::FromJoining => (Expr::col(Place::JoinedSeq), Expr::col(Place::JoinedVersion)),
                HistoryVisibility::FromStart => (Expr::val(0), Expr::val(0)),
            };
            participant::Entity::update_many()
                .col_expr(Place::VisibleSeq, seq)
                .col_expr(Place::VisibleVersion, version)
                .filter(Place::ConversationId.eq(conversation.id.as_uuid()))
                .exec(self.raw())
                .await?;
            Ok(())
        })
        .await
    }

    async fn peek(&self, id: ConversationId) -> Result<Option<Conversation>, StoreError> {
        self.run(async {
            let found = conversation::Entity::find_by_id(id.as_uuid()).one(self.raw()).await?;
            found.map(conversation::Model::restore).transpose()
        })
        .await
    }

    async fn find_direct(&self, pair: DirectPair) -> Result<Option<ConversationId>, StoreError> {
        self.run(async {
            let found: Option<sea_orm::prelude::Uuid> = conversation::Entity::find()
                .select_only()
                .column(Column::Id)
                .filter(Column::DirectLow.eq(pair.low().as_uuid()))
                .filter(Column::DirectHigh.eq(pair.high().as_uuid()))
                .into_tuple()
                .one(self.raw())
                .await?;
            Ok(found.map(ConversationId::from))
        })
        .await
    }

    async fn update(&self, conversation: &Conversation) -> Result<(), StoreError> {
        self.run(async {
            let changed = conversation::changed_row(conversation);
            conversation::Entity::update(changed).exec_without_returning(self.raw()).await?;
            Ok(())
        })
        .await
    }

    async fn find_participant_for_update(
        &self,
        conversation_id: ConversationId,
        user_id: UserId,
    ) -> Result<Option<Participant>, StoreError> {
        self.run(async {
            let found = participant::Entity::find_by_id((conversation_id.as_uuid(), user_id.as_uuid()))
                .lock(LockType::NoKeyUpdate)
                .one(self.raw())
                .await?;
            found.map(participant::Model::restore).transpose()
        })
        .await
    }

    async fn update_participant(&self, participant: &Participant) -> Result<(), StoreError> {
        self.run(async {
            let changed = participant::changed_row(participant);
            participant::Entity::update(changed).exec_without_returning(self.raw()).await?;
            Ok(())
        })
        .await
    }

    async fn count_unread(&self, participant: &Participant) -> Result<u64, StoreError> {
        self.run(unread::count_of(self.raw(), participant)).await
    }

    async fn mark_all_read(&self, user: UserId) -> Result<u64, StoreError> {
        self.run(unread::mark_all(self.raw(), user)).await
    }
}
