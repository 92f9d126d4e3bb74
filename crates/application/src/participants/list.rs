//! List who takes part in a conversation.

use confab_domain::{ConversationId, Membership, Operation, Relation, UserId, may};

use crate::ports::{Page, PageRequest};
use crate::views::ParticipantView;
use crate::{App, Error, Resource, Viewer};

/// The participants of a conversation, by user id, perhaps only its owner or its members. Whoever comes or goes while someone
/// pages through moves no other.
///
/// # Errors
/// [`Error::NotFound`] where the viewer does not take part in it.
pub async fn list(
    app: &App,
    viewer: &Viewer,
    id: ConversationId,
    membership: Option<Membership>,
    page: &PageRequest<UserId>,
) -> Result<Page<ParticipantView>, Error> {
    may(Operation::ReadConversation, viewer.user.role, Relation::Member)?;
    let page = app.store.conversations().participants(viewer.user.id, id, membership, page).await?;
    page.ok_or(Error::NotFound(Resource::Conversation))
}
