//! Tell what can be done with messages.

use confab_domain::{Changer, Conversation, ConversationId, Message, Operation, Policy, Relation, Timestamp};

use super::former::former_history;
use super::inspected::inspected_history;
use crate::{App, Error, Resource, Viewer};

/// Who looks at messages, and by what they are judged.
#[derive(Debug)]
pub struct Judge {
    /// None for who has left, or looks in from outside: they do nothing with what they read.
    place: Option<(Changer, Conversation)>,
    policy: Policy,
    now: Timestamp,
}

/// Whoever looks at the messages of a conversation, which they have read.
///
/// # Errors
/// [`Error::NotFound`] where the viewer neither takes part in it nor may still read it.
pub async fn judge(app: &App, viewer: &Viewer, id: ConversationId) -> Result<Judge, Error> {
    let place = match app.store.conversations().standing(viewer.user.id, id).await? {
        Some(standing) => {
            let relation = Relation::of(Some((&standing.conversation, standing.membership)));
            Some((Changer { user_id: viewer.user.id, role: viewer.user.role, relation }, standing.conversation))
        }
        None if former_history(app, viewer).is_some() || inspected_history(app, viewer, id).is_some() => None,
        None => return Err(Error::NotFound(Resource::Conversation)),
    };
    Ok(Judge { place, policy: app.settings.policy, now: app.clock.now() })
}

impl Judge {
    /// What the viewer may do with one of them.
    pub fn allowed_actions(&self, message: &Message) -> Vec<Operation> {
        let actions = |(changer, conversation): &(Changer, Conversation)| {
            changer.allowed_actions(message, conversation, self.policy, self.now)
        };
        self.place.as_ref().map(actions).unwrap_or_default()
    }
}
