//! What every change of a message begins and ends with.

use confab_domain::{
    Change, Changer, Conversation, ConversationId, Event, Message, MessageId, Operation, Participant, Relation,
    Timestamp, may,
};

use crate::ports::Transaction;
use crate::views::MessageView;
use crate::{App, Conflict, Error, Resource, Viewer};

/// A message that is going to be changed, its conversation locked.
pub(super) struct Changing {
    pub(super) tx: Box<dyn Transaction>,
    pub(super) conversation: Conversation,
    pub(super) message: Message,
    pub(super) changer: Changer,
    pub(super) now: Timestamp,
}

impl Changing {
    /// Locks the conversation, and finds the message as the viewer sees it.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the viewer sees no such message.
    pub(super) async fn begin(
        app: &App,
        viewer: &Viewer,
        conversation_id: ConversationId,
        id: MessageId,
    ) -> Result<Self, Error> {
        may(Operation::ReadConversation, viewer.user.role, Relation::Member)?;
        let tx = app.store.begin().await?;
        let conversation = tx.conversations().find_for_update(viewer.user.id, conversation_id).await?;
        let conversation = conversation.ok_or(Error::NotFound(Resource::Message))?;
        let participant = tx.conversations().find_participant_for_update(conversation_id, viewer.user.id).await?;
        let participant: Participant = participant.ok_or(Error::NotFound(Resource::Message))?;
        let message = tx.messages().find(viewer.user.id, conversation_id, id).await?;
        let message = message.ok_or(Error::NotFound(Resource::Message))?.message;
        let relation = Relation::of(Some((&conversation, participant.membership)));
        let changer = Changer { user_id: viewer.user.id, role: viewer.user.role, relation };
        Ok(Self { tx, conversation, message, changer, now: app.clock.now() })
    }

    /// The same for an admin who does not take part, or does not see it.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such message.
    pub(super) async fn begin_from_outside(
        app: &App,
        viewer: &Viewer,
        conversation_id: ConversationId,
        id: MessageId,
    ) -> Result<Self, Error> {
        let not_found = || Error::NotFound(Resource::Message);
        let tx = app.store.begin().await?;
        let conversation = tx.conversations().find_any_for_update(conversation_id).await?.ok_or_else(not_found)?;
        let message = tx.messages().find_any(conversation_id, id).await?.ok_or_else(not_found)?;
        let changer = Changer { user_id: viewer.user.id, role: viewer.user.role, relation: Relation::None };
        Ok(Self { tx, conversation, message, changer, now: app.clock.now() })
    }

    /// Refuses what is not done in a conversation that is closed.
    pub(super) fn require_open(&self) -> Result<(), Error> {
        if self.conversation.closed_at.is_some() { Err(Conflict::ConversationClosed.into()) } else { Ok(()) }
    }

    /// Gives the change the conversation's next version.
    pub(super) fn record(&mut self, change: Change) -> Event {
        let (conversation, event) = self.conversation.record(self.changer.user_id, change, self.now);
        self.conversation = conversation;
        event
    }

    /// Keeps the event and the conversation's version, and all that was written.
    pub(super) async fn commit(self, event: &Event) -> Result<(), Error> {
        self.tx.events().append(event).await?;
        self.tx.conversations().update(&self.conversation).await?;
        Ok(self.tx.commit().await?)
    }
}

/// The message as the viewer now sees it.
pub(super) async fn view(
    app: &App,
    viewer: &Viewer,
    conversation_id: ConversationId,
    id: MessageId,
) -> Result<MessageView, Error> {
    let view = app.store.messages().find(viewer.user.id, conversation_id, id).await?;
    view.ok_or(Error::NotFound(Resource::Message))
}
