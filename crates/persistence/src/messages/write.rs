//! Writes messages, and what is done to them.

use async_trait::async_trait;
use confab_application::ports::{MessageRepository, ReactionFacts, StoreError};
use confab_domain::{ConversationId, Emoji, Message, MessageId, Reaction, Revision, UserId};
use sea_orm::ActiveValue::{NotSet, Set, Unchanged};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect};

use super::view;
use crate::connection::Connection;
use crate::entities::{hidden_message, message, participant, reaction, reaction_kind, revision};
use crate::reading::Reading;
use crate::select::{is, is_among};

#[async_trait]
impl MessageRepository for Connection<DatabaseTransaction> {
    async fn insert(&self, message: &Message) -> Result<(), StoreError> {
        self.run(async {
            message::Entity::insert(message::new_row(message)?).exec_without_returning(self.raw()).await?;
            Ok(())
        })
        .await
    }

    async fn participants_among(
        &self,
        conversation_id: ConversationId,
        users: &[UserId],
    ) -> Result<Vec<UserId>, StoreError> {
        self.run(async {
            if users.is_empty() {
                return Ok(Vec::new());
            }
            let ids = users.iter().map(|id| id.as_uuid());
            let column = ("participants", participant::Column::UserId);
            let found: Vec<sea_orm::prelude::Uuid> = participant::Entity::find()
                .select_only()
                .column(participant::Column::UserId)
                .filter(participant::Column::ConversationId.eq(conversation_id.as_uuid()))
                .filter(is_among(column, ids, sea_orm::ConnectionTrait::get_database_backend(self.raw())))
                .into_tuple()
                .all(self.raw())
                .await?;
            let mut found: Vec<UserId> = found.into_iter().map(UserId::from).collect();
            found.sort_unstable();
            Ok(found)
        })
        .await
    }

    async fn find_any(&self, conversation_id: ConversationId, id: MessageId) -> Result<Option<Message>, StoreError> {
        self.run(async {
            let mut reading = Reading::new().of::<message::Model>("m");
            reading
                .query()
                .from_as(message::Entity, "m")
                .and_where(is(("m", message::Column::Id), id.as_uuid()))
                .and_where(is(("m", message::Column::ConversationId), conversation_id.as_uuid()));
            Ok(reading.fetch(self.raw(), view::message).await?.pop())
        })
        .await
    }

    async fn update(&self, message: &Message) -> Result<(), StoreError> {
        self.run(async {
            message::Entity::update(message::changed_row(message)?).exec_without_returning(self.raw()).await?;
            Ok(())
        })
        .await
    }

    async fn insert_revision(&self, revision: &Revision) -> Result<(), StoreError> {
        self.run(async {
            revision::Entity::insert(revision::new_row(revision)).exec_without_returning(self.raw()).await?;
            Ok(())
        })
        .await
    }

    async fn erase(&self, message: &Message) -> Result<(), StoreError> {
        self.run(async {
            let id = message.id.as_uuid();
            message::Entity::update(message::changed_row(message)?).exec_without_returning(self.raw()).await?;
            revision::Entity::delete_many().filter(revision::Column::MessageId.eq(id)).exec(self.raw()).await?;
            reaction::Entity::delete_many().filter(reaction::Column::MessageId.eq(id)).exec(self.raw()).await?;
            reaction_kind::Entity::delete_many()
                .filter(reaction_kind::Column::MessageId.eq(id))
                .exec(self.raw())
                .await?;
            Ok(())
        })
        .await
    }

    async fn hide(&self, user: UserId, message: &Message) -> Result<(), StoreError> {
        self.run(async {
            let row =
                hidden_message::ActiveModel { message_id: Set(message.id.as_uuid()), user_id: Set(user.as_uuid()) };
            let mut again = OnConflict::columns([hidden_message::Column::UserId, hidden_message::Column::MessageId]);
            hidden_message::Entity::insert(row)
                .on_conflict(again.do_nothing().to_owned())
                .exec_without_returning(self.raw())
                .await?;
            Ok(())
        })
        .await
    }

    async fn reaction_facts(&self, user: UserId, id: MessageId, emoji: Emoji) -> Result<ReactionFacts, StoreError> {
        self.run(async {
            let key = (id.as_uuid(), emoji.as_str().to_owned());
            let kind = reaction_kind::Entity::find_by_id(key).one(self.raw()).await?;
            let mine = reaction::Entity::find()
                .filter(reaction::Column::MessageId.eq(id.as_uuid()))
                .filter(reaction::Column::Emoji.eq(emoji.as_str()))
                .filter(reaction::Column::UserId.eq(user.as_uuid()))
                .one(self.raw())
                .await?;
            let count = kind.map_or(0, |kind| kind.count.cast_unsigned());
            Ok(ReactionFacts { has_reacted: mine.is_some(), count })
        })
        .await
    }

    async fn add_reaction(&self, reaction: &Reaction, count: u64) -> Result<(), StoreError> {
        self.run(async {
            reaction::Entity::insert(reaction::new_row(reaction)).exec_without_returning(self.raw()).await?;
            let kind = reaction_kind::ActiveModel {
                message_id: Set(reaction.message_id.as_uuid()),
                emoji: Set(reaction.emoji.as_str().to_owned()),
                version: Set(reaction.version.as_i64()),
                count: Set(count.cast_signed()),
            };
            let mut more = OnConflict::columns([reaction_kind::Column::MessageId, reaction_kind::Column::Emoji]);
            reaction_kind::Entity::insert(kind)
                .on_conflict(more.update_column(reaction_kind::Column::Count).to_owned())
                .exec_without_returning(self.raw())
                .await?;
            Ok(())
        })
        .await
    }

    async fn remove_reaction(&self, user: UserId, id: MessageId, emoji: Emoji, count: u64) -> Result<(), StoreError> {
        self.run(async {
            reaction::Entity::delete_many()
                .filter(reaction::Column::MessageId.eq(id.as_uuid()))
                .filter(reaction::Column::Emoji.eq(emoji.as_str()))
                .filter(reaction::Column::UserId.eq(user.as_uuid()))
                .exec(self.raw())
                .await?;
            if count == 0 {
                let key = (id.as_uuid(), emoji.as_str().to_owned());
                reaction_kind::Entity::delete_by_id(key).exec(self.raw()).await?;
            } else {
                let kind = reaction_kind::ActiveModel {
                    message_id: Unchanged(id.as_uuid()),
                    emoji: Unchanged(emoji.as_str().to_owned()),
                    version: NotSet,
                    count: Set(count.cast_signed()),
                };
                reaction_kind::Entity::update(kind).exec_without_returning(self.raw()).await?;
            }
            Ok(())
        })
        .await
    }
}
