//! The table of who may do what, as the API's document, its clients and people read it.

use std::fmt::Write as _;

use confab_domain::{Denied, Operation, Policy, Relation, Role, Terms, judge};

/// What each operation of the API that takes a token asks for, by its `operation_id`: all of the first column, and one of
/// the second.
pub(crate) const OPERATIONS: &[(&str, &[Operation])] = &[
    ("read_profile", &[Operation::ReadOwnProfile]),
    ("change_profile", &[Operation::ChangeOwnProfile]),
    ("list_users", &[Operation::ListUsers]),
    ("read_user", &[Operation::ReadUserCard]),
    ("find_users", &[Operation::FindUsers]),
    ("change_standing", &[Operation::ChangeStanding]),
    ("end_user_sessions", &[Operation::EndSessions]),
    ("list_blocks", &[Operation::ReadOwnBlocks]),
    ("block_user", &[Operation::BlockUsers]),
    ("unblock_user", &[Operation::BlockUsers]),
    ("list_sessions", &[Operation::ReadOwnSessions]),
    ("end_session", &[Operation::EndOwnSessions]),
    ("end_other_sessions", &[Operation::EndOwnSessions]),
    ("log_out", &[Operation::EndOwnSessions]),
    ("change_password", &[Operation::ChangeOwnPassword]),
    ("list_own_audit", &[Operation::ReadOwnAudit]),
    ("export_data", &[Operation::ExportOwnData]),
    ("delete_account", &[Operation::DeleteOwnAccount]),
    ("list_limits", &[Operation::ReadLimits]),
    ("read_permissions", &[Operation::ReadPermissions]),
    ("create_conversation", &[Operation::StartDirect, Operation::CreateGroup]),
    ("list_conversations", &[Operation::ListConversations]),
    ("get_conversation", &[Operation::ReadConversation]),
    ("change_conversation", &[Operation::ChangeConversation]),
    ("replace_conversation", &[Operation::ChangeConversation]),
    ("delete_conversation", &[Operation::DeleteConversation]),
    ("inspect_conversation", &[Operation::InspectConversation]),
    ("set_conversation_preferences", &[Operation::ChangePreferences]),
    ("list_participants", &[Operation::ReadConversation]),
    ("add_participants", &[Operation::AddParticipants]),
    ("remove_participant", &[Operation::LeaveConversation, Operation::RemoveParticipant]),
    ("hand_on_conversation", &[Operation::HandOnOwnership]),
    ("list_events", &[Operation::ReadConversation]),
    ("list_messages", &[Operation::ReadHistory]),
    ("get_message", &[Operation::ReadHistory]),
    ("list_message_revisions", &[Operation::ReadHistory]),
    ("list_reactions", &[Operation::ReadConversation]),
    ("send_message", &[Operation::SendMessage]),
    ("replace_message", &[Operation::EditMessage]),
    ("change_message", &[Operation::EditMessage]),
    ("delete_message", &[Operation::DeleteOwnMessage, Operation::DeleteAnyMessage, Operation::HideMessage]),
    ("report_message", &[Operation::ReportMessage]),
    ("list_reports", &[Operation::ReadReports]),
    ("read_report", &[Operation::ReadReports]),
    ("change_report", &[Operation::ChangeReports]),
    ("add_reaction", &[Operation::ReactToMessage]),
    ("remove_reaction", &[Operation::ReactToMessage]),
    ("mark_conversation_read", &[Operation::MarkRead]),
    ("mark_conversation_delivered", &[Operation::MarkRead]),
    ("mark_conversation_unread", &[Operation::MarkRead]),
    ("mark_all_conversations_read", &[Operation::MarkAllRead]),
    ("count_unread", &[Operation::MarkAllRead]),
    ("search_messages", &[Operation::SearchMessages]),
    ("list_message_readers", &[Operation::ListReaders]),
];

/// What an operation of the API asks for; nothing where it has no place in the table.
pub(crate) fn operations(operation_id: &str) -> &'static [Operation] {
    OPERATIONS.iter().find(|(id, _)| *id == operation_id).map_or(&[], |(_, operations)| operations)
}

