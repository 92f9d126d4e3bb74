//! Writes log-ins.

use async_trait::async_trait;
use confab_application::ports::{SessionRepository, StoreError};
use confab_domain::{RefreshToken, RefreshTokenHash, Session, SessionId, Timestamp, UserId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use crate::connection::Connection;
use crate::entities::session::{self, Column};

#[async_trait]
impl SessionRepository for Connection<DatabaseTransaction> {
    async fn insert(&self, session: &Session) -> Result<(), StoreError> {
        self.run(async {
            session::Entity::insert(session::new_row(session)).exec_without_returning(self.raw()).await?;
            Ok(())
        })
        .await
    }

    async fn end_all(&self, user_id: UserId, kept: Option<SessionId>) -> Result<(), StoreError> {
        self.run(async {
            let mut ended = session::Entity::delete_many().filter(Column::UserId.eq(user_id.as_uuid()));
            if let Some(kept) = kept {
                ended = ended.filter(Column::Id.ne(kept.as_uuid()));
            }
            ended.exec(self.raw()).await?;
            Ok(())
        })
        .await
    }

    async fn rotate(
        &self,
        token: &RefreshTokenHash,
        next: &RefreshToken,
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError> {
        self.run(async {
            // One statement: of two that read the token first and then replace it, both would succeed.
            let rotated = session::Entity::update_many()
                .col_expr(Column::RefreshTokenHash, Expr::val(next.hash.as_bytes().to_vec()))
                .col_expr(Column::RefreshTokenExpiresAt, Expr::val(next.expires_at.as_micros()))
                .filter(Column::RefreshTokenHash.eq(token.as_bytes().to_vec()))
                .filter(Column::RefreshTokenExpiresAt.gt(now.as_micros()))
                .exec_with_returning(self.raw())
                .await?;
            rotated.into_iter().next().map(session::Model::restore).transpose()
        })
        .await
    }
}
