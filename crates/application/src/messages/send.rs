//! Send a message.

use confab_domain::{
    ClientMessageId, ConversationId, Draft, Message, MessageBody, MessageId, Operation, Relation, may,
};

use crate::fields::Fields;
use crate::views::MessageView;
use crate::{App, Conflict, Error, Resource, Viewer};

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
/// [`Conflict::ClientMessageIdReused`] where the key belongs to a message with another body.
pub async fn send(app: &App, viewer: &Viewer, id: ConversationId, message: NewMessage) -> Result<Sent, Error> {
    let draft = draft(app, viewer, message)?;
    let tx = app.store.begin().await?;
    let conversation = tx.conversations().find_for_update(viewer.user.id, id).await?;
    let sender = tx.conversations().find_participant_for_update(id, viewer.user.id).await?;
    let relation = Relation::of(sender.as_ref().map(|found| found.membership));
    may(Operation::SendMessage, viewer.user.role, relation)?;
    let (Some(conversation), Some(sender)) = (conversation, sender) else {
        return Err(Error::NotFound(Resource::Conversation));
    };

    if let Some(key) = &draft.client_message_id
        && let Some(first) = tx.messages().find_by_client_message_id(id, draft.sender_id, key).await?
    {
        if !first.says_the_same_as(&draft) {
            return Err(Conflict::ClientMessageIdReused.into());
        }
        return Ok(sent(viewer, first, false));
    }

    let (conversation, message) = conversation.post(draft, app.clock.now());
    let sender = sender
        .read_up_to(message.seq, &conversation)
        .map_err(|error| Error::Internal(format!("a message beyond its conversation's end: {error}")))?;
    tx.messages().insert(&message).await?;
    tx.conversations().update(&conversation).await?;
    tx.conversations().update_participant(&sender).await?;
    tx.commit().await?;
    Ok(sent(viewer, message, true))
}

fn draft(app: &App, viewer: &Viewer, message: NewMessage) -> Result<Draft, Error> {
    let mut fields = Fields::default();
    let body = fields.take("body", MessageBody::parse(message.body));
    let key = message.client_message_id.as_deref();
    let client_message_id = fields.take_optional("client_message_id", key, ClientMessageId::parse);
    fields.check()?;
    let id = MessageId::from(app.ids.next());
    Ok(Draft { id, sender_id: viewer.user.id, body: fields.need(body)?, client_message_id })
}

fn sent(viewer: &Viewer, message: Message, is_new: bool) -> Sent {
    Sent { view: MessageView { message, sender: (&viewer.user).into() }, is_new }
}
