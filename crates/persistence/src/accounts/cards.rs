//! What users see of each other.

use std::collections::{BTreeSet, HashMap};
use std::sync::OnceLock;

use confab_application::views::UserCard;
use confab_domain::{Inconsistent, UserId};
use sea_orm::prelude::Uuid;
use sea_orm::{ConnectionTrait, DbBackend};

use crate::entities::user::{self, Card, Column};
use crate::error::Failure;
use crate::reading::{Built, Reading, Values};
use crate::select::{array, is_among};

/// The cards of the users to whom a page refers, each read once, however often it is shown.
#[derive(Default)]
pub(crate) struct Cards(HashMap<UserId, UserCard>);

impl FromIterator<UserCard> for Cards {
    fn from_iter<I: IntoIterator<Item = UserCard>>(cards: I) -> Self {
        Self(cards.into_iter().map(|card| (card.id, card)).collect())
    }
}

impl Cards {
    /// Reads the cards of these users, in one statement.
    pub(crate) async fn read(
        connection: &impl ConnectionTrait,
        ids: impl IntoIterator<Item = UserId>,
    ) -> Result<Self, Failure> {
        let ids: BTreeSet<UserId> = ids.into_iter().collect();
        if ids.is_empty() {
            return Ok(Self(HashMap::new()));
        }
        let statement = Self::of_users(&ids, connection.get_database_backend());
        let (cards, _) = statement.fetch(connection, |row| row.record::<Card>()?.restore()).await?;
        Ok(cards.into_iter().collect())
    }

    fn of_users(ids: &BTreeSet<UserId>, backend: DbBackend) -> Built {
        static POSTGRES: OnceLock<Built> = OnceLock::new();
        let ids = || ids.iter().map(|id| id.as_uuid());
        let build = |ids: Vec<Uuid>| {
            let mut reading = Reading::new().of::<Card>("u");
            reading.query().from_as(user::Entity, "u").and_where(is_among(("u", Column::Id), ids, backend));
            reading.build(backend)
        };
        if backend == DbBackend::Sqlite {
            return build(ids().collect());
        }
        // All the ids are its only value.
        POSTGRES.get_or_init(|| build(Vec::new())).with(|value| *value = array(ids()).into(), |_| {})
    }

    /// Has a statement read those cards along to which these columns refer, if that is the quicker way.
    pub(crate) fn along(reading: Reading, columns: &[(&'static str, &'static str)]) -> Reading {
        reading.along::<Card>(("users", Column::Id), columns)
    }

    /// What is made of the rows that a statement finds, and such cards as [came along](Cards::along) with them. [`Cards::complete`]
    /// reads the others.
    pub(crate) async fn fetch_along<T>(
        statement: Built,
        connection: &impl ConnectionTrait,
        restore: impl Fn(&mut Values<'_>) -> Result<T, Failure>,
    ) -> Result<(Vec<T>, Self), Failure> {
        let (rows, along) = statement.fetch(connection, restore).await?;
        Ok((rows, along.records::<Card>()?.into_iter().map(Card::restore).collect::<Result<_, _>>()?))
    }

    /// The same, of what is read.
    pub(crate) async fn along_with<T>(
        reading: Reading,
        connection: &impl ConnectionTrait,
        restore: impl Fn(&mut Values<'_>) -> Result<T, Failure>,
        columns: &[(&'static str, &'static str)],
    ) -> Result<(Vec<T>, Self), Failure> {
        let statement = Self::along(reading, columns).build(connection.get_database_backend());
        Self::fetch_along(statement, connection, restore).await
    }

    /// Reads the cards of those users that are not there yet.
    pub(crate) async fn complete(
        &mut self,
        connection: &impl ConnectionTrait,
        ids: impl IntoIterator<Item = UserId>,
    ) -> Result<(), Failure> {
        let missing = ids.into_iter().filter(|id| !self.0.contains_key(id)).collect::<BTreeSet<_>>();
        self.0.extend(Self::read(connection, missing).await?.0);
        Ok(())
    }

    /// The card of a user to whom a row refers.
    pub(crate) fn of(&self, id: UserId) -> Result<UserCard, Failure> {
        self.0.get(&id).cloned().ok_or_else(|| Failure::Corrupt {
            table: "users",
            id: id.to_string(),
            reason: Inconsistent { field: "id", reason: "rows refer to it, and it is not there" },
        })
    }
}
