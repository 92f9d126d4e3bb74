//! Brings a database's schema up to date, or back.

use std::collections::HashSet;

use confab_application::ports::StoreError;
use confab_migration::{Migrator, MigratorTrait, SchemaManager, seaql_migrations};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, EntityTrait, IntoDatabaseExecutor,
};

use crate::error::{Cause, Failure, store_error};
use crate::search::fill;
use crate::store::SeaOrmStore;

/// A migration that this program knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// Its name, which begins with its date.
    pub name: String,
    /// Whether the database has it.
    pub applied: bool,
}

impl SeaOrmStore {
    /// Applies the migrations that the database lacks, all or none, and returns their names. Of several nodes that
    /// start at once, one does it and the others wait. Where none is lacking, nothing is locked or written, and a
    /// database that a newer program has migrated further is left as it is.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where the database cannot be reached or stays locked; [`StoreError::Internal`] where a
    /// migration fails, or the database lacks some and has others that this program does not know.
    pub async fn migrate_up(&self) -> Result<Vec<String>, StoreError> {
        if names(self.migrations().await?, false).is_empty() {
            return Ok(Vec::new());
        }
        self.migrate(async |transaction| {
            let pending = names(list(transaction).await?, false);
            Migrator::up(transaction, None).await?;
            fill::fill(transaction).await?;
            Ok(pending)
        })
        .await
    }

    /// Reverts the last migrations that were applied, at the most `steps` of them, all or none, and returns their names,
    /// the last one first. What they kept is lost.
    ///
    /// # Errors
    /// As [`SeaOrmStore::migrate_up`], and wherever the database has a migration that this program does not know.
    pub async fn migrate_down(&self, steps: u32) -> Result<Vec<String>, StoreError> {
        self.migrate(async |transaction| {
            let applied = names(list(transaction).await?, true);
            Migrator::down(transaction, Some(steps)).await?;
            Ok(applied.into_iter().rev().take(steps as usize).collect())
        })
        .await
    }

    /// The migrations that this program knows, in their order.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where the database cannot be reached.
    pub async fn migrations(&self) -> Result<Vec<Migration>, StoreError> {
        list(self.readers()).await.map_err(|error| store_error(&error))
    }

    async fn migrate(
        &self,
        steps: impl AsyncFnOnce(&DatabaseTransaction) -> Result<Vec<String>, DbErr>,
    ) -> Result<Vec<String>, StoreError> {
        let transaction = self.begin_raw().await?;
        let done = async {
            lock(&transaction).await?;
            let names = steps(&transaction).await?;
            transaction.commit().await?;
            Ok::<_, Failure>(names)
        };
        Ok(done.await?)
    }
}

/// Whether the database has every migration that this program knows. It may have more, for a newer program may be about
/// to take over.
pub(crate) async fn check(connection: &DatabaseConnection) -> Result<(), StoreError> {
    let migrations = list(connection).await.map_err(|error| store_error(&error))?;
    match names(migrations, false) {
        pending if pending.is_empty() => Ok(()),
        pending => Err(StoreError::Internal(Cause::new(format!("migrations to apply: {}", pending.join(", "))))),
    }
}

/// Lets one migrate at a time. On SQLite the transaction itself does.
async fn lock(transaction: &DatabaseTransaction) -> Result<(), DbErr> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        // Waiting for another node, and changing a large table, may both take long.
        transaction.execute_unprepared("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0").await?;
        // The number is `confab` in ASCII.
        transaction.execute_unprepared("SELECT pg_advisory_xact_lock(x'636f6e666162'::bigint)").await?;
    }
    Ok(())
}

async fn list<'c, C>(connection: &'c C) -> Result<Vec<Migration>, DbErr>
where
    C: ConnectionTrait,
    &'c C: IntoDatabaseExecutor<'c>,
{
    let applied: HashSet<String> = if SchemaManager::new(connection).has_table("seaql_migrations").await? {
        seaql_migrations::Entity::find().all(connection).await?.into_iter().map(|row| row.version).collect()
    } else {
        HashSet::new()
    };
    let known = Migrator::migrations();
    Ok(known
        .iter()
        .map(|migration| Migration { name: migration.name().to_owned(), applied: applied.contains(migration.name()) })
        .collect())
}

fn names(migrations: Vec<Migration>, applied: bool) -> Vec<String> {
    migrations.into_iter().filter(|migration| migration.applied == applied).map(|migration| migration.name).collect()
}
