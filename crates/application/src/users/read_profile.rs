//! Read one's own profile.

use confab_domain::{Operation, Relation, User, may};

use crate::{App, Error, Unauthenticated, Viewer};

/// The viewer's own account, as it is now: another node may have changed it since the viewer was looked up.
///
/// # Errors
/// [`Error::Denied`], by the permission table; [`Unauthenticated`] where the session has just ended.
pub async fn read_profile(app: &App, viewer: &Viewer) -> Result<User, Error> {
    may(Operation::ReadOwnProfile, viewer.user.role, Relation::None)?;
    let user = app.store.accounts().find_session_user(viewer.session_id).await?.filter(|user| user.active);
    user.ok_or_else(|| Unauthenticated::InvalidToken.into())
}
