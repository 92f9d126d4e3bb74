//! Start a conversation.

use std::collections::HashSet;

use confab_domain::{
    Conversation, ConversationId, ConversationKind, DirectPair, MAX_PARTICIPANTS, Membership, Operation, Participant,
    Relation, Title, Unit, User, UserId, ValueError, may, may_start_direct,
};

use crate::fields::Fields;
use crate::ports::{Constraint, StoreError, Transaction};
use crate::views::ConversationView;
use crate::{App, Error, FieldError, Resource, Unauthenticated, Viewer};

/// What a conversation is made of, as it came in.
#[derive(Debug, Clone, Default)]
pub struct NewConversation {
    /// The other participants. The viewer takes part whether listed or not.
    pub participant_ids: Vec<String>,
    /// A group's title.
    pub title: Option<String>,
    /// `direct` or `group`; without it, one other participant and no title make it direct.
    pub kind: Option<String>,
}

/// The conversation, and whether this call made it.
#[derive(Debug, Clone)]
pub struct Created {
    /// The conversation.
    pub view: ConversationView,
    /// False where the two had a direct conversation already.
    pub is_new: bool,
}

/// A well-formed request.
struct Plan {
    others: Vec<(usize, UserId)>,
    title: Option<Title>,
    kind: ConversationKind,
}

/// Starts a conversation: a group, or a direct one. Two users have one direct conversation for ever: where it exists, or
/// someone else makes it at the same moment, that one is returned.
///
/// # Errors
/// [`Error::Invalid`], also for users that do not exist or that the viewer may not turn to, which look alike;
/// [`Error::Denied`] where the viewer may not make groups; [`Unauthenticated::InvalidToken`] where their account is no
/// longer active.
pub async fn create(app: &App, viewer: &Viewer, request: NewConversation) -> Result<Created, Error> {
    let plan = plan(viewer.user.id, request)?;
    let (id, is_new) = match attempt(app, viewer, &plan).await {
        // Someone else was faster, and has committed: the second attempt finds the winner's conversation.
        Err(Error::Store(StoreError::Conflict(Constraint::DirectPair))) => attempt(app, viewer, &plan).await?,
        outcome => outcome?,
    };
    let view = app.store.conversations().find(viewer.user.id, id).await?;
    Ok(Created { view: view.ok_or(Error::NotFound(Resource::Conversation))?, is_new })
}

fn plan(viewer: UserId, request: NewConversation) -> Result<Plan, Error> {
    let mut fields = Fields::default();
    let title = fields.take_optional("title", request.title.as_deref(), Title::parse);
    let kind = fields.take_optional("kind", request.kind.as_deref(), ConversationKind::parse);
    let max = MAX_PARTICIPANTS - 1;
    let mut others = Vec::new();
    if request.participant_ids.len() > MAX_PARTICIPANTS {
        let actual = request.participant_ids.len();
        let too_long: Result<(), _> = Err(ValueError::TooLong { max: MAX_PARTICIPANTS, actual, unit: Unit::Items });
        fields.take("participant_ids", too_long);
    } else {
        let mut seen = HashSet::new();
        for (index, text) in request.participant_ids.iter().enumerate() {
            let Some(id) = fields.take(format!("participant_ids/{index}"), UserId::parse(text)) else { continue };
            if !seen.insert(id) {
                let message = "names the same user as an earlier one";
                fields.refuse(FieldError::new(format!("participant_ids/{index}"), "duplicate", message));
            } else if id != viewer {
                others.push((index, id));
            }
        }
        if others.len() > max {
            let message = format!("must have at most {max} users beside yourself, but has {}", others.len());
            fields.refuse(FieldError::new("participant_ids", "too_long", message));
        }
    }
    fields.check()?;

    let kind = kind.unwrap_or(match (others.len(), &title) {
        (1, None) => ConversationKind::Direct,
        _ => ConversationKind::Group,
    });
    if kind == ConversationKind::Direct {
        if others.len() != 1 {
            let message = "must have exactly one user beside yourself in a direct conversation";
            fields.refuse(FieldError::new("participant_ids", "not_a_pair", message));
        }
        if title.is_some() {
            fields.refuse(FieldError::new("title", "not_allowed", "must be absent from a direct conversation"));
        }
    }
    fields.check()?;
    Ok(Plan { others, title, kind })
}

async fn attempt(app: &App, viewer: &Viewer, plan: &Plan) -> Result<(ConversationId, bool), Error> {
    let tx = app.store.begin().await?;
    let ids: Vec<UserId> = plan.others.iter().map(|(_, id)| *id).chain([viewer.user.id]).collect();
    let users = tx.users().find_joining(&ids).await?;
    let caller = users.iter().find(|user| user.id == viewer.user.id && user.active);
    let caller = caller.ok_or(Unauthenticated::InvalidToken)?;

    let id = ConversationId::from(app.ids.next());
    let now = app.clock.now();
    let (conversation, membership) = match plan.kind {
        ConversationKind::Group => {
            may(Operation::CreateGroup, caller.role, Relation::None)?;
            require_available(tx.as_ref(), plan, caller, &users, |_| true).await?;
            let count = plan.others.len() as u64 + 1;
            (Conversation::create_group(id, caller.id, plan.title.clone(), count, now), Membership::Owner)
        }
        ConversationKind::Direct => {
            let pair = plan.others.first().and_then(|(_, other)| DirectPair::new(caller.id, *other));
            let pair = pair.ok_or_else(|| Error::Internal("a direct conversation without a pair".to_owned()))?;
            if let Some(existing) = tx.conversations().find_direct(pair).await? {
                return Ok((existing, false));
            }
            let policy = app.settings.policy;
            let admits = |other: &User| may_start_direct(caller.role, other.role, policy).is_ok();
            require_available(tx.as_ref(), plan, caller, &users, admits).await?;
            (Conversation::start_direct(id, caller.id, pair, now), Membership::Member)
        }
    };
    insert(tx, &conversation, caller.id, membership, plan, now).await?;
    Ok((id, true))
}

/// Refuses each user who is not there or not to be turned to, as where one has blocked the other. Which it is, the viewer does
/// not learn.
async fn require_available(
    tx: &dyn Transaction,
    plan: &Plan,
    caller: &User,
    users: &[User],
    admits: impl Fn(&User) -> bool,
) -> Result<(), Error> {
    let others: Vec<UserId> = plan.others.iter().map(|(_, id)| *id).collect();
    let apart = tx.blocks().find_apart(caller.id, &others).await?;
    let mut fields = Fields::default();
    for (index, id) in &plan.others {
        if apart.contains(id) || !users.iter().any(|user| user.id == *id && user.active && admits(user)) {
            let message = "there is no user with this id with whom you may start this conversation";
            fields.refuse(FieldError::new(format!("participant_ids/{index}"), "user_unavailable", message));
        }
    }
    fields.check()
}

async fn insert(
    tx: Box<dyn Transaction>,
    conversation: &Conversation,
    caller: UserId,
    membership: Membership,
    plan: &Plan,
    now: confab_domain::Timestamp,
) -> Result<(), Error> {
    let others = plan.others.iter().map(|(_, id)| (*id, Membership::Member));
    let participants: Vec<Participant> = [(caller, membership)]
        .into_iter()
        .chain(others)
        .map(|(user_id, membership)| Participant::join(conversation, user_id, membership, now))
        .collect();
    tx.conversations().insert(conversation, &participants).await?;
    tx.commit().await?;
    Ok(())
}
