//! The one table of who may do what.

use super::Relation;
use crate::Role;

/// Who, of those in one relation to a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Who {
    /// These roles may.
    pub(super) roles: &'static [Role],
    /// Admins may, with a reason that is kept.
    pub(super) admins_with_reason: bool,
}

/// A row: who may, by what they are to the conversation in question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    /// Whether there is a conversation in question. Where there is none, everyone is an outsider.
    pub(super) in_conversation: bool,
    pub(super) owner: Who,
    pub(super) member: Who,
    pub(super) outsider: Who,
    /// Those of a direct conversation in which one has blocked the other.
    pub(super) blocked: Who,
    /// Whether a former member may as a member, where the setting `history_after_leave` is on.
    pub(super) after_leave: bool,
}

impl Row {
    /// Who, of those in this relation.
    pub(super) const fn who(&self, relation: Relation) -> Who {
        match relation {
            Relation::Owner => self.owner,
            Relation::Member => self.member,
            Relation::Former | Relation::None => self.outsider,
            Relation::Blocked => self.blocked,
        }
    }
}

const EVERYONE: &[Role] = &Role::ALL;
const HOSTS: &[Role] = &[Role::Host, Role::Admin];
const NOBODY: Who = only(&[]);
const A_REASON: Who = Who { roles: &[], admins_with_reason: true };

const fn only(roles: &'static [Role]) -> Who {
    Who { roles, admins_with_reason: false }
}

/// No conversation is in question.
const fn own(roles: &'static [Role]) -> Row {
    let who = only(roles);
    Row { in_conversation: false, owner: who, member: who, outsider: who, blocked: who, after_leave: false }
}

/// Whoever takes part, unless one of the two has blocked the other.
const fn members() -> Row {
    let who = only(EVERYONE);
    Row { in_conversation: true, owner: who, member: who, outsider: NOBODY, blocked: NOBODY, after_leave: false }
}

/// Whoever takes part.
const fn all_members() -> Row {
    Row { blocked: only(EVERYONE), ..members() }
}

/// Whoever takes part, and perhaps whoever did.
const fn readers() -> Row {
    Row { after_leave: true, ..all_members() }
}

/// The owner, within the role's ceiling, and admins with a reason, whether they take part or not.
const fn owner_or_reason(owner: &'static [Role]) -> Row {
    Row { owner: only(owner), ..reason() }
}

/// The same, of what is done with groups alone.
const fn group_owner_or_reason(owner: &'static [Role]) -> Row {
    Row { blocked: NOBODY, ..owner_or_reason(owner) }
}

/// Admins, with a reason, and nobody else.
const fn reason() -> Row {
    let who = A_REASON;
    Row { in_conversation: true, owner: who, member: who, outsider: who, blocked: who, after_leave: false }
}

macro_rules! operations {
    ($($operation:ident, $name:literal, $row:expr, $description:literal;)+) => {
        /// Something that a logged-in user can ask for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Operation {
            $(#[doc = $description] $operation,)+
        }

        impl Operation {
            /// Every operation, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$operation),+];

            /// The operation's name.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$operation => $name,)+
                }
            }

            /// What it is, as a sentence.
            pub const fn description(self) -> &'static str {
                match self {
                    $(Self::$operation => $description,)+
                }
            }

            pub(super) const fn row(self) -> Row {
                match self {
                    $(Self::$operation => $row,)+
                }
            }
        }
    };
}

