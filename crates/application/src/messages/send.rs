//! Send a message.

use confab_domain::{ClientMessageId, ConversationId, Draft, MessageBody, MessageId};

use crate::fields::Fields;
use crate::ports::{Appended, Submission};
use crate::views::MessageView;
use crate::{App, Error, Resource, Viewer};

/// A message as it came in.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// Its text.
    pub body: String,
    /// A key of the sender's choice: a retry with the same key is the same message.
    pub client_message_id: Option<String>,
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
    // What refers to nobody else needs no look into storage.
    let view = if message.named().is_empty() {
        MessageView { message, sender: (&*viewer.user).into(), named: Vec::new() }
    } else {
        let found = app.store.messages().find(viewer.user.id, id, message.id).await?;
        found.ok_or(Error::NotFound(Resource::Message))?
    };
    Ok(Sent { view, is_new })
}

fn draft(app: &App, viewer: &Viewer, message: NewMessage) -> Result<Draft, Error> {
    let mut fields = Fields::default();
    let body = fields.take("body", MessageBody::parse(message.body));
    let key = message.client_message_id.as_deref();
    let client_message_id = fields.take_optional("client_message_id", key, ClientMessageId::parse);
    fields.check()?;
    let id = MessageId::from(app.ids.next());
    Ok(Draft { client_message_id, ..Draft::new(id, viewer.user.id, fields.need(body)?) })
}
