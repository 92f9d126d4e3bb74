//! Who may do what: `allowed = ceiling(role) AND relation(caller, conversation)`.
//!
//! The rules are functions over facts that are already loaded, and answer why not.

mod table;

pub use table::Operation;

use crate::{Conversation, Membership, Role};

/// What the caller is to the conversation in question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    /// Its owner.
    Owner,
    /// A member of it.
    Member,
    /// In it once, and no longer.
    Former,
    /// Not in it, or there is no conversation in question.
    None,
    /// One of the two of a direct conversation, in which one has blocked the other, whichever.
    Blocked,
}

impl Relation {
    /// Every relation, from the closest on.
    pub const ALL: [Self; 5] = [Self::Owner, Self::Member, Self::Former, Self::None, Self::Blocked];

    /// The relation's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Member => "member",
            Self::Former => "former",
            Self::None => "none",
            Self::Blocked => "blocked",
        }
    }

    /// Whether someone in this relation takes part.
    pub const fn takes_part(self) -> bool {
        matches!(self, Self::Owner | Self::Member | Self::Blocked)
    }

    /// The relation of someone with this membership of a conversation, or of none.
    pub fn of(place: Option<(&Conversation, Membership)>) -> Self {
        match place {
            Some((conversation, _)) if conversation.blocked => Self::Blocked,
            Some((_, Membership::Owner)) => Self::Owner,
            Some((_, Membership::Member)) => Self::Member,
            None => Self::None,
        }
    }
}

/// Why something is not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The role's ceiling is too low.
    #[error("the role {role} may not do this; it takes {}", names(.needs))]
    RoleTooLow {
        /// The caller's role.
        role: Role,
        /// The roles that may.
        needs: &'static [Role],
    },
    /// Only the owner may.
    #[error("only the conversation's owner may do this")]
    NotTheOwner,
    /// Nobody does this to the own account.
    #[error("nobody may do this to their own account")]
    NotOneself,
    /// An admin who is not the owner may, and must say why.
    #[error("an admin may do this with a reason")]
    ReasonNeeded,
    /// One of the two of a direct conversation has blocked the other. Which of them is not told.
    #[error("no messages are exchanged between the two of this conversation")]
    Blocked,
    /// The caller is not in the conversation, and must not learn that it exists.
    #[error("not a participant of this conversation")]
    NotAParticipant,
    /// A guest may start a direct conversation with this user by no means.
    #[error("a guest may start a direct conversation only with a host or an admin, where this server allows it")]
    GuestMayNotStartDirect,
}

/// The debatable cells of the table, which each server sets for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Whether a guest may start a direct conversation with a host or an admin.
    pub guest_can_start_direct: bool,
    /// Whether whoever has left a conversation may still read what happened while they were in it.
    pub history_after_leave: bool,
    /// For how long after it was sent a message may be edited, and deleted by a guest, in seconds.
    pub edit_window_seconds: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self { guest_can_start_direct: true, history_after_leave: false, edit_window_seconds: 24 * 3600 }
    }
}

/// On what terms something is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terms {
    /// On none.
    Free,
    /// With a reason, which is kept.
    WithReason,
}

impl Operation {
    /// Whether it is about a conversation that exists.
    pub const fn is_in_conversation(self) -> bool {
        self.row().in_conversation
    }

    /// What can be done with a message, beside reading it.
    pub const OF_A_MESSAGE: [Self; 8] = [
        Self::SendMessage,
        Self::ListReaders,
        Self::EditMessage,
        Self::DeleteOwnMessage,
        Self::DeleteAnyMessage,
        Self::HideMessage,
        Self::ReactToMessage,
        Self::ReportMessage,
    ];

