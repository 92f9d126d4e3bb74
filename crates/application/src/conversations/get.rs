//! Read one conversation.

use confab_domain::{ConversationId, Operation, Relation, may};

use crate::ports::{Limit, MessageFilter, PageRequest};
use crate::views::{ConversationView, MessageView};
use crate::{App, Error, Resource, Viewer};

/// How many of the newest messages come with a conversation.
pub const NESTED_MESSAGES: usize = 20;

/// A conversation with its participants, and its newest messages from the newest on.
///
/// # Errors
/// [`Error::NotFound`] where the viewer does not take part in it.
pub async fn get(
    app: &App,
    viewer: &Viewer,
    id: ConversationId,
) -> Result<(ConversationView, Vec<MessageView>), Error> {
    may(Operation::ReadConversation, viewer.user.role, Relation::Member)?;
    let not_found = Error::NotFound(Resource::Conversation);
    let Some(view) = app.store.conversations().find(viewer.user.id, id).await? else { return Err(not_found) };
    let page = PageRequest::first(Limit::new(NESTED_MESSAGES).unwrap_or(Limit::DEFAULT));
    let history = app.store.messages().history(viewer.user.id, id, &MessageFilter::default(), &page).await?;
    Ok((view, history.ok_or(not_found)?.items))
}
