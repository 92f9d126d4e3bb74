//! Read another user's card.

use confab_domain::{Operation, Relation, Role, UserId, may};

use crate::views::UserCard;
use crate::{App, Error, Resource, Viewer};

/// What others see of a user: of oneself, of whoever takes part in a conversation with the viewer, and for admins of anyone.
/// Where one of the two has blocked the other, their direct conversation is none.
///
/// # Errors
/// [`Error::NotFound`], the same for a user who is not there and for one whom the viewer may not know.
pub async fn read_card(app: &App, viewer: &Viewer, id: UserId) -> Result<UserCard, Error> {
    may(Operation::ReadUserCard, viewer.user.role, Relation::None)?;
    let people = app.store.people();
    let card = match viewer.user.role {
        Role::Admin => people.find_any(id).await?,
        Role::Guest | Role::Host => people.find_known(viewer.user.id, id).await?,
    };
    card.ok_or(Error::NotFound(Resource::User))
}
