//! What users see of each other.

use std::collections::{BTreeSet, HashMap};

use confab_application::views::UserCard;
use confab_domain::{Inconsistent, UserId};
use sea_orm::ConnectionTrait;

use crate::entities::user::{self, Card, Column};
use crate::error::Failure;
use crate::reading::{Reading, Values};
use crate::select::is_among;

/// The cards of the users to whom a page refers, each read once, however often it is shown.
#[derive(Default)]
pub(crate) struct Cards(HashMap<UserId, UserCard>);

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
        let mut reading = Reading::new().of::<Card>("u");
        let them = is_among(("u", Column::Id), ids.iter().map(|id| id.as_uuid()), connection.get_database_backend());
        reading.query().from_as(user::Entity, "u").and_where(them);
        let cards = reading.fetch(connection, |row| row.record::<Card>()?.restore()).await?;
        Ok(Self(cards.into_iter().map(|card| (card.id, card)).collect()))
    }

    /// What is made of the rows that a statement finds, and such cards of the users to whom these columns refer as came along
    /// with them. [`Cards::complete`] reads the others.
    pub(crate) async fn along_with<T>(
        reading: Reading,
        connection: &impl ConnectionTrait,
        restore: impl Fn(&mut Values<'_>) -> Result<T, Failure>,
        columns: &[(&'static str, &'static str)],
    ) -> Result<(Vec<T>, Self), Failure> {
        let (rows, cards) = reading.fetch_with::<T, Card>(connection, restore, ("users", Column::Id), columns).await?;
        let cards = cards.into_iter().map(Card::restore).map(|card| card.map(|card| (card.id, card)));
        Ok((rows, Self(cards.collect::<Result<_, _>>()?)))
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
