//! Reads the audit.

use async_trait::async_trait;
use confab_application::ports::{AuditReader, Page, PageRequest, Position, StoreError};
use confab_domain::{AuditEntry, AuditEntryId, UserId};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait as _, Order};

use crate::connection::Connection;
use crate::entities::audit_event::{self, Column};
use crate::reading::Reading;
use crate::select::is;

#[async_trait]
impl<C: ConnectionTrait + Send> AuditReader for Connection<C> {
    async fn list(&self, viewer: UserId, page: &PageRequest<AuditEntryId>) -> Result<Page<AuditEntry>, StoreError> {
        self.run(async {
            let mut reading = Reading::new().of::<audit_event::Model>("a");
            let query = reading.query();
            query.from_as(audit_event::Entity, "a").and_where(is(("a", Column::SubjectId), viewer.as_uuid()));
            let descending = !page.is_backwards();
            if let Some(Position::After(key) | Position::Before(key)) = page.position {
                let id = Expr::col(("a", Column::Id));
                query.and_where(if descending { id.lt(key.as_uuid()) } else { id.gt(key.as_uuid()) });
            }
            let order = if descending { Order::Desc } else { Order::Asc };
            query.order_by(("a", Column::Id), order).limit(page.rows() as u64);
            let rows = reading.fetch(self.raw(), |row| row.record::<audit_event::Model>()?.restore()).await?;
            Ok(Page::of_rows(rows, page))
        })
        .await
    }
}
