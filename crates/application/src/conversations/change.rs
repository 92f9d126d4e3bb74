//! Change a conversation: its title, its metadata, its settings; close it and open it again.

use confab_domain::{
    Change, ConversationChange, ConversationId, HistoryVisibility, JsonObject, Operation, SystemMessage, Title,
};

use super::held::{Grounds, Held};
use crate::fields::Fields;
use crate::views::ConversationView;
use crate::{App, Error, Precondition, Viewer};

/// What is to change, as it came in; what is `None` stays (RFC 7396).
#[derive(Default)]
pub struct ConversationPatch {
    /// A new title, or `Some(None)` for none.
    pub title: Option<Option<String>>,
    /// Whether only the owner sends.
    pub announcement: Option<bool>,
    /// From where on whoever joins sees what was said.
    pub history: Option<String>,
    /// Whether it is closed.
    pub closed: Option<bool>,
    /// New metadata.
    pub metadata: Option<MetadataPatch>,
}

/// What is to become of the metadata, as JSON text.
pub enum MetadataPatch {
    /// This is to be it.
    Replace(String),
    /// What is there is to be changed by this merge patch (RFC 7396).
    Merge(String),
}

/// The tag of what can be edited of a conversation: it changes with that, and not with every message.
pub fn tag(conversation: &confab_domain::Conversation) -> String {
    format!("v{}", conversation.edited_version.get())
}

/// Changes a conversation, and returns it as the viewer then sees it: not at all, where an admin does it from outside.
///
/// # Errors
/// [`Error::NotFound`] where the viewer does not take part; [`Error::Denied`] where they may not; [`Error::Invalid`];
/// [`Conflict::NotAGroup`](crate::Conflict::NotAGroup); [`Error::PreconditionFailed`] where it was edited meanwhile.
pub async fn change(
    app: &App,
    viewer: &Viewer,
    id: ConversationId,
    patch: ConversationPatch,
    expected: &Precondition,
    grounds: &Grounds,
) -> Result<Option<ConversationView>, Error> {
    let mut fields = Fields::default();
    let change = ConversationChange {
        title: patch.title.map(|title| fields.take_optional("title", title.as_deref(), Title::parse)),
        announcement: patch.announcement,
        history: fields.take_optional("history", patch.history.as_deref(), HistoryVisibility::parse),
        closed: patch.closed,
        metadata: None,
    };
    fields.check()?;

    let mut held = Held::begin(app, viewer, id, Operation::ChangeConversation, grounds).await?;
    held.require_group()?;
    if !expected.admits(&tag(&held.conversation)) {
        return Err(Error::PreconditionFailed);
    }
    let metadata = match patch.metadata {
        Some(metadata) => metadata_of(&held, metadata).await?,
        None => None,
    };
    if let Some((conversation, made)) = held.conversation.with(ConversationChange { metadata, ..change }, held.now) {
        held.conversation = conversation;
        if let Some(metadata) = &made.metadata {
            held.tx.conversations().put_metadata(id, metadata).await?;
        }
        if made.history.is_some() {
            held.tx.conversations().update_visibility(&held.conversation).await?;
        }
        let told = [
            made.title.clone().map(|title| SystemMessage::Renamed { title }),
            made.closed.map(|closed| if closed { SystemMessage::Closed } else { SystemMessage::Reopened }),
        ];
        held.tell(Change::Conversation(made)).await?;
        for system in told.into_iter().flatten() {
            held.announce(system).await?;
        }
        held.keep().await?;
    }
    Ok(app.store.conversations().find(viewer.user.id, id).await?)
}

/// The new metadata; none where it is what is there.
async fn metadata_of(held: &Held<'_>, patch: MetadataPatch) -> Result<Option<JsonObject>, Error> {
    let kept = held.tx.conversations().find_metadata(held.conversation.id).await?;
    let now = kept.as_ref().map_or("{}", JsonObject::as_str);
    let metadata = match &patch {
        MetadataPatch::Replace(text) => JsonObject::parse(text),
        MetadataPatch::Merge(patch) => JsonObject::merge(kept.as_ref(), patch),
    };
    let mut fields = Fields::default();
    let metadata = fields.take("metadata", metadata);
    let metadata = fields.need(metadata)?;
    Ok((metadata.as_str() != now).then_some(metadata))
}
