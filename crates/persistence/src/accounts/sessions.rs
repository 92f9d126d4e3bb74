//! Reads and writes log-ins.

use async_trait::async_trait;
use confab_application::ports::{Page, PageRequest, Position, SessionReader, SessionRepository, StoreError};
use confab_domain::{RefreshToken, RefreshTokenHash, Session, SessionId, SessionUse, Timestamp, UserId};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, Order, QueryFilter, QueryOrder,
    QuerySelect,
};

use crate::connection::Connection;
use crate::entities::session::{self, Column, Entity};
use crate::select::is_among;

#[async_trait]
impl<C: ConnectionTrait + Send> SessionReader for Connection<C> {
    async fn list(
        &self,
        viewer: UserId,
        now: Timestamp,
        page: &PageRequest<SessionId>,
    ) -> Result<Page<Session>, StoreError> {
        self.run(async {
            let mut query = Entity::find()
                .filter(Column::UserId.eq(viewer.as_uuid()))
                .filter(Column::RefreshTokenExpiresAt.gt(now.as_micros()));
            let descending = !page.is_backwards();
            if let Some(Position::After(key) | Position::Before(key)) = page.position {
                let id = key.as_uuid();
                query = query.filter(if descending { Column::Id.lt(id) } else { Column::Id.gt(id) });
            }
            let order = if descending { Order::Desc } else { Order::Asc };
            let rows = query.order_by(Column::Id, order).limit(page.rows() as u64).all(self.raw()).await?;
            let sessions: Result<Vec<_>, _> = rows.into_iter().map(session::Model::restore).collect();
            Ok(Page::of_rows(sessions?, page))
        })
        .await
    }
}

#[async_trait]
impl SessionRepository for Connection<DatabaseTransaction> {
    async fn insert(&self, session: &Session) -> Result<(), StoreError> {
        self.run(async {
            Entity::insert(session::new_row(session)).exec_without_returning(self.raw()).await?;
            Ok(())
        })
        .await
    }

    async fn rotate(
        &self,
        token: &RefreshTokenHash,
        next: &RefreshToken,
        by: &SessionUse,
    ) -> Result<Option<Session>, StoreError> {
        self.run(async {
            let token = token.as_bytes().to_vec();
            // One statement: of two that read the token first and then replace it, both would succeed.
            let rotated = Entity::update_many()
                .col_expr(Column::RefreshTokenHash, Expr::val(next.hash.as_bytes().to_vec()))
                .col_expr(Column::RefreshTokenExpiresAt, Expr::val(next.expires_at.as_micros()))
                .col_expr(Column::TokenFamilyHash, Expr::val(next.family.as_bytes().to_vec()))
                .col_expr(Column::PreviousTokenHash, Expr::val(token.clone()))
                .col_expr(Column::LastUsedAt, Expr::val(by.at.as_micros()))
                .col_expr(Column::Address, Expr::val(by.address.map(|address| address.to_string())))
                .col_expr(Column::UserAgent, Expr::val(by.user_agent.as_ref().map(|agent| agent.as_str().to_owned())))
                .filter(
                    Condition::any()
                        .add(Column::RefreshTokenHash.eq(token.clone()))
                        .add(Column::PreviousTokenHash.eq(token)),
                )
                .filter(Column::RefreshTokenExpiresAt.gt(by.at.as_micros()))
                .exec_with_returning(self.raw())
                .await?;
            rotated.into_iter().next().map(session::Model::restore).transpose()
        })
        .await
    }

    async fn end_reused(
        &self,
        token: &RefreshTokenHash,
        family: &RefreshTokenHash,
    ) -> Result<Option<Session>, StoreError> {
        self.run(async {
            let token = token.as_bytes().to_vec();
            let ended = Entity::delete_many()
                .filter(Column::TokenFamilyHash.eq(family.as_bytes().to_vec()))
                .filter(Column::RefreshTokenHash.ne(token.clone()))
                .filter(
                    Condition::any().add(Column::PreviousTokenHash.is_null()).add(Column::PreviousTokenHash.ne(token)),
                )
                .exec_with_returning(self.raw())
                .await?;
            ended.into_iter().next().map(session::Model::restore).transpose()
        })
        .await
    }

    async fn end(&self, user_id: UserId, id: SessionId) -> Result<bool, StoreError> {
        self.run(async {
            let ended = Entity::delete_many()
                .filter(Column::Id.eq(id.as_uuid()))
                .filter(Column::UserId.eq(user_id.as_uuid()))
                .exec(self.raw())
                .await?;
            Ok(ended.rows_affected > 0)
        })
        .await
    }

    async fn end_all(&self, user_id: UserId, except: Option<SessionId>) -> Result<u64, StoreError> {
        self.run(async {
            let mut theirs = Entity::delete_many().filter(Column::UserId.eq(user_id.as_uuid()));
            if let Some(id) = except {
                theirs = theirs.filter(Column::Id.ne(id.as_uuid()));
            }
            Ok(theirs.exec(self.raw()).await?.rows_affected)
        })
        .await
    }

    async fn touch(&self, ids: &[SessionId], at: Timestamp) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        self.run(async {
            let ids = ids.iter().map(|id| id.as_uuid());
            Entity::update_many()
                .col_expr(Column::LastUsedAt, Expr::val(at.as_micros()))
                .filter(is_among(("sessions", Column::Id), ids, self.raw().get_database_backend()))
                .filter(Column::LastUsedAt.lt(at.as_micros()))
                .exec(self.raw())
                .await?;
            Ok(())
        })
        .await
    }

    async fn remove_expired(&self, now: Timestamp, at_most: u32) -> Result<u64, StoreError> {
        self.run(async {
            let expired = Query::select()
                .column(Column::Id)
                .from(Entity)
                .and_where(Column::RefreshTokenExpiresAt.lte(now.as_micros()))
                .limit(u64::from(at_most))
                .take();
            let removed = Entity::delete_many().filter(Column::Id.in_subquery(expired)).exec(self.raw()).await?;
            Ok(removed.rows_affected)
        })
        .await
    }
}
