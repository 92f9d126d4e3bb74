//! Writes conversations.

use async_trait::async_trait;
use confab_application::ports::{ConversationRepository, StoreError};
use confab_domain::{Conversation, ConversationId, DirectPair, Participant, UserId};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect};

use super::{participants, unread};
use crate::connection::Connection;
use crate::entities::conversation::{self, Column};
use crate::entities::participant;

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