/// The roles that may use it, in some relation.
pub(crate) fn roles(operation_id: &str) -> Vec<&'static str> {
    let may = |role: &Role| operations(operation_id).iter().any(|operation| operation.roles().contains(role));
    Role::ALL.into_iter().filter(may).map(Role::as_str).collect()
}

/// The stable name of why something is denied.
pub(crate) const fn why(denied: Denied) -> &'static str {
    match denied {
        Denied::RoleTooLow { .. } => "role_too_low",
        Denied::GuestMayNotStartDirect => "guest_may_not_start_direct",
        Denied::NotTheOwner => "not_the_owner",
        Denied::NotOneself => "not_oneself",
        Denied::Blocked => "blocked",
        Denied::ReasonNeeded => "reason_needed",
        Denied::NotAParticipant => "conversation_not_found",
    }
}

/// The table as Markdown, with the settings as they are where nobody has changed them.
pub fn permissions_markdown() -> String {
    let mut text = String::from(INTRODUCTION);
    for operation in Operation::ALL {
        let ids: Vec<String> = OPERATIONS
            .iter()
            .filter(|(_, operations)| operations.contains(operation))
            .map(|(id, _)| format!("`{id}`"))
            .collect();
        let cells = Role::ALL.map(|role| cell(*operation, role));
        let _ = writeln!(
            text,
            "| `{}`: {} | {} | {} |",
            operation.as_str(),
            operation.description(),
            ids.join(", "),
            cells.join(" | ")
        );
    }
    text
}

const INTRODUCTION: &str = "\
# Who may do what

Generated from `crates/domain/src/permission/table.rs` by `cargo xtask openapi`; `GET /api/v1/permissions` tells the same of
a running server, and `x-roles` in the OpenAPI document names the roles of each operation.

An account's role is a ceiling, and a place in the conversation gives the right. *Owner* and *member* take part; *blocked*
takes part in a direct conversation in which one of the two has blocked the other, whichever; *anyone* includes those who do not take
part. Whoever does not take part and may not do something gets the same 404 as for a conversation that
does not exist. Without a token only registration, log-in, refreshing a token and the health checks
are to be had.

*After leaving* is a setting, `policy.history_after_leave`, which is off: with it, whoever has left a group, or was removed,
reads what was said while they could see it, as it was then. Guests start direct conversations where
`policy.guest_can_start_direct` is on, as it is by itself.

| operation | in the API | guest | host | admin |
|---|---|---|---|---|
";

fn cell(operation: Operation, role: Role) -> String {
    let in_relation = |relation| judge(operation, role, relation, Policy::default());
    if !operation.is_in_conversation() {
        return if in_relation(Relation::None).is_ok() { "yes".to_owned() } else { "no".to_owned() };
    }
    let with = |terms| Relation::ALL.into_iter().filter(move |relation| in_relation(*relation) == Ok(terms));
    let mut parts: Vec<String> = Vec::new();
    let free: Vec<&str> = with(Terms::Free).map(Relation::as_str).collect();
    if !free.is_empty() {
        parts.push(free.join(", "));
    }
    let after_leaving = Policy { history_after_leave: true, ..Policy::default() };
    if in_relation(Relation::Former) != judge(operation, role, Relation::Former, after_leaving) {
        parts.push("after leaving".to_owned());
    }
    let with_reason: Vec<Relation> = with(Terms::WithReason).collect();
    if with_reason.contains(&Relation::Blocked) {
        parts.push("anyone with a reason".to_owned());
    } else if !with_reason.is_empty() {
        parts.push("anyone but blocked with a reason".to_owned());
    }
    if parts.is_empty() { "no".to_owned() } else { parts.join("; ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openapi::Document;

    #[test]
    fn every_operation_that_takes_a_token_has_its_place_in_the_table() {
        let mut document = Document::new();
        let mut found = Vec::new();
        for item in document.0.paths.paths.values_mut() {
            for operation in crate::openapi::operations(item) {
                let id = operation.operation_id.clone().unwrap_or_default();
                let takes_a_token = operation.security.as_ref().is_some_and(|security| !security.is_empty());
                assert_eq!(takes_a_token, !operations(&id).is_empty(), "{id}: add it to OPERATIONS");
                found.push(id);
            }
        }
        for (id, _) in OPERATIONS {
            assert!(found.iter().any(|found| found == id), "there is no operation {id}");
        }
    }
}
