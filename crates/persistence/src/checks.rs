//! What an operator asks of a database before it is served.

use confab_application::ports::{Credentials, StoreError};
use confab_domain::Role;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DbBackend, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Statement,
};

use crate::entities::user;
use crate::store::SeaOrmStore;

impl SeaOrmStore {
    /// Those of PostgreSQL's settings by which it forgets what it has acknowledged, with their values; SQLite has none, for
    /// it is told each time.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where the database cannot be reached.
    pub async fn settings_that_lose_data(&self) -> Result<Vec<(String, String)>, StoreError> {
        const RISKY: &str = "SELECT name, setting FROM pg_settings WHERE setting = 'off' \
            AND name IN ('fsync', 'synchronous_commit', 'full_page_writes') ORDER BY name";
        if self.readers().get_database_backend() != DbBackend::Postgres {
            return Ok(Vec::new());
        }
        self.reader()
            .run(async {
                let statement = Statement::from_string(DbBackend::Postgres, RISKY);
                let rows = self.readers().query_all_raw(statement).await?;
                rows.into_iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
            })
            .await
    }

    /// The first so many admins that were made, with what their log-ins are checked against.
    ///
    /// # Errors
    /// As [`SeaOrmStore::settings_that_lose_data`].
    pub async fn admins(&self, most: u64) -> Result<Vec<Credentials>, StoreError> {
        self.reader()
            .run(async {
                let found = user::Entity::find()
                    .filter(user::Column::Role.eq(Role::Admin.as_str()))
                    .order_by_asc(user::Column::CreatedAt)
                    .limit(most)
                    .all(self.readers())
                    .await?;
                found.into_iter().map(user::Model::restore_credentials).collect()
            })
            .await
    }
}
