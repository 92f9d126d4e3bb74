//! React to a message, and take it back.

use confab_domain::{Change, ConversationId, Emoji, MessageId, Reaction};

use super::changing::{Changing, view};
use crate::ports::ReactionFacts;
use crate::views::MessageView;
use crate::{App, Error, Viewer};

/// Adds the viewer's reaction with an emoji; where it is there, nothing changes.
///
/// # Errors
/// [`Error::NotFound`] where the viewer sees no such message; [`Error::Denied`]; [`Error::Unchanged`] for a message that was
/// deleted, or has reactions of too many kinds.
pub async fn react(
    app: &App,
    viewer: &Viewer,
    conversation_id: ConversationId,
    id: MessageId,
    emoji: Emoji,
) -> Result<MessageView, Error> {
    let (mut changing, facts) = begin(app, viewer, conversation_id, id, emoji).await?;
    if !facts.has_reacted {
        let count = facts.count + 1;
        let message = changing.message.reacted(facts.count, count)?;
        let event = changing.record(Change::ReactionAdded { message_id: id, emoji });
        let reaction = Reaction { message_id: id, version: event.version, user_id: viewer.user.id, emoji };
        changing.tx.messages().add_reaction(&reaction, count).await?;
        changing.tx.messages().update(&message).await?;
        changing.commit(&event).await?;
    } else {
        drop(changing);
    }
    view(app, viewer, conversation_id, id).await
}

/// Takes the viewer's reaction with an emoji back; where there is none, nothing changes.
///
/// # Errors
/// As of [`react`].
pub async fn take_back(
    app: &App,
    viewer: &Viewer,
    conversation_id: ConversationId,
    id: MessageId,
    emoji: Emoji,
) -> Result<(), Error> {
    let (mut changing, facts) = begin(app, viewer, conversation_id, id, emoji).await?;
    if facts.has_reacted {
        let count = facts.count.saturating_sub(1);
        let message = changing.message.reacted(facts.count, count)?;
        let event = changing.record(Change::ReactionRemoved { message_id: id, emoji });
        changing.tx.messages().remove_reaction(viewer.user.id, id, emoji, count).await?;
        changing.tx.messages().update(&message).await?;
        changing.commit(&event).await?;
    }
    Ok(())
}

async fn begin(
    app: &App,
    viewer: &Viewer,
    conversation_id: ConversationId,
    id: MessageId,
    emoji: Emoji,
) -> Result<(Changing, ReactionFacts), Error> {
    let changing = Changing::begin(app, viewer, conversation_id, id).await?;
    changing.changer.may_react(&changing.message, app.settings.policy)?;
    changing.require_open()?;
    let facts = changing.tx.messages().reaction_facts(viewer.user.id, id, emoji).await?;
    Ok((changing, facts))
}