    /// The roles that may do it in some relation, with a reason or without.
    pub fn roles(self) -> Vec<Role> {
        let policy = Policy { guest_can_start_direct: true, history_after_leave: true, edit_window_seconds: u32::MAX };
        let may = |role: &Role| Relation::ALL.into_iter().any(|relation| judge(self, *role, relation, policy).is_ok());
        Role::ALL.into_iter().filter(may).collect()
    }
}

/// Judges an operation by the caller's role and relation: a cell of the table.
///
/// # Errors
/// [`Denied`]: first for whoever is not in the conversation, so that a stranger learns nothing from the rest.
pub fn judge(operation: Operation, role: Role, relation: Relation, policy: Policy) -> Result<Terms, Denied> {
    let row = operation.row();
    let reads_after_leave = relation == Relation::Former && row.after_leave && policy.history_after_leave;
    let who = if reads_after_leave { row.member } else { row.who(relation) };
    if operation == Operation::StartDirect && role == Role::Guest && !policy.guest_can_start_direct {
        return Err(Denied::GuestMayNotStartDirect);
    }
    if who.roles.contains(&role) {
        return Ok(Terms::Free);
    }
    if who.admins_with_reason && role == Role::Admin {
        return Ok(Terms::WithReason);
    }
    if row.in_conversation && relation == Relation::Blocked {
        return Err(Denied::Blocked);
    }
    if row.in_conversation && !relation.takes_part() {
        return Err(Denied::NotAParticipant);
    }
    if relation == Relation::Member && row.owner.roles.contains(&role) {
        return Err(Denied::NotTheOwner);
    }
    let needs = if row.owner.roles.is_empty() { &[Role::Admin] } else { row.owner.roles };
    Err(Denied::RoleTooLow { role, needs })
}

/// The same, for who has no reason to give, in operations that no setting touches.
///
/// # Errors
/// [`Denied`].
pub fn may(operation: Operation, role: Role, relation: Relation) -> Result<(), Denied> {
    match judge(operation, role, relation, Policy::default())? {
        Terms::Free => Ok(()),
        Terms::WithReason => Err(Denied::ReasonNeeded),
    }
}

/// What somebody may do with a conversation as it is now, with a reason or without.
pub fn allowed_actions(conversation: &Conversation, role: Role, relation: Relation, policy: Policy) -> Vec<Operation> {
    let makes_sense = |operation: &Operation| match operation {
        Operation::SendMessage => {
            conversation.closed_at.is_none() && (!conversation.announcement || relation == Relation::Owner)
        }
        Operation::LeaveConversation
        | Operation::ChangeConversation
        | Operation::AddParticipants
        | Operation::RemoveParticipant
        | Operation::HandOnOwnership => conversation.pair.is_none(),
        _ => true,
    };
    let may = |operation: &Operation| judge(*operation, role, relation, policy).is_ok();
    let about_it = Operation::ALL.iter().copied().filter(|operation| operation.is_in_conversation());
    about_it.filter(may).filter(makes_sense).collect()
}

/// Judges whether someone may start a direct conversation with someone else, by the roles of both.
///
/// # Errors
/// [`Denied`] for a guest who turns to a guest, or to anyone where the policy forbids it.
pub fn may_start_direct(role: Role, other: Role, policy: Policy) -> Result<(), Denied> {
    judge(Operation::StartDirect, role, Relation::None, policy)?;
    if role == Role::Guest && other == Role::Guest {
        return Err(Denied::GuestMayNotStartDirect);
    }
    Ok(())
}

