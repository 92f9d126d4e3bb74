//! Finds out who is calling.

use async_trait::async_trait;
use confab_application::ports::{
    AccountReader, Credentials, Order, Page, PageRequest, Position, StoreError, UserFilter,
};
use confab_domain::{EmailAddress, SessionId, User, UserId};
use sea_orm::prelude::Uuid;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, JoinType, Order as Direction, QueryFilter, QueryOrder, QuerySelect,
    RelationTrait, Statement,
};

use crate::connection::Connection;
use crate::entities::{session, user};
use crate::select::contains;

#[async_trait]
impl<C: ConnectionTrait + Send> AccountReader for Connection<C> {
    async fn find_credentials(&self, email: &EmailAddress) -> Result<Option<Credentials>, StoreError> {
        self.run(async {
            let found = user::Entity::find().filter(user::Column::EmailKey.eq(email.key())).one(self.raw()).await?;
            found.map(user::Model::restore_credentials).transpose()
        })
        .await
    }

    async fn list(&self, filter: &UserFilter, page: &PageRequest<UserId>) -> Result<Page<User>, StoreError> {
        self.run(async {
            let mut query = user::Entity::find().filter(user::Column::DeletedAt.is_null());
            if let Some(role) = filter.role {
                query = query.filter(user::Column::Role.eq(role.as_str()));
            }
            if let Some(suspended) = filter.suspended {
                query = query.filter(user::Column::Active.eq(!suspended));
            }
            if let Some(part) = &filter.email_contains {
                let part = EmailAddress::search_key(part);
                query = query.filter(contains(user::Column::EmailKey, &part, self.raw().get_database_backend()));
            }
            let descending = (filter.order == Order::NewestFirst) != page.is_backwards();
            if let Some(Position::After(key) | Position::Before(key)) = page.position {
                let (id, key) = (user::Column::Id, key.as_uuid());
                query = query.filter(if descending { id.lt(key) } else { id.gt(key) });
            }
            let direction = if descending { Direction::Desc } else { Direction::Asc };
            let rows = query.order_by(user::Column::Id, direction).limit(page.rows() as u64).all(self.raw()).await?;
            let users: Result<Vec<_>, _> = rows.into_iter().map(user::Model::restore).collect();
            Ok(Page::of_rows(users?, page))
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
