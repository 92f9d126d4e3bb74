//! Read one's own profile.

use confab_domain::{Operation, Relation, User, may};

use crate::{Error, Viewer};

/// The viewer's own account, as it was looked up for this request.
///
/// # Errors
/// [`Error::Denied`], by the permission table.
pub fn read_profile(viewer: &Viewer) -> Result<User, Error> {
    may(Operation::ReadOwnProfile, viewer.user.role, Relation::None)?;
    Ok(viewer.user.clone())
}
