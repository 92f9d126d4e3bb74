//! List accounts.

use confab_domain::{Operation, Relation, User, UserId, may};

use crate::ports::{Page, PageRequest, UserFilter};
use crate::{App, Error, Viewer};

/// A page of the accounts of this server, on behalf of an admin.
///
/// # Errors
/// [`Error::Denied`] for whoever is no admin.
pub async fn list(
    app: &App,
    viewer: &Viewer,
    filter: &UserFilter,
    page: &PageRequest<UserId>,
) -> Result<Page<User>, Error> {
    may(Operation::ListUsers, viewer.user.role, Relation::None)?;
    list_as_operator(app, filter, page).await
}

/// The same, on behalf of an operator of the server.
///
/// # Errors
/// Those of the store.
pub async fn list_as_operator(app: &App, filter: &UserFilter, page: &PageRequest<UserId>) -> Result<Page<User>, Error> {
    Ok(app.store.accounts().list(filter, page).await?)
}
