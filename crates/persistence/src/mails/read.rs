//! Reads what there is of mails.

use async_trait::async_trait;
use confab_application::ports::{MailReader, StoreError};
use confab_domain::{MailTokenHash, Timestamp, TokenPurpose, User};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect, RelationTrait, SelectExt,
};

use super::tokens;
use crate::connection::Connection;
use crate::entities::{mail, mailtoken, user};

#[async_trait]
impl<C: ConnectionTrait + Send> MailReader for Connection<C> {
    async fn is_due(&self, now: Timestamp) -> Result<bool, StoreError> {
        self.run(async {
            let due = mail::Entity::find().filter(mail::Column::DueAt.lte(now.as_micros()));
            Ok(due.exists(self.raw()).await?)
        })
        .await
    }

    async fn find_token_owner(
        &self,
        hash: &MailTokenHash,
        purpose: TokenPurpose,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError> {
        self.run(async {
            let found = user::Entity::find()
                .join_rev(JoinType::InnerJoin, mailtoken::Relation::User.def())
                .filter(tokens::is_good(hash, purpose, now))
                .filter(tokens::is_of_the_user_s_address())
                .one(self.raw())
                .await?;
            found.map(user::Model::restore).transpose()
        })
        .await
    }
}
