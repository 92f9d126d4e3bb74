//! Who is there, and who talks with whom: everything by number, so that databases, clients and pgbench's scripts agree.

use confab_domain::{ConversationId, UserId};
use uuid::Uuid;

/// How many users there are. All can log in, with one password.
pub const USERS: u32 = 256;
/// How many groups of 8 to 20 there are; each user is in 21 of them at least.
pub const GROUPS: u32 = 400;
/// One more group, for the many who all write to one conversation. It begins empty.
pub const HALL: u32 = GROUPS;
/// The members of the hall: the first users.
pub const HALL_MEMBERS: u32 = 64;
/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery";
/// When everything begins, in microseconds after 1970: some time in the past.
pub const BEGINNING: i64 = 1_767_225_600_000_000;

const ID_PREFIX: u128 = 0x0198_0000_0000_7000_8000 << 48;
/// The beginning of the last part of a user's id; the number follows in decimal.
pub const USER_DIGITS: u64 = 200_000_000_000;
/// The beginning of the last part of a conversation's id.
pub const CONVERSATION_DIGITS: u64 = 100_000_000_000;

/// A user's id.
pub fn user_id(user: u32) -> UserId {
    UserId::from(id(USER_DIGITS + u64::from(user)))
}

/// A conversation's id.
pub fn conversation_id(conversation: u32) -> ConversationId {
    ConversationId::from(id(CONVERSATION_DIGITS + u64::from(conversation)))
}

/// An id whose last twelve digits, which are hexadecimal, read as this decimal number.
fn id(digits: u64) -> Uuid {
    let mut last = 0u64;
    for (place, digit) in digits.to_string().bytes().rev().enumerate() {
        last |= u64::from(digit - b'0') << (4 * place);
    }
    Uuid::from_u128(ID_PREFIX | u128::from(last))
}

/// A user's address.
pub fn email(user: u32) -> String {
    format!("user{user}@example.org")
}

/// The members of a conversation, the owner first.
pub fn members(conversation: u32) -> Vec<u32> {
    if conversation == HALL {
        return (0..HALL_MEMBERS).collect();
    }
    let (turn, rest) = (conversation / 13, conversation % 13);
    // The sum of the sizes before it. Who comes next is 97 places further round the table, which has no common divisor
    // with it: so nobody is in a group twice, and all are in nearly as many.
    let start = 182 * turn + 8 * rest + rest * rest.saturating_sub(1) / 2;
    (start..start + 8 + rest).map(|place| place * 97 % USERS).collect()
}

/// The groups that each user is in, in ascending order; the hall is not among them.
pub fn groups_by_user() -> Vec<Vec<u32>> {
    let mut groups = vec![Vec::new(); USERS as usize];
    for group in 0..GROUPS {
        for member in members(group) {
            groups[member as usize].push(group);
        }
    }
    groups
}

/// How many messages there are to begin with, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(u32);

impl Size {
    /// The messages of a group that is not busy.
    const QUIET: u32 = 5;

    /// So many messages: a multiple of 10,000, and that at least.
    pub const fn new(messages: u32) -> Self {
        Self(messages)
    }

    /// How many.
    pub const fn messages(self) -> u32 {
        self.0
    }

    /// Every so many groups there is a busy one: all are, unless there are too few messages for more than two pages each.
    pub const fn stride(self) -> u32 {
        if self.0 < 100 * GROUPS { 5 } else { 1 }
    }

    /// The messages of a group.
    pub const fn messages_in(self, group: u32) -> u32 {
        let stride = self.stride();
        let busy = GROUPS / stride;
        let quiet = Self::QUIET * (GROUPS - busy);
        match group {
            HALL => 0,
            group if group.is_multiple_of(stride) => (self.0 - quiet) / busy,
            _ => Self::QUIET,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_read_as_numbers() {
        assert_eq!(user_id(255).to_string(), "01980000-0000-7000-8000-200000000255");
        assert_eq!(conversation_id(7).to_string(), "01980000-0000-7000-8000-100000000007");
    }

    #[test]
    fn groups_have_8_to_20_members_and_every_user_is_in_at_least_20() {
        for group in 0..GROUPS {
            let members = members(group);
            assert!((8..=20).contains(&members.len()), "{group}");
            assert_eq!(members.iter().collect::<BTreeSet<_>>().len(), members.len(), "{group}: {members:?}");
        }
        assert!(groups_by_user().iter().all(|groups| groups.len() >= 20));
    }

    #[test]
    fn all_messages_are_somewhere_and_every_user_has_a_busy_group() {
        for messages in [10_000, 100_000, 1_000_000] {
            let size = Size::new(messages);
            assert_eq!((0..=HALL).map(|group| size.messages_in(group)).sum::<u32>(), messages);
            for groups in groups_by_user() {
                assert!(groups.iter().any(|group| size.messages_in(*group) >= 100), "{messages}: {groups:?}");
            }
        }
    }
}
