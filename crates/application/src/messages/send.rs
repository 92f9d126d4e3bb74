//! Send a message.

use confab_domain::{ClientMessageId, ConversationId, Draft, JsonObject, MessageBody, MessageId};

use super::changing::view;
use crate::fields::Fields;
use crate::ports::{Appended, Submission};
use crate::views::MessageView;
use crate::{App, Error, Viewer};

/// A message as it came in.
#[derive(Debug, Clone, Default)]
pub struct NewMessage {
    /// Its text.
    pub body: String,
    /// A key of the sender's choice: a retry with the same key is the same message.
    pub client_message_id: Option<String>,
    /// What programs send with it, as the text of a JSON object.
    pub payload: Option<String>,
    /// The message of the same conversation that it answers.
    pub reply_to: Option<String>,
}

/// The message, and whether this call sent it.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The message.
    pub view: MessageView,
    /// False where an earlier call with the same key had sent it.
    pub is_new: bool,
}

/// Gives a message its place in a conversation and keeps it. When this returns, the message is on disk.
///
/// # Errors
/// [`Error::Invalid`]; [`Error::NotFound`] where the viewer does not take part;
/// [`Conflict::ClientMessageIdReused`](crate::Conflict::ClientMessageIdReused) where the key belongs to a message with
/// another body; [`Busy::Messages`](crate::Busy::Messages) where too many are sent at once.
pub async fn send(app: &App, viewer: &Viewer, id: ConversationId, message: NewMessage) -> Result<Sent, Error> {
    let draft = draft(app, viewer, message)?;
    let appended = app.log.append(Submission { conversation_id: id, draft, now: app.clock.now() }).await?;
    let (message, is_new) = match appended {
        Appended::New(message) => (message, true),
        Appended::Earlier(message) => (message, false),
    };
    // What refers to nothing else needs no look into storage.
    let is_plain = message.named().is_empty() && message.reply_to_id.is_none() && message.reaction_kinds == 0;
    let view = if is_plain {
        MessageView::plain(message, (&*viewer.user).into())
    } else {
        view(app, viewer, id, message.id).await?
    };
    Ok(Sent { view, is_new })
}

fn draft(app: &App, viewer: &Viewer, message: NewMessage) -> Result<Draft, Error> {
    let mut fields = Fields::default();
    let body = fields.take("body", MessageBody::parse(message.body));
    let key = message.client_message_id.as_deref();
    let client_message_id = fields.take_optional("client_message_id", key, ClientMessageId::parse);
    let payload = fields.take_optional("payload", message.payload.as_deref(), JsonObject::parse);
    let reply_to_id = fields.take_optional("reply_to", message.reply_to.as_deref(), MessageId::parse);
    fields.check()?;
    let id = MessageId::from(app.ids.next());
    Ok(Draft { client_message_id, payload, reply_to_id, ..Draft::new(id, viewer.user.id, fields.need(body)?) })
}
