//! What the database tells.

use confab_application::ports::{Credentials, PasswordHasher as _, StoreError, Verdict};
use confab_domain::Password;
use confab_persistence::SeaOrmStore;
use confab_security::{Argon2Hasher, Argon2Settings};

use super::Finding;
use crate::config::{Config, DatabaseUrl};
use crate::failure::causes;
use crate::storage;

/// The passwords that the documentation shows to everybody.
const DOCUMENTED: [&str; 2] = ["correct horse battery", "staple of the day"];

/// So many admins are looked at. Each costs as much as a log-in.
const MOST_ADMINS: u64 = 20;

/// All that is wrong with the database that the configuration names. Nothing is made and nothing changed.
pub async fn stored(config: &Config) -> Vec<Finding> {
    match &config.database.url {
        DatabaseUrl::Memory => return Vec::new(),
        DatabaseUrl::Url(url) if !storage::exists(url) => return Vec::new(),
        DatabaseUrl::Url(_) => {}
    }
    let unreachable = |problem: String| {
        let remedy = "see that it runs, and that database.url names it";
        vec![Finding::error("database", problem, remedy)]
    };
    let store = match storage::connect(&config.database, 1).await {
        Ok(store) => store,
        Err(failure) => return unreachable(failure.message().to_owned()),
    };
    let found = match check(&store).await {
        Ok(found) => found,
        Err(error) => unreachable(format!("{} (database.url) failed: {}", config.database.url, causes(&error))),
    };
    store.close().await;
    found
}

async fn check(store: &SeaOrmStore) -> Result<Vec<Finding>, StoreError> {
    let mut found = durability(store).await?;
    let pending: Vec<_> = store.migrations().await?.into_iter().filter(|step| !step.applied).collect();
    if pending.is_empty() {
        found.extend(documented_passwords(store).await?);
    } else {
        found.push(Finding::warning(
            "pending_migrations",
            format_args!("the database's tables lack {} changes", pending.len()),
            "run `confab migrate up`, unless the next start is to do it",
        ));
    }
    Ok(found)
}

/// PostgreSQL can be told not to wait for the disk. Then what was acknowledged may be lost.
///
/// # Errors
/// Where the database cannot be asked.
pub async fn durability(store: &SeaOrmStore) -> Result<Vec<Finding>, StoreError> {
    let found = store.settings_that_lose_data().await?;
    let finding = |(name, value): (String, String)| {
        Finding::error(
            "database_forgets",
            format_args!("PostgreSQL's {name} is {value}: what was acknowledged may be lost with the power"),
            format_args!("run: ALTER SYSTEM SET {name} = on, and SELECT pg_reload_conf()"),
        )
    };
    Ok(found.into_iter().map(finding).collect())
}

/// Admins with a password that everybody can read.
///
/// # Errors
/// Where the database cannot be asked.
pub async fn documented_passwords(store: &SeaOrmStore) -> Result<Vec<Finding>, StoreError> {
    let admins = store.admins(MOST_ADMINS).await?;
    let settings = Argon2Settings { threads: 1, ..Argon2Settings::default() };
    let Ok(hasher) = Argon2Hasher::new(&settings) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for Credentials { user, password_hash } in admins {
        for documented in DOCUMENTED {
            let Ok(password) = Password::parse(documented.to_owned()) else { continue };
            let verdict = hasher.verify(password, Some(password_hash.clone())).await;
            if matches!(verdict, Ok(Verdict::Right | Verdict::Outdated)) {
                found.push(Finding::error(
                    "documented_password",
                    format_args!("the admin {} has a password from the documentation", user.email.as_str()),
                    "give the account another one, or another role",
                ));
            }
        }
    }
    Ok(found)
}
