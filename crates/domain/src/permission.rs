//! Who may do what: `allowed = ceiling(role) AND relation(caller, conversation)`.
//!
//! The rules are functions over facts that are already loaded, and answer why not.

use crate::{Membership, Role};

/// Something that a logged-in user can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Read one's own account.
    ReadOwnProfile,
    /// Change one's own name and telephone number.
    ChangeOwnProfile,
    /// List the conversations that one is in.
    ListConversations,
    /// Start a conversation with one other user.
    StartDirect,
    /// Make a group.
    CreateGroup,
    /// Read a conversation, its participants and its history.
    ReadConversation,
    /// Send a message.
    SendMessage,
    /// Move one's own read cursor.
    MarkRead,
}

/// What the caller is to the conversation in question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    /// Its owner.
    Owner,
    /// A member of it.
    Member,
    /// Not in it, or there is no conversation in question.
    None,
}

impl Relation {
    /// The relation of someone with this membership, or with none.
    pub const fn of(membership: Option<Membership>) -> Self {
        match membership {
            Some(Membership::Owner) => Self::Owner,
            Some(Membership::Member) => Self::Member,
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
}

impl Default for Policy {
    fn default() -> Self {
        Self { guest_can_start_direct: true }
    }
}

struct Rule {
    roles: &'static [Role],
    in_conversation: bool,
}

/// The table. An operation without a row does not compile.
const fn rule(operation: Operation) -> Rule {
    const EVERYONE: &[Role] = &Role::ALL;
    const HOSTS: &[Role] = &[Role::Host, Role::Admin];
    match operation {
        Operation::ReadOwnProfile
        | Operation::ChangeOwnProfile
        | Operation::ListConversations
        | Operation::StartDirect => Rule { roles: EVERYONE, in_conversation: false },
        Operation::CreateGroup => Rule { roles: HOSTS, in_conversation: false },
        Operation::ReadConversation | Operation::SendMessage | Operation::MarkRead => {
            Rule { roles: EVERYONE, in_conversation: true }
        }
    }
}

/// Judges an operation by the caller's role and relation.
///
/// # Errors
/// [`Denied`]: first for whoever is not in the conversation, so that a stranger learns nothing from the rest.
pub fn may(operation: Operation, role: Role, relation: Relation) -> Result<(), Denied> {
    let rule = rule(operation);
    if rule.in_conversation && relation == Relation::None {
        return Err(Denied::NotAParticipant);
    }
    if !rule.roles.contains(&role) {
        return Err(Denied::RoleTooLow { role, needs: rule.roles });
    }
    Ok(())
}

/// Judges whether someone may start a direct conversation with someone else, by the roles of both.
///
/// # Errors
/// [`Denied`] for a guest who turns to a guest, or to anyone where the policy forbids it.
pub fn may_start_direct(role: Role, other: Role, policy: Policy) -> Result<(), Denied> {
    may(Operation::StartDirect, role, Relation::None)?;
    if role == Role::Guest && (other == Role::Guest || !policy.guest_can_start_direct) {
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
        let closed = Policy { guest_can_start_direct: false };
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
}
