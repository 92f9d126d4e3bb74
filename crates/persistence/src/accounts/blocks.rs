//! Reads and writes who has blocked whom.

use async_trait::async_trait;
use confab_application::ports::{BlockFacts, BlockKey, BlockRepository, Page, PageRequest, Position, StoreError};
use confab_application::views::BlockView;
use confab_domain::{Block, UserId};
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::{Expr, ExprTrait as _, Order, Query, UnionType};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, JoinType, QueryFilter, Statement,
};

use crate::connection::Connection;
use crate::entities::block::{self, Column, Entity};
use crate::entities::row::Row;
use crate::entities::user::{self, Card};
use crate::error::Failure;
use crate::reading::{Reading, Values};
use crate::select::{is, is_among, same};

/// Whether the other is there and known; and the blocks, with how many there are.
const FACTS: &str = "\
    SELECT EXISTS (SELECT 1 FROM users WHERE id = $2 AND deleted_at IS NULL), \
    EXISTS (SELECT 1 FROM participants AS mine JOIN participants AS theirs \
      ON theirs.conversation_id = mine.conversation_id AND theirs.user_id = $2 WHERE mine.user_id = $1), \
    EXISTS (SELECT 1 FROM blocks WHERE blocker_id = $1 AND blocked_id = $2), \
    (SELECT count(*) FROM blocks WHERE blocker_id = $1)";

/// A page of those whom the viewer has blocked.
pub(super) async fn page(
    connection: &impl ConnectionTrait,
    viewer: UserId,
    page: &PageRequest<BlockKey>,
) -> Result<Page<BlockView>, Failure> {
    let mut reading = Reading::new().of::<block::Model>("b").of::<Card>("u");
    let query = reading.query();
    let card = same(("u", user::Column::Id), ("b", Column::BlockedId));
    query
        .from_as(Entity, "b")
        .join_as(JoinType::InnerJoin, user::Entity, "u", card)
        .and_where(is(("b", Column::BlockerId), viewer.as_uuid()));
    let descending = !page.is_backwards();
    if let Some(Position::After(key) | Position::Before(key)) = page.position {
        let place = Expr::tuple([Expr::col(("b", Column::Since)), Expr::col(("b", Column::BlockedId))]);
        let key = Expr::tuple([Expr::val(key.since.as_micros()), Expr::val(key.blocked_id.as_uuid())]);
        query.and_where(if descending { place.lt(key) } else { place.gt(key) });
    }
    let order = if descending { Order::Desc } else { Order::Asc };
    query
        .order_by(("b", Column::Since), order.clone())
        .order_by(("b", Column::BlockedId), order)
        .limit(page.rows() as u64);
    let view = |row: &mut Values<'_>| {
        let block = row.record::<block::Model>()?;
        let since = Row::of_two("blocks", block.blocker_id, block.blocked_id).time("since", block.since)?;
        Ok(BlockView { user: row.record::<Card>()?.restore()?, since })
    };
    Ok(Page::of_rows(reading.fetch(connection, view).await?, page))
}

#[async_trait]
impl BlockRepository for Connection<DatabaseTransaction> {
    async fn find_facts(&self, blocker: UserId, blocked: UserId) -> Result<BlockFacts, StoreError> {
        self.run(async {
            let values = [blocker.as_uuid().into(), blocked.as_uuid().into()];
            let facts = Statement::from_sql_and_values(self.raw().get_database_backend(), FACTS, values);
            let row = self.raw().query_one_raw(facts).await?;
            let row = row.ok_or_else(|| DbErr::RecordNotFound("what a block depends on".to_owned()))?;
            let mut values = Values::of(&row);
            let (exists, is_known, is_blocked) = (values.flag()?, values.flag()?, values.flag()?);
            Ok(BlockFacts { exists, is_known, is_blocked, count: values.integer()?.cast_unsigned() })
        })
        .await
    }

    async fn find_apart(&self, user: UserId, others: &[UserId]) -> Result<Vec<UserId>, StoreError> {
        self.run(async {
            let backend = self.raw().get_database_backend();
            let between = |mine: Column, theirs: Column| {
                Query::select()
                    .column(("b", theirs))
                    .from_as(Entity, "b")
                    .and_where(is(("b", mine), user.as_uuid()))
                    .and_where(is_among(("b", theirs), others.iter().map(|id| id.as_uuid()), backend))
                    .take()
            };
            let made_of = between(Column::BlockedId, Column::BlockerId);
            let all = between(Column::BlockerId, Column::BlockedId).union(UnionType::Distinct, made_of).take();
            let rows = self.raw().query_all(&all).await?;
            rows.iter().map(|row| Ok(UserId::from(row.try_get_by_index::<Uuid>(0)?))).collect()
        })
        .await
    }

    async fn insert(&self, block: &Block) -> Result<(), StoreError> {
        self.run(async {
            Entity::insert(block::new_row(block)).exec_without_returning(self.raw()).await?;
            Ok(())
        })
        .await
    }

    async fn remove(&self, blocker: UserId, blocked: UserId) -> Result<bool, StoreError> {
        self.run(async {
            let removed = Entity::delete_by_id((blocker.as_uuid(), blocked.as_uuid())).exec(self.raw()).await?;
            Ok(removed.rows_affected > 0)
        })
        .await
    }

    async fn remove_all(&self, user: UserId) -> Result<(), StoreError> {
        self.run(async {
            let id = user.as_uuid();
            let theirs = Condition::any().add(Column::BlockerId.eq(id)).add(Column::BlockedId.eq(id));
            Entity::delete_many().filter(theirs).exec(self.raw()).await?;
            Ok(())
        })
        .await
    }
}