fn names(roles: &[Role]) -> String {
    roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(" or ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_get_the_same_answer_whatever_their_role() {
        for role in Role::ALL {
            for operation in [Operation::ReadConversation, Operation::SendMessage, Operation::MarkRead] {
                assert_eq!(may(operation, role, Relation::None), Err(Denied::NotAParticipant));
                assert_eq!(may(operation, role, Relation::Member), Ok(()));
                assert_eq!(may(operation, role, Relation::Owner), Ok(()));
            }
        }
    }

    #[test]
    fn groups_are_made_by_hosts_and_admins() {
        let denied = may(Operation::CreateGroup, Role::Guest, Relation::None).unwrap_err();
        assert_eq!(denied.to_string(), "the role guest may not do this; it takes host or admin");
        assert_eq!(may(Operation::CreateGroup, Role::Host, Relation::None), Ok(()));
        assert_eq!(may(Operation::CreateGroup, Role::Admin, Relation::None), Ok(()));
    }

    #[test]
    fn guests_turn_to_hosts_and_admins_where_the_policy_lets_them() {
        let open = Policy::default();
        let closed = Policy { guest_can_start_direct: false, ..open };
        for other in [Role::Host, Role::Admin] {
            assert_eq!(may_start_direct(Role::Guest, other, open), Ok(()));
            assert_eq!(may_start_direct(Role::Guest, other, closed), Err(Denied::GuestMayNotStartDirect));
        }
        assert_eq!(may_start_direct(Role::Guest, Role::Guest, open), Err(Denied::GuestMayNotStartDirect));
        for role in [Role::Host, Role::Admin] {
            for other in Role::ALL {
                assert_eq!(may_start_direct(role, other, closed), Ok(()));
            }
        }
    }

    #[test]
    fn owners_organise_within_their_role_and_admins_with_a_reason() {
        let judge = |role, relation| judge(Operation::ChangeConversation, role, relation, Policy::default());
        assert_eq!(judge(Role::Host, Relation::Owner), Ok(Terms::Free));
        assert_eq!(judge(Role::Host, Relation::Member), Err(Denied::NotTheOwner));
        assert!(matches!(judge(Role::Guest, Relation::Owner), Err(Denied::RoleTooLow { .. })));
        for relation in [Relation::Former, Relation::None] {
            assert_eq!(judge(Role::Host, relation), Err(Denied::NotAParticipant));
            assert_eq!(judge(Role::Admin, relation), Ok(Terms::WithReason));
        }
        assert_eq!(judge(Role::Admin, Relation::Blocked), Err(Denied::Blocked));
        assert_eq!(judge(Role::Admin, Relation::Owner), Ok(Terms::Free));
        assert_eq!(may(Operation::DeleteConversation, Role::Admin, Relation::Owner), Err(Denied::ReasonNeeded));
    }

    #[test]
    fn where_one_has_blocked_the_other_both_read_and_neither_says_anything() {
        for role in Role::ALL {
            for operation in [Operation::SendMessage, Operation::EditMessage, Operation::ReactToMessage] {
                assert_eq!(may(operation, role, Relation::Blocked), Err(Denied::Blocked));
            }
            for operation in [Operation::ReadConversation, Operation::MarkRead, Operation::DeleteOwnMessage] {
                assert_eq!(may(operation, role, Relation::Blocked), Ok(()));
            }
        }
        let anyones = |role| judge(Operation::DeleteAnyMessage, role, Relation::Blocked, Policy::default());
        assert_eq!(anyones(Role::Host), Err(Denied::Blocked));
        assert_eq!(anyones(Role::Admin), Ok(Terms::WithReason));
    }

    #[test]
    fn whoever_has_left_reads_where_the_policy_lets_them() {
        let open = Policy { history_after_leave: true, ..Policy::default() };
        for role in Role::ALL {
            let read = |policy| judge(Operation::ReadHistory, role, Relation::Former, policy);
            assert_eq!(read(Policy::default()), Err(Denied::NotAParticipant));
            assert_eq!(read(open), Ok(Terms::Free));
            for operation in [Operation::ReadConversation, Operation::SendMessage] {
                assert_eq!(judge(operation, role, Relation::Former, open), Err(Denied::NotAParticipant));
            }
        }
    }

    #[test]
    fn names_are_told_apart() {
        let mut names: Vec<_> = Operation::ALL.iter().map(|operation| operation.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Operation::ALL.len());
    }
}
