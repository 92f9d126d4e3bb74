//! Make another participant the owner of a group.

use confab_domain::{Change, ConversationId, Membership, Operation, Sender, SystemMessage, UserId};

use crate::conversations::Grounds;
use crate::conversations::held::Held;
use crate::views::ConversationView;
use crate::{App, Error, FieldError, Viewer};

/// Makes a participant the owner; who was it before is a member. Returns the group as the viewer then sees it: not at all,
/// where an admin does it from outside.
///
/// # Errors
/// [`Error::NotFound`] where the viewer does not take part; [`Error::Denied`] where they may not; [`Error::Invalid`] where
/// the user does not take part; [`Conflict::NotAGroup`](crate::Conflict::NotAGroup).
pub async fn hand_on(
    app: &App,
    viewer: &Viewer,
    id: ConversationId,
    user_id: &str,
    grounds: &Grounds,
) -> Result<Option<ConversationView>, Error> {
    let user_id = UserId::parse(user_id);
    let user_id = user_id.map_err(|error| Error::Invalid(vec![FieldError::of_value("user_id", &error)]))?;
    let mut held = Held::begin(app, viewer, id, Operation::HandOnOwnership, grounds).await?;
    held.require_group()?;
    let everyone = held.tx.conversations().find_participants(id).await?;
    let next = everyone.iter().find(|sender| sender.participant.user_id == user_id && sender.active);
    let Some(Sender { participant: next, .. }) = next else {
        let message = "there is no participant with this id who could own the group";
        return Err(Error::Invalid(vec![FieldError::new("user_id", "user_unavailable", message)]));
    };
    if next.membership != Membership::Owner {
        for sender in everyone.iter().filter(|sender| sender.participant.membership == Membership::Owner) {
            let member = sender.participant.with_membership(Membership::Member);
            held.tx.conversations().update_participant(&member).await?;
        }
        held.tx.conversations().update_participant(&next.with_membership(Membership::Owner)).await?;
        held.tell(Change::OwnerChanged { user_id }).await?;
        held.announce(SystemMessage::OwnerChanged { user_id }).await?;
        held.keep().await?;
    }
    Ok(app.store.conversations().find(viewer.user.id, id).await?)
}
