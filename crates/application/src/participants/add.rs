//! Add participants to a group.

use std::collections::HashSet;

use confab_domain::{
    Change, ConversationId, MAX_PARTICIPANTS, Membership, Operation, Participant, SystemMessage, Unit, UserId,
    ValueError,
};

use crate::conversations::Grounds;
use crate::conversations::held::Held;
use crate::fields::Fields;
use crate::views::ConversationView;
use crate::{App, Error, FieldError, Viewer};

/// Adds users to a group, all or none of them, and returns it as the viewer then sees it: not at all, where an admin does it
/// from outside.
///
/// # Errors
/// [`Error::NotFound`] where the viewer does not take part; [`Error::Denied`] where they may not;
/// [`Error::Invalid`] with each user who cannot be added; [`Conflict::NotAGroup`](crate::Conflict::NotAGroup).
pub async fn add(
    app: &App,
    viewer: &Viewer,
    id: ConversationId,
    user_ids: &[String],
    grounds: &Grounds,
) -> Result<Option<ConversationView>, Error> {
    grounds.reason()?;
    let ids = parse(user_ids)?;
    let mut held = Held::begin(app, viewer, id, Operation::AddParticipants, grounds).await?;
    held.require_group()?;

    let user_ids: Vec<UserId> = ids.iter().map(|(_, id)| *id).collect();
    // The viewer too, so that neither blocks the other meanwhile.
    let everyone: Vec<UserId> = user_ids.iter().copied().chain([viewer.user.id]).collect();
    let users = held.tx.users().find_joining(&everyone).await?;
    let apart = held.tx.blocks().find_apart(viewer.user.id, &user_ids).await?;
    let there = held.tx.conversations().find_participants(id).await?;
    let mut fields = Fields::default();
    for (index, id) in &ids {
        let field = format!("user_ids/{index}");
        if there.iter().any(|sender| sender.participant.user_id == *id) {
            fields.refuse(FieldError::new(field, "already_participant", "takes part already"));
        } else if apart.contains(id) || !users.iter().any(|user| user.id == *id && user.active) {
            let message = "there is no user with this id whom you may add";
            fields.refuse(FieldError::new(field, "user_unavailable", message));
        }
    }
    fields.check()?;
    let before = held.conversation.clone();
    let Some(admitted) = before.admit(user_ids.len()) else {
        let message = format!(
            "a group has at most {MAX_PARTICIPANTS} participants; this one has {} already",
            before.participant_count
        );
        return Err(Error::Invalid(vec![FieldError::new("user_ids", "too_long", message)]));
    };

    let join = |id: &UserId| Participant::join(&before, *id, Membership::Member, held.now);
    let participants: Vec<Participant> = user_ids.iter().map(join).collect();
    held.tx.conversations().insert_participants(&participants).await?;
    held.conversation = admitted;
    held.tell(Change::ParticipantsAdded { user_ids: user_ids.clone() }).await?;
    held.announce(SystemMessage::ParticipantsAdded { user_ids }).await?;
    held.keep().await?;
    Ok(app.store.conversations().find(viewer.user.id, id).await?)
}

fn parse(texts: &[String]) -> Result<Vec<(usize, UserId)>, Error> {
    let mut fields = Fields::default();
    if texts.is_empty() {
        fields.take("user_ids", Err::<(), _>(ValueError::Empty));
    }
    if texts.len() > MAX_PARTICIPANTS {
        let actual = texts.len();
        let too_long = ValueError::TooLong { max: MAX_PARTICIPANTS, actual, unit: Unit::Items };
        fields.take("user_ids", Err::<(), _>(too_long));
    }
    fields.check()?;
    let mut seen = HashSet::new();
    let mut ids = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        let Some(id) = fields.take(format!("user_ids/{index}"), UserId::parse(text)) else { continue };
        if seen.insert(id) {
            ids.push((index, id));
        } else {
            let message = "names the same user as an earlier one";
            fields.refuse(FieldError::new(format!("user_ids/{index}"), "duplicate", message));
        }
    }
    fields.check()?;
    Ok(ids)
}
