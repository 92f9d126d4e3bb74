//! Keeps mails until they are sent, and the tokens that were in them.

use async_trait::async_trait;
use confab_application::ports::{ClaimedMail, MailOutcome, MailRepository, StoreError};
use confab_domain::{EmailAddress, MailToken, MailTokenHash, OutgoingMail, Timestamp, TokenPurpose, UserId};
use sea_orm::sea_query::{Expr, ExprTrait as _, LockBehavior, LockType, OnConflict, Order, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, QueryFilter,
};

use super::tokens;
use crate::connection::Connection;
use crate::entities::mail::{self, Column, Entity};
use crate::entities::mailtoken;

#[async_trait]
impl MailRepository for Connection<DatabaseTransaction> {
    async fn enqueue(&self, mail: &OutgoingMail, rested: Timestamp) -> Result<(), StoreError> {
        self.run(async {
            let has_rested = Expr::col((Entity, Column::SettledAt)).lte(rested.as_micros());
            let again = OnConflict::columns([Column::Kind, Column::EmailKey])
                .update_columns([
                    Column::Id,
                    Column::Email,
                    Column::CreatedAt,
                    Column::Attempts,
                    Column::DueAt,
                    Column::SettledAt,
                    Column::Error,
                ])
                .action_and_where(has_rested)
                .to_owned();
            match Entity::insert(mail::new_row(mail)).on_conflict(again).exec_without_returning(self.raw()).await {
                Ok(_) | Err(DbErr::RecordNotInserted) => Ok(()),
                Err(error) => Err(error.into()),
            }
        })
        .await
    }

    async fn claim(&self, limit: u32, now: Timestamp, lease: Timestamp) -> Result<Vec<ClaimedMail>, StoreError> {
        self.run(async {
            let mut due = Query::select();
            due.column(Column::Id)
                .from(Entity)
                .and_where(Column::DueAt.lte(now.as_micros()))
                .order_by(Column::DueAt, Order::Asc)
                .limit(u64::from(limit));
            if self.raw().get_database_backend() == DbBackend::Postgres {
                // Another node that claims at the same time takes the next ones.
                due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
            }
            let claimed = Entity::update_many()
                .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
                .col_expr(Column::DueAt, Expr::val(lease.as_micros()))
                .filter(Column::Id.in_subquery(due))
                .exec_with_returning(self.raw())
                .await?;
            claimed.into_iter().map(mail::Model::restore).collect()
        })
        .await
    }

    async fn settle(&self, mail: &ClaimedMail, outcome: &MailOutcome) -> Result<(), StoreError> {
        self.run(async {
            let (due_at, settled_at, error) = match outcome {
                MailOutcome::Sent { at } => (None, Some(at.as_micros()), None),
                MailOutcome::PutOff { until, reason } => (Some(until.as_micros()), None, Some(reason.as_str())),
                MailOutcome::GivenUp { at, reason } => (None, Some(at.as_micros()), Some(reason.as_str())),
            };
            Entity::update_many()
                .col_expr(Column::DueAt, Expr::val(due_at))
                .col_expr(Column::SettledAt, Expr::val(settled_at))
                .col_expr(Column::Error, Expr::val(error.map(str::to_owned)))
                .filter(Column::Id.eq(mail.mail.id.as_uuid()))
                .filter(Column::Attempts.eq(i64::from(mail.attempts)))
                .exec(self.raw())
                .await?;
            Ok(())
        })
        .await
    }

    async fn forget(&self, sent: Timestamp, given_up: Timestamp, expired: Timestamp) -> Result<(), StoreError> {
        self.run(async {
            let was_sent = Condition::all().add(Column::Error.is_null()).add(Column::SettledAt.lte(sent.as_micros()));
            let settled = Condition::any().add(was_sent).add(Column::SettledAt.lte(given_up.as_micros()));
            Entity::delete_many().filter(settled).exec(self.raw()).await?;
            let expired = mailtoken::Column::ExpiresAt.lte(expired.as_micros());
            mailtoken::Entity::delete_many().filter(expired).exec(self.raw()).await?;
            Ok(())
        })
        .await
    }

    async fn forget_mails_to(&self, email: &EmailAddress) -> Result<(), StoreError> {
        self.run(async {
            Entity::delete_many().filter(mail::is_to(email)).exec(self.raw()).await?;
            Ok(())
        })
        .await
    }

    async fn insert_token(&self, token: &MailToken) -> Result<(), StoreError> {
        self.run(async {
            mailtoken::Entity::insert(mailtoken::new_row(token)).exec_without_returning(self.raw()).await?;
            Ok(())
        })
        .await
    }

    async fn take_token(
        &self,
        hash: &MailTokenHash,
        purpose: TokenPurpose,
        now: Timestamp,
    ) -> Result<Option<UserId>, StoreError> {
        self.run(async {
            // One statement: of two that read the token first and then delete it, both would succeed.
            let taken = mailtoken::Entity::delete_many()
                .filter(tokens::is_good(hash, purpose, now))
                .filter(Expr::exists(tokens::owner()))
                .exec_with_returning(self.raw())
                .await?;
            Ok(taken.first().map(|token| UserId::from(token.user_id)))
        })
        .await
    }

    async fn forget_tokens(&self, user_id: UserId, purpose: TokenPurpose) -> Result<(), StoreError> {
        self.run(async {
            mailtoken::Entity::delete_many()
                .filter(mailtoken::Column::UserId.eq(user_id.as_uuid()))
                .filter(mailtoken::Column::Purpose.eq(purpose.as_str()))
                .exec(self.raw())
                .await?;
            Ok(())
        })
        .await
    }
}
