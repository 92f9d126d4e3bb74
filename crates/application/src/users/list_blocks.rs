//! List whom one has blocked.

use confab_domain::{Operation, Relation, may};

use crate::ports::{BlockKey, Page, PageRequest};
use crate::views::BlockView;
use crate::{App, Error, Viewer};

/// Those whom the viewer has blocked, the newest first.
///
/// # Errors
/// [`Error::Denied`], by the permission table.
pub async fn list_blocks(app: &App, viewer: &Viewer, page: &PageRequest<BlockKey>) -> Result<Page<BlockView>, Error> {
    may(Operation::ReadOwnBlocks, viewer.user.role, Relation::None)?;
    Ok(app.store.people().blocks(viewer.user.id, page).await?)
}
