//! Edit a message.

use confab_domain::{
    Change, ChangeRefused, ConversationId, Draft, JsonObject, MessageBody, MessageId, MessageText, ValueError, Version,
};

use super::changing::{Changing, view};
use crate::fields::Fields;
use crate::views::MessageView;
use crate::{App, Error, Viewer};

/// What a message is to say, as it came in.
#[derive(Debug, Clone)]
pub struct MessageEdit {
    /// Its text; none for the text that it has.
    pub body: Option<String>,
    /// What programs send with it.
    pub payload: PayloadEdit,
}

/// What becomes of that which programs send with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PayloadEdit {
    /// It stays.
    Keep,
    /// It is gone.
    Remove,
    /// It is this JSON object.
    Replace(String),
    /// It is changed by this merge patch (RFC 7396).
    Merge(String),
}

impl PayloadEdit {
    fn of(&self, payload: Option<&JsonObject>) -> Result<Option<JsonObject>, ValueError> {
        match self {
            Self::Keep => Ok(payload.cloned()),
            Self::Remove => Ok(None),
            Self::Replace(text) => JsonObject::parse(text).map(Some),
            Self::Merge(patch) => JsonObject::merge(payload, patch).map(Some),
        }
    }
}

/// Which message the editor has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// Whatever it says.
    Any,
    /// What it said at one of these of its [versions](confab_domain::Message::content_version).
    Versions(Vec<Version>),
}

/// Makes one's own message say something else, and keeps what it said before. Where it says the same already, nothing
/// changes.
///
/// # Errors
/// [`Error::Invalid`]; [`Error::NotFound`] where the viewer sees no such message; [`Error::Denied`] and
/// [`Error::Unchanged`]: [`ChangeRefused::Stale`] where somebody has edited it since.
pub async fn edit(
    app: &App,
    viewer: &Viewer,
    conversation_id: ConversationId,
    id: MessageId,
    seen: &Precondition,
    edit: MessageEdit,
) -> Result<MessageView, Error> {
    let mut fields = Fields::default();
    let body = edit.body.and_then(|body| fields.take("body", MessageBody::parse(body)));
    // What is no object by itself is refused whatever the message has.
    fields.take("payload", edit.payload.of(None));
    fields.check()?;

    let mut changing = Changing::begin(app, viewer, conversation_id, id).await?;
    changing.changer.may_edit(&changing.message, app.settings.policy, changing.now)?;
    changing.require_open()?;
    let message = changing.message.clone();
    if let Precondition::Versions(versions) = seen
        && !versions.contains(&message.content_version())
    {
        return Err(ChangeRefused::Stale.into());
    }
    let (Some(text), Some(revision)) = (message.text().cloned(), message.revision()) else {
        return Err(ChangeRefused::System.into());
    };
    let body = body.unwrap_or(text.body.clone());
    let payload = fields.take("payload", edit.payload.of(text.payload.as_ref()));
    let payload = fields.need(payload)?;
    if body == text.body && payload == text.payload {
        drop(changing);
        return view(app, viewer, conversation_id, id).await;
    }
    let draft = Draft::new(id, message.sender_id, body);
    let mentioned = changing.tx.messages().participants_among(conversation_id, &draft.mentioned).await?;
    let event = changing.record(Change::MessageEdited { message_id: id });
    let edited = message.edited(MessageText { body: draft.body, payload, mentioned, edited: None }, &event);
    changing.tx.messages().insert_revision(&revision).await?;
    changing.tx.messages().update(&edited).await?;
    changing.commit(&event).await?;
    view(app, viewer, conversation_id, id).await
}
