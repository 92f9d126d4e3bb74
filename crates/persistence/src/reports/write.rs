//! Writes reports.

use async_trait::async_trait;
use confab_application::ports::{ReportRepository, StoreError};
use confab_domain::{MessageId, Report, ReportId, UserId};
use sea_orm::prelude::Expr;
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect};

use crate::connection::Connection;
use crate::entities::report::{self, Column};

#[async_trait]
impl ReportRepository for Connection<DatabaseTransaction> {
    async fn insert(&self, report: &Report) -> Result<(), StoreError> {
        self.run(async {
            report::Entity::insert(report::new_row(report)).exec_without_returning(self.raw()).await?;
            Ok(())
        })
        .await
    }

    async fn find_own(&self, reporter: UserId, message: MessageId) -> Result<Option<Report>, StoreError> {
        self.run(async {
            let theirs = report::Entity::find().filter(Column::ReporterId.eq(reporter.as_uuid()));
            let found = theirs.filter(Column::MessageId.eq(message.as_uuid())).one(self.raw()).await?;
            found.map(report::Model::restore).transpose()
        })
        .await
    }

    async fn find_for_update(&self, id: ReportId) -> Result<Option<Report>, StoreError> {
        self.run(async {
            let found = report::Entity::find_by_id(id.as_uuid()).lock(LockType::NoKeyUpdate).one(self.raw()).await?;
            found.map(report::Model::restore).transpose()
        })
        .await
    }

    async fn update(&self, report: &Report) -> Result<(), StoreError> {
        self.run(async {
            report::Entity::update(report::changed_row(report)).exec_without_returning(self.raw()).await?;
            Ok(())
        })
        .await
    }

    async fn forget_comments(&self, reporter: UserId) -> Result<(), StoreError> {
        self.run(async {
            report::Entity::update_many()
                .col_expr(Column::Comment, Expr::value(None::<String>))
                .filter(Column::ReporterId.eq(reporter.as_uuid()))
                .filter(Column::Comment.is_not_null())
                .exec(self.raw())
                .await?;
            Ok(())
        })
        .await
    }
}
