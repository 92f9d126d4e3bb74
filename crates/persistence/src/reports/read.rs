//! Reads reports on behalf of admins.

use async_trait::async_trait;
use confab_application::ports::{Page, PageRequest, Position, ReportFilter, ReportReader, StoreError};
use confab_domain::{Report, ReportId};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait as _, Order};

use crate::connection::Connection;
use crate::entities::report::{self, Column};
use crate::reading::Reading;
use crate::select::is;

#[async_trait]
impl<C: ConnectionTrait + Send> ReportReader for Connection<C> {
    async fn list(&self, filter: ReportFilter, page: &PageRequest<ReportId>) -> Result<Page<Report>, StoreError> {
        self.run(async {
            let mut reading = Reading::new().of::<report::Model>("r");
            let query = reading.query();
            let state = filter.state.map(|state| Expr::col(("r", Column::State)).eq(state.as_str()));
            query.from_as(report::Entity, "r").and_where_option(state);
            let descending = !page.is_backwards();
            if let Some(Position::After(key) | Position::Before(key)) = page.position {
                let id = Expr::col(("r", Column::Id));
                query.and_where(if descending { id.lt(key.as_uuid()) } else { id.gt(key.as_uuid()) });
            }
            let order = if descending { Order::Desc } else { Order::Asc };
            query.order_by(("r", Column::Id), order).limit(page.rows() as u64);
            let rows = reading.fetch(self.raw(), |row| row.record::<report::Model>()?.restore()).await?;
            Ok(Page::of_rows(rows, page))
        })
        .await
    }

    async fn find(&self, id: ReportId) -> Result<Option<Report>, StoreError> {
        self.run(async {
            let mut reading = Reading::new().of::<report::Model>("r");
            reading.query().from_as(report::Entity, "r").and_where(is(("r", Column::Id), id.as_uuid()));
            Ok(reading.fetch(self.raw(), |row| row.record::<report::Model>()?.restore()).await?.pop())
        })
        .await
    }
}
