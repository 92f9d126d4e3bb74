//! Fills a database straight by SQL, in seconds: people, groups, memberships and messages, as the product would have left
//! them. The tables are there and empty.

pub mod extent;
mod postgres;
mod sqlite;

use confab_application::ports::PasswordHasher as _;
use confab_domain::Password;
use confab_security::{Argon2Hasher, Argon2Settings};
use sea_orm::sqlx;

use crate::Result;
use crate::stage::Database;
use crate::world::{self, Size};

/// Fills an empty database with this many messages.
///
/// # Errors
/// Where the database refuses.
pub async fn fill(database: &Database, size: Size) -> Result<()> {
    let hash = password_hash().await?;
    match database {
        Database::Sqlite(file) => sqlite::fill(file, size, &hash).await,
        Database::Postgres(url) => postgres::fill(url, size, &hash).await,
    }
}

/// A hash that is quickly verified: how long a log-in takes is not measured here.
async fn password_hash() -> Result<String> {
    let settings = Argon2Settings { memory_kib: 64, iterations: 1, threads: 1, ..Argon2Settings::default() };
    let password = Password::parse(world::PASSWORD.to_owned())?;
    Ok(Argon2Hasher::new(&settings)?.hash(password).await?.as_str().to_owned())
}

/// A statement that was put together here, of nothing that came from elsewhere.
fn sql(text: String) -> sqlx::AssertSqlSafe<String> {
    sqlx::AssertSqlSafe(text)
}

/// The memberships: `(conversation, user, is_owner)` for each.
fn memberships() -> impl Iterator<Item = (u32, u32, bool)> {
    (0..=world::HALL).flat_map(|conversation| {
        let members = world::members(conversation);
        members.into_iter().enumerate().map(move |(place, user)| (conversation, user, place == 0))
    })
}

/// When the newest message of a group was sent; see the statements, which say the same for each message.
fn last_activity(group: u32, messages: u32) -> i64 {
    match messages {
        0 => world::BEGINNING,
        messages => sent_at(group, messages),
    }
}

/// When a message was sent: all groups take turns, a millisecond apart.
fn sent_at(group: u32, seq: u32) -> i64 {
    world::BEGINNING + (i64::from(seq - 1) * i64::from(world::GROUPS) + i64::from(group) + 1) * 1000
}
