//! Searches messages on a viewer's behalf.

use async_trait::async_trait;
use confab_application::ports::{MessageSearch, MessageSearcher, Page, PageRequest, SentKey, StoreError};
use confab_application::views::MessageView;
use confab_domain::UserId;
use sea_orm::ConnectionTrait;

use super::candidates::Candidates;
use crate::connection::Connection;
use crate::messages::view;

#[async_trait]
impl<C: ConnectionTrait + Send> MessageSearcher for Connection<C> {
    async fn candidates(
        &self,
        viewer: UserId,
        search: &MessageSearch,
        page: &PageRequest<SentKey>,
    ) -> Result<Page<MessageView>, StoreError> {
        self.run(async {
            let candidates = Candidates { viewer, search, page, backend: self.raw().get_database_backend() };
            let (found, cards) = view::fetch(candidates.select(), self.raw()).await?;
            let Page { items, has_previous, has_next } = Page::of_rows(found, page);
            let items = view::with_references(self.raw(), viewer, items, cards).await?;
            Ok(Page { items, has_previous, has_next })
        })
        .await
    }
}
