//! Reads messages on behalf of a participant of their conversation.

use async_trait::async_trait;
use confab_application::ports::{
    Limit, MessageFilter, MessageReader, Order as ListOrder, Page, PageRequest, StoreError,
};
use confab_application::views::{MessageView, ReactionView, UserCard};
use confab_domain::{ConversationId, Emoji, Message, MessageId, Revision, Seq, UserId, Version};
use sea_orm::{ConnectionTrait, EntityTrait, QuerySelect};

use super::history::{self, Wanted};
use super::{changes, readers, view};
use crate::accounts::cards::Cards;
use crate::connection::Connection;
use crate::entities::{participant, user};
use crate::error::Failure;

#[async_trait]
impl<C: ConnectionTrait + Send> MessageReader for Connection<C> {
    async fn history(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        filter: &MessageFilter,
        page: &PageRequest<Seq>,
    ) -> Result<Option<Page<MessageView>>, StoreError> {
        self.run(async {
            let rare = history::rare_sender(self.raw(), viewer, conversation_id, filter).await?;
            let backend = self.raw().get_database_backend();
            let statement = history::page(viewer, conversation_id, filter, page, rare, backend);
            let (found, cards) = Cards::fetch_along(statement, self.raw(), view::message).await?;
            // Only to tell a history without messages from none: what is found was asked for as the viewer.
            if found.is_empty() && !takes_part(self.raw(), viewer, conversation_id).await? {
                return Ok(None);
            }
            let Page { items, has_previous, has_next } = Page::of_rows(found, page);
            let items = view::with_references(self.raw(), viewer, items, cards).await?;
            Ok(Some(Page { items, has_previous, has_next }))
        })
        .await
    }

    async fn find(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        id: MessageId,
    ) -> Result<Option<MessageView>, StoreError> {
        self.run(async {
            let reading = history::wanted(viewer, conversation_id, Wanted::one(id));
            let (found, cards) = view::fetch(reading, self.raw()).await?;
            Ok(view::with_references(self.raw(), viewer, found, cards).await?.pop())
        })
        .await
    }

    async fn around(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        filter: &MessageFilter,
        seq: Seq,
        limit: Limit,
    ) -> Result<Option<Page<MessageView>>, StoreError> {
        self.run(async {
            let rare = history::rare_sender(self.raw(), viewer, conversation_id, filter).await?;
            let side = async |after: bool| -> Result<Vec<Message>, Failure> {
                let backend = self.raw().get_database_backend();
                let wanted = Wanted::side(conversation_id, filter, seq, limit, after, backend);
                let reading = history::wanted(viewer, conversation_id, wanted.of_sender(rare));
                reading.fetch(self.raw(), view::message).await
            };
            let (before, after) = (side(false).await?, side(true).await?);
            if before.is_empty() && after.is_empty() && !takes_part(self.raw(), viewer, conversation_id).await? {
                return Ok(None);
            }
            let Page { items, has_previous, has_next } =
                Page::around(before, after, limit, filter.order == ListOrder::NewestFirst);
            let items = view::with_references(self.raw(), viewer, items, Cards::default()).await?;
            Ok(Some(Page { items, has_previous, has_next }))
        })
        .await
    }

    async fn revisions(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        id: MessageId,
        page: &PageRequest<Version>,
    ) -> Result<Option<Page<Revision>>, StoreError> {
        self.run(changes::revisions(self.raw(), viewer, conversation_id, id, page)).await
    }

    async fn reactions(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        id: MessageId,
        emoji: Option<Emoji>,
        page: &PageRequest<Version>,
    ) -> Result<Option<Page<ReactionView>>, StoreError> {
        self.run(changes::reactions(self.raw(), viewer, conversation_id, id, emoji, page)).await
    }

    async fn readers(
        &self,
        viewer: UserId,
        conversation_id: ConversationId,
        id: MessageId,
        page: &PageRequest<UserId>,
    ) -> Result<Option<Page<UserCard>>, StoreError> {
        self.run(async {
            let reading = readers::select(viewer, conversation_id, id, page);
            let found = reading.fetch(self.raw(), |row| row.record::<user::Card>()?.restore()).await?;
            // Only to tell a message that nobody has read from none.
            if found.is_empty() {
                let message = history::wanted(viewer, conversation_id, Wanted::one(id));
                if message.fetch(self.raw(), view::message).await?.is_empty() {
                    return Ok(None);
                }
            }
            Ok(Some(Page::of_rows(found, page)))
        })
        .await
    }
}

/// Whether someone takes part in a conversation.
pub(crate) async fn takes_part(
    connection: &impl ConnectionTrait,
    viewer: UserId,
    conversation_id: ConversationId,
) -> Result<bool, Failure> {
    let found = participant::Entity::find_by_id((conversation_id.as_uuid(), viewer.as_uuid()))
        .select_only()
        .column(participant::Column::UserId)
        .into_tuple::<sea_orm::prelude::Uuid>()
        .one(connection)
        .await?;
    Ok(found.is_some())
}
