//! Databases: new ones, and copies of them.

use std::path::PathBuf;

use sea_orm::sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use super::Places;
use crate::Result;

/// The kind of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, clap::ValueEnum)]
pub enum Backend {
    /// PostgreSQL, with its own `fsync` and `synchronous_commit`.
    Postgres,
    /// SQLite, with `synchronous=FULL`.
    Sqlite,
}

impl Backend {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Postgres, Self::Sqlite];

    /// Its name in the report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgresql",
            Self::Sqlite => "sqlite",
        }
    }
}

/// Where a database is.
#[derive(Debug, Clone)]
pub enum Database {
    /// A file.
    Sqlite(PathBuf),
    /// A URL.
    Postgres(String),
}

impl Database {
    /// A database of this name, without tables.
    ///
    /// # Errors
    /// Where PostgreSQL refuses.
    pub async fn create(places: &Places, backend: Backend, name: &str) -> Result<Self> {
        match backend {
            Backend::Sqlite => Ok(Self::Sqlite(places.scratch.join(format!("{name}.db")))),
            Backend::Postgres => {
                administer(places, &format!("CREATE DATABASE {name}")).await?;
                Ok(Self::Postgres(url(places, name)?))
            }
        }
    }

    /// A copy of it, under another name. Nobody is connected to it.
    ///
    /// # Errors
    /// Where it cannot be copied.
    pub async fn copy(&self, places: &Places, name: &str) -> Result<Self> {
        match self {
            Self::Sqlite(file) => {
                let copy = places.scratch.join(format!("{name}.db"));
                std::fs::copy(file, &copy)?;
                std::fs::File::open(&copy)?.sync_all()?;
                Ok(Self::Sqlite(copy))
            }
            Self::Postgres(url) => {
                let (_, template) = url.rsplit_once('/').ok_or("a URL without a database")?;
                administer(places, &format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")).await?;
                Ok(Self::Postgres(self::url(places, name)?))
            }
        }
    }

    /// Removes it, with whoever is connected to it.
    ///
    /// # Errors
    /// Where that is refused.
    pub async fn remove(self, places: &Places) -> Result<()> {
        match self {
            Self::Sqlite(file) => {
                for end in ["", "-wal", "-shm"] {
                    let mut name = file.clone().into_os_string();
                    name.push(end);
                    match std::fs::remove_file(name) {
                        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
                        _ => {}
                    }
                }
                Ok(())
            }
            Self::Postgres(url) => {
                let (_, name) = url.rsplit_once('/').ok_or("a URL without a database")?;
                administer(places, &format!("DROP DATABASE {name} WITH (FORCE)")).await
            }
        }
    }

    /// Its kind.
    pub const fn backend(&self) -> Backend {
        match self {
            Self::Sqlite(_) => Backend::Sqlite,
            Self::Postgres(_) => Backend::Postgres,
        }
    }

    /// Its URL, as the product takes it.
    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(file) => format!("sqlite://{}", file.display()),
            Self::Postgres(url) => url.clone(),
        }
    }
}

fn url(places: &Places, name: &str) -> Result<String> {
    let (server, _) = places.postgres.rsplit_once('/').ok_or("a URL without a database")?;
    Ok(format!("{server}/{name}"))
}

async fn administer(places: &Places, statement: &str) -> Result<()> {
    let mut connection = PgConnection::connect(&places.postgres).await?;
    connection.execute(AssertSqlSafe(statement.to_owned())).await?;
    connection.close().await?;
    Ok(())
}
