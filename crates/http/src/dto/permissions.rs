//! Who may do what.

use confab_domain::{Operation, Policy, Relation, Role, Terms, judge};
use serde::Serialize;
use utoipa::ToSchema;

use super::users::RoleName;
use crate::permissions::why;

/// Who may do what on this server.
#[derive(Serialize, ToSchema)]
#[schema(as = Permissions)]
pub(crate) struct PermissionsResponse {
    /// The settings that change the table.
    policy: PolicyResponse,
    /// The operations, each with a cell for each role and relation.
    items: Vec<OperationResponse>,
}

/// The settings that change the table.
#[derive(Serialize, ToSchema)]
#[schema(as = Policy)]
struct PolicyResponse {
    /// Whether a guest may start a direct conversation with a host or an admin.
    guest_can_start_direct: bool,
    /// Whether whoever has left a conversation may still read what happened while they were in it.
    history_after_leave: bool,
    /// For how long after it was sent a message may be edited by its sender, and deleted by a guest who has sent it, in
    /// seconds.
    #[schema(example = 86400)]
    edit_window_seconds: u32,
}

/// An operation, and who may do it.
#[derive(Serialize, ToSchema)]
#[schema(as = OperationPermissions)]
struct OperationResponse {
    /// The operation's name, as in `allowed_actions`.
    #[schema(example = "send_message")]
    operation: &'static str,
    /// What it is.
    description: &'static str,
    /// Whether it is about a conversation. Otherwise the relation makes no difference.
    in_conversation: bool,
    /// The cells.
    cells: Vec<CellResponse>,
}

/// Whether a role in a relation to the conversation may do something.
#[derive(Serialize, ToSchema)]
#[schema(as = PermissionCell)]
struct CellResponse {
    /// The account's role.
    role: RoleName,
    /// What the caller is to the conversation.
    relation: RelationName,
    /// Whether it is allowed.
    allowed: bool,
    /// Whether it takes a reason, which is kept.
    with_reason: bool,
    /// Why it is not allowed: the `code` of the refusal.
    #[schema(required = true, example = "role_too_low")]
    denied: Option<&'static str>,
}

/// What a caller is to a conversation. `blocked`: one of the two of a direct one, in which one has blocked the other.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Relation)]
pub(crate) enum RelationName {
    Owner,
    Member,
    Former,
    None,
    Blocked,
}

impl From<Relation> for RelationName {
    fn from(relation: Relation) -> Self {
        match relation {
            Relation::Owner => Self::Owner,
            Relation::Member => Self::Member,
            Relation::Former => Self::Former,
            Relation::None => Self::None,
            Relation::Blocked => Self::Blocked,
        }
    }
}

impl From<Policy> for PermissionsResponse {
    fn from(policy: Policy) -> Self {
        let cell = |operation, role: Role, relation: Relation| {
            let verdict = judge(operation, role, relation, policy);
            CellResponse {
                role: role.into(),
                relation: relation.into(),
                allowed: verdict.is_ok(),
                with_reason: verdict == Ok(Terms::WithReason),
                denied: verdict.err().map(why),
            }
        };
        let operation = |operation: &Operation| OperationResponse {
            operation: operation.as_str(),
            description: operation.description(),
            in_conversation: operation.is_in_conversation(),
            cells: Role::ALL
                .into_iter()
                .flat_map(|role| Relation::ALL.map(|relation| cell(*operation, role, relation)))
                .collect(),
        };
        Self {
            policy: PolicyResponse {
                guest_can_start_direct: policy.guest_can_start_direct,
                history_after_leave: policy.history_after_leave,
                edit_window_seconds: policy.edit_window_seconds,
            },
            items: Operation::ALL.iter().map(operation).collect(),
        }
    }
}
