//! Whom one has blocked.

use confab_application::ports::{BlockKey, PageRequest};
use confab_application::views::BlockView;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::UserResponse;
use crate::extract::{Faults, page_request};
use crate::problem::Problem;

/// Which page of the blocks.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct BlocksQuery {
    /// The most blocks.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// A `next_cursor` or `previous_cursor` of this list.
    cursor: Option<String>,
}

impl BlocksQuery {
    /// The page, or every fault at once.
    pub(crate) fn parse(self) -> Result<PageRequest<BlockKey>, Problem> {
        let mut faults = Faults::default();
        let page = page_request(&mut faults, self.limit, self.cursor.as_deref());
        faults.check()?;
        Ok(page)
    }
}

/// Somebody whom you have blocked.
#[derive(Serialize, ToSchema)]
pub(crate) struct BlockResponse {
    /// Who it is.
    user: UserResponse,
    /// Since when.
    #[schema(format = DateTime, example = "2026-01-31T09:30:00.000000Z")]
    since: String,
}

/// A page of blocks.
#[derive(Serialize, ToSchema)]
pub(crate) struct BlockPage {
    /// The blocks, the newest first.
    pub(crate) items: Vec<BlockResponse>,
    /// Gets the next page; null on the last.
    #[schema(required = true)]
    pub(crate) next_cursor: Option<String>,
    /// Gets the page before; null on the first.
    #[schema(required = true)]
    pub(crate) previous_cursor: Option<String>,
}

impl From<BlockView> for BlockResponse {
    fn from(block: BlockView) -> Self {
        Self { user: block.user.into(), since: block.since.to_string() }
    }
}