// An operation is its row: one without does not compile.
operations! {
    ReadOwnProfile, "read_own_profile", own(EVERYONE), "Read one's own account.";
    ChangeOwnProfile, "change_own_profile", own(EVERYONE), "Change one's own name and telephone number.";
    ListUsers, "list_users", own(&[Role::Admin]), "List the accounts of this server.";
    ChangeStanding, "change_standing", own(&[Role::Admin]),
        "Give somebody else's account another role, suspend and restore it.";
    EndSessions, "end_sessions", own(&[Role::Admin]), "End all sessions of somebody else's account.";
    ReadReports, "read_reports", own(&[Role::Admin]), "Read the reports of messages.";
    ChangeReports, "change_reports", own(&[Role::Admin]), "Deal with the reports of messages.";
    ReadUserCard, "read_user_card", own(EVERYONE),
        "Read the card of a user: oneself, whoever one shares a conversation with, where one has blocked the other a group; \
         for admins, anyone.";
    FindUsers, "find_users", own(HOSTS), "Find users by an exact e-mail address or telephone number, where they allow it.";
    ReadOwnBlocks, "read_own_blocks", own(EVERYONE), "List whom one has blocked.";
    BlockUsers, "block_users", own(EVERYONE),
        "Block a user with whom one shares a conversation, for admins anyone, and lift it.";
    ReadOwnSessions, "read_own_sessions", own(EVERYONE), "List one's own sessions.";
    EndOwnSessions, "end_own_sessions", own(EVERYONE), "End one's own sessions, and log out.";
    ChangeOwnPassword, "change_own_password", own(EVERYONE), "Change one's own password.";
    ExportOwnData, "export_own_data", own(EVERYONE), "Take a copy of all that is kept of oneself.";
    DeleteOwnAccount, "delete_own_account", own(EVERYONE), "Delete one's own account. Not the last admin.";
    ReadOwnAudit, "read_own_audit", own(EVERYONE), "Read what happened to one's own account.";
    ListConversations, "list_conversations", own(EVERYONE), "List the conversations that one is in.";
    ReadLimits, "read_limits", own(EVERYONE), "Read the limits of this server.";
    ReadPermissions, "read_permissions", own(EVERYONE), "Read this table.";
    StartDirect, "start_direct", own(EVERYONE),
        "Start a conversation with one other user. A guest only with a host or an admin, where the setting \
         `guest_can_start_direct` is on. With nobody where one of the two has blocked the other.";
    CreateGroup, "create_group", own(HOSTS), "Make a group.";
    ReadConversation, "read_conversation", all_members(),
        "Read a conversation, its participants, its events and the reactions to its messages.";
    ReadHistory, "read_history", readers(), "Read what was said in a conversation, and what it said before it was edited.";
    InspectConversation, "inspect_conversation", reason(),
        "Read what is said in a conversation without being in it, for a while, which is told to those who are.";
    SendMessage, "send_message", members(),
        "Send a message. Not in a closed conversation; in an announcement only the owner.";
    MarkRead, "mark_read", all_members(), "Move one's own cursors of what is delivered and read.";
    MarkAllRead, "mark_all_read", own(EVERYONE), "Mark all one's conversations read, and count what is unread in them.";
    SearchMessages, "search_messages", own(EVERYONE), "Search the messages of one's own conversations.";
    ListReaders, "list_readers", all_members(), "See who has read a message.";
    EditMessage, "edit_message", members(), "Edit one's own message, within the window that is a setting.";
    DeleteOwnMessage, "delete_own_message", all_members(),
        "Delete one's own message for all. A guest within the window that is a setting.";
    DeleteAnyMessage, "delete_any_message", owner_or_reason(HOSTS), "Delete anyone's message for all.";
    HideMessage, "hide_message", all_members(), "Delete a message for oneself.";
    ReactToMessage, "react_to_message", members(), "React to a message with an emoji, and take it back.";
    ReportMessage, "report_message", all_members(), "Report somebody else's message to the admins.";
    ChangePreferences, "change_preferences", all_members(), "Mute, archive and pin a conversation for oneself.";
    LeaveConversation, "leave_conversation", members(), "Leave a group.";
    ChangeConversation, "change_conversation", group_owner_or_reason(HOSTS),
        "Rename a group, change its metadata and settings, close and reopen it.";
    AddParticipants, "add_participants", group_owner_or_reason(HOSTS), "Add participants to a group.";
    RemoveParticipant, "remove_participant", group_owner_or_reason(HOSTS), "Remove somebody else from a group.";
    HandOnOwnership, "hand_on_ownership", group_owner_or_reason(EVERYONE), "Make another participant a group's owner.";
    DeleteConversation, "delete_conversation", reason(), "Delete a conversation for everyone.";
}
