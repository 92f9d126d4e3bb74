//! What users may know of each other.

use async_trait::async_trait;
use confab_application::ports::{BlockKey, Page, PageRequest, PeopleReader, StoreError};
use confab_application::views::{BlockView, UserCard};
use confab_domain::{EmailAddress, PhoneNumber, UserId};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbBackend, JoinType};

use super::blocks;
use crate::connection::Connection;
use crate::entities::participant::{self, Column as Place};
use crate::entities::user::{self, Card, Column};
use crate::entities::{block, conversation};
use crate::error::Failure;
use crate::reading::Reading;
use crate::select::{is, same};

#[async_trait]
impl<C: ConnectionTrait + Send> PeopleReader for Connection<C> {
    async fn find_known(&self, viewer: UserId, id: UserId) -> Result<Option<UserCard>, StoreError> {
        // Mentions nothing of the account, so that it is asked before, and takes the same whether there is one.
        let shared = shared(viewer, &Expr::val(id.as_uuid()), self.raw().get_database_backend());
        let known = Expr::exists(shared).or(Expr::val(id.as_uuid()).eq(viewer.as_uuid()));
        self.run(async { Ok(cards(self.raw(), 1, [is(("u", Column::Id), id.as_uuid()), known]).await?.pop()) }).await
    }

    async fn find_any(&self, id: UserId) -> Result<Option<UserCard>, StoreError> {
        self.run(async { Ok(cards(self.raw(), 1, [is(("u", Column::Id), id.as_uuid())]).await?.pop()) }).await
    }

    async fn find_by_email(&self, viewer: UserId, email: &EmailAddress) -> Result<Vec<UserCard>, StoreError> {
        let conditions = [
            Expr::col(("u", Column::EmailKey)).eq(email.key()),
            Expr::col(("u", Column::DiscoverableByEmail)),
            Expr::col(("u", Column::Active)),
            may_find(viewer, self.raw().get_database_backend()),
        ];
        self.run(async { cards(self.raw(), 1, conditions).await }).await
    }

    async fn find_by_phone(
        &self,
        viewer: UserId,
        number: &PhoneNumber,
        at_most: u64,
    ) -> Result<Vec<UserCard>, StoreError> {
        let conditions = [
            Expr::col(("u", Column::PhoneNumber)).eq(number.as_str()),
            Expr::col(("u", Column::DiscoverableByPhone)),
            Expr::col(("u", Column::Active)),
            may_find(viewer, self.raw().get_database_backend()),
        ];
        self.run(async { cards(self.raw(), at_most, conditions).await }).await
    }

    async fn blocks(&self, viewer: UserId, page: &PageRequest<BlockKey>) -> Result<Page<BlockView>, StoreError> {
        self.run(blocks::page(self.raw(), viewer, page)).await
    }
}

/// The first cards of the users of whom all this holds, by their ids.
async fn cards(
    connection: &impl ConnectionTrait,
    at_most: u64,
    conditions: impl IntoIterator<Item = Expr>,
) -> Result<Vec<UserCard>, Failure> {
    let mut reading = Reading::new().of::<Card>("u");
    let query =
        reading.query().from_as(user::Entity, "u").order_by(("u", Column::Id), sea_orm::Order::Asc).limit(at_most);
    for condition in conditions {
        query.and_where(condition);
    }
    reading.fetch(connection, |row| row.record::<Card>()?.restore()).await
}

/// A conversation in which the viewer takes part with somebody. A blocked one is none: it is direct, and of two who have
/// nothing to do with each other. Theirs are looked up by the viewer's, for how many they have is nobody's business.
fn shared(viewer: UserId, them: &Expr, backend: DbBackend) -> SelectStatement {
    use conversation::Column as Its;
    let mut query = Query::select();
    query.expr(Expr::val(1)).from_as(participant::Entity, "mine");
    let is_shared = same(("theirs", Place::ConversationId), ("mine", Place::ConversationId))
        .and(Expr::col(("theirs", Place::UserId)).eq(them.clone()));
    match backend {
        DbBackend::Postgres => {
            let theirs = Query::select()
                .column(("theirs", Place::ConversationId))
                .from_as(participant::Entity, "theirs")
                .and_where(is_shared)
                .offset(0)
                .take();
            query.join_lateral(JoinType::InnerJoin, theirs, "theirs", Condition::all());
        }
        _ => {
            query.join_as(JoinType::CrossJoin, participant::Entity, "theirs", Condition::all()).and_where(is_shared);
        }
    }
    query
        .join_as(JoinType::InnerJoin, conversation::Entity, "c", same(("c", Its::Id), ("mine", Place::ConversationId)))
        .and_where(is(("mine", Place::UserId), viewer.as_uuid()))
        .and_where(Expr::col(("c", Its::Blocked)).not())
        .take()
}

/// Whether neither the viewer nor the user of `u` has blocked the other, or they share a group all the same.
fn may_find(viewer: UserId, backend: DbBackend) -> Expr {
    use block::Column::{BlockedId, BlockerId};
    let by = |blocker: Expr, blocked: Expr| {
        Expr::col(("b", BlockerId)).eq(blocker).and(Expr::col(("b", BlockedId)).eq(blocked))
    };
    let (me, them) = (|| Expr::val(viewer.as_uuid()), || Expr::col(("u", Column::Id)));
    let made = Query::select()
        .expr(Expr::val(1))
        .from_as(block::Entity, "b")
        .and_where(by(me(), them()).or(by(them(), me())))
        .take();
    Expr::exists(made).not().or(Expr::exists(shared(viewer, &them(), backend)))
}
