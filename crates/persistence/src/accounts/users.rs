//! Writes users.

use async_trait::async_trait;
use confab_application::ports::{Credentials, StoreError, UserRepository};
use confab_domain::{PasswordHash, Role, User, UserId};
use sea_orm::sea_query::{ExprTrait as _, LockType, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait as _, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    Statement,
};

use crate::connection::Connection;
use crate::entities::user;
use crate::error::Failure;

#[async_trait]
impl UserRepository for Connection<DatabaseTransaction> {
    async fn insert_if_new(&self, user: &User, password_hash: &PasswordHash) -> Result<bool, StoreError> {
        self.run(async {
            let unless_taken = OnConflict::column(user::Column::EmailKey).do_nothing().to_owned();
            let insert = user::Entity::insert(user::new_row(user, password_hash)).on_conflict(unless_taken);
            match insert.exec_without_returning(self.raw()).await {
                Ok(count) => Ok(count == 1),
                Err(DbErr::RecordNotInserted) => Ok(false),
                Err(error) => Err(error.into()),
            }
        })
        .await
    }

    async fn insert(&self, user: &User, password_hash: &PasswordHash) -> Result<(), StoreError> {
        self.run(async {
            user::Entity::insert(user::new_row(user, password_hash)).exec_without_returning(self.raw()).await?;
            Ok(())
        })
        .await
    }

    async fn find_for_update(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.run(async {
            let found = user::Entity::find_by_id(id.as_uuid()).lock(LockType::NoKeyUpdate).one(self.raw()).await?;
            found.map(user::Model::restore).transpose()
        })
        .await
    }

    async fn find_credentials_for_update(&self, id: UserId) -> Result<Option<Credentials>, StoreError> {
        self.run(async {
            let found = user::Entity::find_by_id(id.as_uuid()).lock(LockType::NoKeyUpdate).one(self.raw()).await?;
            found.map(user::Model::restore_credentials).transpose()
        })
        .await
    }

    async fn find_for_deletion(&self, id: UserId) -> Result<Option<Credentials>, StoreError> {
        self.run(async {
            // Waits for whoever holds a key share of the row, and lets nobody have one.
            let found = user::Entity::find_by_id(id.as_uuid()).lock(LockType::Update).one(self.raw()).await?;
            found.map(user::Model::restore_credentials).transpose()
        })
        .await
    }

    async fn find_joining(&self, ids: &[UserId]) -> Result<Vec<User>, StoreError> {
        self.run(async {
            let ids = ids.iter().map(|id| id.as_uuid());
            // In the order of those who lock all admins and then somebody else, or two could wait for each other.
            let is_admin = user::Column::Role.eq(Role::Admin.as_str()).and(user::Column::Active.eq(true));
            let them = user::Entity::find()
                .filter(user::Column::Id.is_in(ids))
                .order_by_desc(is_admin)
                .order_by_asc(user::Column::Id)
                .lock(LockType::Share);
            let found = them.all(self.raw()).await?;
            found.into_iter().map(user::Model::restore).collect()
        })
        .await
    }

    async fn depart(&self, id: UserId) -> Result<(), StoreError> {
        self.run(self.note_departure("INSERT INTO departures (user_id) VALUES ($1)", id)).await
    }

    async fn have_departed(&self, id: UserId) -> Result<(), StoreError> {
        self.run(self.note_departure("DELETE FROM departures WHERE user_id = $1", id)).await
    }

    async fn set_password_hash(&self, id: UserId, password_hash: &PasswordHash) -> Result<(), StoreError> {
        self.run(async {
            user::Entity::update(user::hash_row(id, password_hash)).exec_without_returning(self.raw()).await?;
            Ok(())
        })
        .await
    }

    async fn find_many(&self, ids: &[UserId]) -> Result<Vec<User>, StoreError> {
        self.run(async {
            let ids = ids.iter().map(|id| id.as_uuid());
            let found = user::Entity::find().filter(user::Column::Id.is_in(ids)).all(self.raw()).await?;
            found.into_iter().map(user::Model::restore).collect()
        })
        .await
    }

    async fn find_admins_for_update(&self) -> Result<Vec<User>, StoreError> {
        self.run(async {
            let found = user::Entity::find()
                .filter(user::Column::Role.eq(Role::Admin.as_str()))
                .filter(user::Column::Active.eq(true))
                .order_by_asc(user::Column::Id)
                .lock(LockType::NoKeyUpdate)
                .all(self.raw())
                .await?;
            found.into_iter().map(user::Model::restore).collect()
        })
        .await
    }

    async fn update(&self, user: &User) -> Result<(), StoreError> {
        self.run(async {
            user::Entity::update(user::changed_row(user)).exec_without_returning(self.raw()).await?;
            Ok(())
        })
        .await
    }
}

impl Connection<DatabaseTransaction> {
    async fn note_departure(&self, sql: &str, id: UserId) -> Result<(), Failure> {
        let values = [id.as_uuid().into()];
        self.raw().execute_raw(Statement::from_sql_and_values(self.raw().get_database_backend(), sql, values)).await?;
        Ok(())
    }
}
