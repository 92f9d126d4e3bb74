//! A conversation that somebody changes: locked, and the caller judged.

use confab_domain::{
    AuditEntry, AuditKind, Change, Conversation, ConversationId, Denied, Facts, MessageId, Operation, Origin,
    Participant, Reason, Relation, SystemMessage, Terms, Timestamp, UserId, judge,
};

use crate::fields::Fields;
use crate::ports::Transaction;
use crate::{App, Conflict, Error, Resource, Viewer};

/// On what grounds somebody changes a conversation.
#[derive(Debug, Clone, Default)]
pub struct Grounds {
    /// Why, which an admin has to say who is not the owner, as it came in. It goes to the audit.
    pub reason: Option<String>,
    /// Where the request came from.
    pub origin: Origin,
}

impl Grounds {
    /// The reason.
    ///
    /// # Errors
    /// [`Error::Invalid`] for `reason`.
    pub(crate) fn reason(&self) -> Result<Option<Reason>, Error> {
        let mut fields = Fields::default();
        let reason = fields.take_optional("reason", self.reason.as_deref(), Reason::parse);
        fields.check()?;
        Ok(reason)
    }
}

/// A conversation under its lock, and who changes it. What happens to it is [told](Held::tell) one by one, and
/// [kept](Held::keep) at the end.
pub(crate) struct Held<'a> {
    app: &'a App,
    actor_id: UserId,
    pub(crate) tx: Box<dyn Transaction>,
    pub(crate) conversation: Conversation,
    /// The caller's place in it, if they take part.
    pub(crate) place: Option<Participant>,
    pub(crate) now: Timestamp,
}

impl<'a> Held<'a> {
    /// Locks a conversation, if the caller may do this to it. Admins from outside may with a reason alone.
    pub(crate) async fn begin(
        app: &'a App,
        viewer: &'a Viewer,
        id: ConversationId,
        operation: Operation,
        grounds: &Grounds,
    ) -> Result<Self, Error> {
        let reason = grounds.reason()?;
        let tx = app.store.begin().await?;
        let found = tx.conversations().find_for_update(viewer.user.id, id).await?;
        let place = match &found {
            Some(_) => tx.conversations().find_participant_for_update(id, viewer.user.id).await?,
            None => None,
        };
        let relation = Relation::of(found.as_ref().zip(place.as_ref().map(|place| place.membership)));
        let terms = judge(operation, viewer.user.role, relation, app.settings.policy)?;
        if terms == Terms::WithReason && reason.is_none() {
            return Err(Denied::ReasonNeeded.into());
        }
        let found = match found {
            None if terms == Terms::WithReason => tx.conversations().find_any_for_update(id).await?,
            found => found,
        };
        let conversation = found.ok_or(Error::NotFound(Resource::Conversation))?;
        if let (Terms::WithReason, Some(reason)) = (terms, &reason) {
            let facts = Facts::of("operation", operation.as_str()).and("conversation_id", &id.to_string());
            let entry = AuditEntry {
                actor_id: Some(viewer.user.id),
                after: Some(facts.and("reason", reason.as_str())),
                ..app.audit_entry(AuditKind::ConversationTouched, None, &grounds.origin)
            };
            tx.audit().append(&entry).await?;
        }
        Ok(Self { app, actor_id: viewer.user.id, tx, conversation, place, now: app.clock.now() })
    }

    /// Locks a conversation for a user who is being deleted, if they take part in it.
    pub(crate) async fn by_departing(
        app: &'a App,
        actor_id: UserId,
        id: ConversationId,
    ) -> Result<Option<(Self, Participant)>, Error> {
        let tx = app.store.begin().await?;
        let Some(conversation) = tx.conversations().find_for_update(actor_id, id).await? else { return Ok(None) };
        let Some(place) = tx.conversations().find_participant_for_update(id, actor_id).await? else { return Ok(None) };
        Ok(Some((Self { app, actor_id, tx, conversation, place: None, now: app.clock.now() }, place)))
    }

    /// Refuses what makes no sense between two.
    pub(crate) fn require_group(&self) -> Result<(), Error> {
        if self.conversation.pair.is_some() { Err(Conflict::NotAGroup.into()) } else { Ok(()) }
    }

    /// Records a change, which the conversation already has in it, with its event.
    pub(crate) async fn tell(&mut self, change: Change) -> Result<(), Error> {
        let (conversation, event) = self.conversation.record(self.actor_id, change, self.now);
        self.tx.events().append(&event).await?;
        self.conversation = conversation;
        Ok(())
    }

    /// Tells it to those who take part, among their messages.
    pub(crate) async fn announce(&mut self, system: SystemMessage) -> Result<(), Error> {
        let id = MessageId::from(self.app.ids.next());
        let (conversation, message) = self.conversation.announce(id, self.actor_id, system, self.now);
        self.tx.messages().insert(&message).await?;
        self.conversation = conversation;
        Ok(())
    }

    /// Keeps the conversation and commits. Gives it back as it is now.
    pub(crate) async fn keep(self) -> Result<Conversation, Error> {
        self.tx.conversations().update(&self.conversation).await?;
        self.tx.commit().await?;
        Ok(self.conversation)
    }
}
