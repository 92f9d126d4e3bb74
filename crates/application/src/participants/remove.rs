//! Remove somebody from a group, or leave it.

use confab_domain::{
    Change, ConversationId, Membership, Operation, Participant, Sender, SystemMessage, UserId, successor,
};

use crate::conversations::Grounds;
use crate::conversations::held::Held;
use crate::{App, Error, Resource, Viewer};

/// Removes a user from a group; the viewer, who thereby leaves it, or somebody else. Where it is the owner, the one who has
/// been in it the longest owns it from then on.
///
/// # Errors
/// [`Error::NotFound`] where the viewer, or the user, does not take part; [`Error::Denied`] where the viewer may not;
/// [`Conflict::NotAGroup`](crate::Conflict::NotAGroup).
pub async fn remove(
    app: &App,
    viewer: &Viewer,
    id: ConversationId,
    user_id: UserId,
    grounds: &Grounds,
) -> Result<(), Error> {
    let leaves = user_id == viewer.user.id;
    let operation = if leaves { Operation::LeaveConversation } else { Operation::RemoveParticipant };
    let held = Held::begin(app, viewer, id, operation, grounds).await?;
    held.require_group()?;
    let place = match &held.place {
        Some(place) if leaves => Some(place.clone()),
        _ => held.tx.conversations().find_participant_for_update(id, user_id).await?,
    };
    dismiss(held, place.ok_or(Error::NotFound(Resource::Participant))?).await
}

/// Has a participant of a group be one no more.
pub(crate) async fn dismiss(mut held: Held<'_>, place: Participant) -> Result<(), Error> {
    let user_id = place.user_id;
    if place.membership == Membership::Owner {
        let everyone = held.tx.conversations().find_participants(place.conversation_id).await?;
        if let Some(Sender { participant, .. }) = successor(&everyone, user_id) {
            held.tx.conversations().update_participant(&participant.with_membership(Membership::Owner)).await?;
            held.tell(Change::OwnerChanged { user_id: participant.user_id }).await?;
            held.announce(SystemMessage::OwnerChanged { user_id: participant.user_id }).await?;
        }
    }
    held.tx.conversations().remove_participant(&place.leave(&held.conversation, held.now)).await?;
    held.conversation = held.conversation.dismiss_one();
    held.tell(Change::ParticipantLeft { user_id }).await?;
    held.announce(SystemMessage::ParticipantLeft { user_id }).await?;
    held.keep().await?;
    Ok(())
}
