//! Finds out who is calling.

use async_trait::async_trait;
use confab_application::ports::{AccountReader, Credentials, StoreError};
use confab_domain::{EmailAddress, SessionId, User, UserId};
use sea_orm::prelude::Uuid;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect, RelationTrait, Statement,
};

use crate::connection::Connection;
use crate::entities::{session, user};

#[async_trait]
impl<C: ConnectionTrait + Send> AccountReader for Connection<C> {
    async fn find_credentials(&self, email: &EmailAddress) -> Result<Option<Credentials>, StoreError> {
        self.run(async {
            let found = user::Entity::find().filter(user::Column::EmailKey.eq(email.key())).one(self.raw()).await?;
            found.map(user::Model::restore_credentials).transpose()
        })
        .await
    }

    async fn find_departing(&self) -> Result<Option<UserId>, StoreError> {
        self.run(async {
            let backend = self.raw().get_database_backend();
            let first = Statement::from_string(backend, "SELECT user_id FROM departures ORDER BY user_id LIMIT 1");
            let found = self.raw().query_one_raw(first).await?;
            let id = found.map(|row| row.try_get_by_index::<Uuid>(0)).transpose()?;
            Ok(id.map(UserId::from))
        })
        .await
    }

    async fn find_session_user(&self, id: SessionId) -> Result<Option<User>, StoreError> {
        self.run(async {
            let found = user::Entity::find()
                .join_rev(JoinType::InnerJoin, session::Relation::User.def())
                .filter(session::Column::Id.eq(id.as_uuid()))
                .one(self.raw())
                .await?;
            found.map(user::Model::restore).transpose()
        })
        .await
    }
}
