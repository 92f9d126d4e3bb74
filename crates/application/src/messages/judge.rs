//! Tell what can be done with messages.

use confab_domain::{Changer, Conversation, ConversationId, Message, Operation, Policy, Relation, Timestamp};

use crate::{App, Error, Resource, Viewer};

/// Who looks at messages, and by what they are judged.
#[derive(Debug)]
pub struct Judge {
    changer: Changer,
    conversation: Conversation,
    policy: Policy,
    now: Timestamp,
}

/// Whoever looks at the messages of a conversation.
///
/// # Errors
/// [`Error::NotFound`] where the viewer does not take part in it.
pub async fn judge(app: &App, viewer: &Viewer, id: ConversationId) -> Result<Judge, Error> {
    let standing = app.store.conversations().standing(viewer.user.id, id).await?;
    let standing = standing.ok_or(Error::NotFound(Resource::Conversation))?;
    let relation = Relation::of(Some((&standing.conversation, standing.membership)));
    Ok(Judge {
        changer: Changer { user_id: viewer.user.id, role: viewer.user.role, relation },
        conversation: standing.conversation,
        policy: app.settings.policy,
        now: app.clock.now(),
    })
}

impl Judge {
    /// What the viewer may do with one of them.
    pub fn allowed_actions(&self, message: &Message) -> Vec<Operation> {
        self.changer.allowed_actions(message, &self.conversation, self.policy, self.now)
    }
}
