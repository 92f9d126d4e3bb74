//! Which conversations others write to as well, and how one writes to these.

use std::collections::HashMap;
use std::time::Duration;

use confab_domain::ConversationId;
use tokio::time::Instant;

/// For how long a conversation is written to in another [manner](Manner), once somebody else was met there, as another node is that
/// shares it.
const SHARED_FOR: Duration = Duration::from_secs(1);

/// For how long nobody waits for a turn, once it did not come: whoever had it may be gone, and the database not know.
const TURNLESS_FOR: Duration = Duration::from_secs(60);

/// How messages are written to a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Manner {
    /// In one statement, unless somebody holds it.
    Free,
    /// In one statement, which waits for who holds it, once it is this node's turn.
    InTurn,
    /// In a transaction that locks it before it is looked at, so that nobody else can be quicker again.
    Locked,
}

impl Manner {
    /// What is tried where this one has written nothing.
    pub(super) const fn next(self) -> Self {
        match self {
            Self::Free => Self::InTurn,
            Self::InTurn | Self::Locked => Self::Locked,
        }
    }
}

/// The conversations to which others write, how one writes to them, and until when.
#[derive(Default)]
pub(super) struct Shared {
    conversations: HashMap<ConversationId, (Manner, Instant)>,
    turnless_until: Option<Instant>,
}

impl Shared {
    /// How one writes to a conversation.
    pub(super) fn manner(&self, id: ConversationId, now: Instant) -> Manner {
        self.conversations.get(&id).filter(|(_, until)| *until > now).map_or(Manner::Free, |(manner, _)| *manner)
    }

    /// Whether one waits for one's turn with it.
    pub(super) fn is_in_turn(&self, id: ConversationId, now: Instant) -> bool {
        self.manner(id, now) == Manner::InTurn
    }

    /// How one writes to these from now on.
    pub(super) fn learn(&mut self, met: HashMap<ConversationId, Manner>, now: Instant) {
        if !met.is_empty() {
            self.conversations.retain(|_, (_, until)| *until > now);
            self.conversations.extend(met.into_iter().map(|(id, manner)| (id, (manner, now + SHARED_FOR))));
        }
    }

    /// Whether there is a turn to wait for.
    pub(super) fn has_turns(&self, now: Instant) -> bool {
        self.turnless_until.is_none_or(|until| until <= now)
    }

    /// The turn did not come.
    pub(super) fn go_without_turns(&mut self, now: Instant) {
        self.turnless_until = Some(now + TURNLESS_FOR);
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::prelude::Uuid;

    use super::*;

    #[test]
    fn what_is_shared_is_so_for_a_while() {
        let (one, other) = (ConversationId::from(Uuid::from_u128(1)), ConversationId::from(Uuid::from_u128(2)));
        let (mut shared, now) = (Shared::default(), Instant::now());
        assert_eq!(shared.manner(one, now), Manner::Free);
        shared.learn(HashMap::from([(one, Manner::Free.next())]), now);
        assert!(shared.is_in_turn(one, now) && !shared.is_in_turn(other, now));
        assert_eq!(shared.manner(one, now + SHARED_FOR), Manner::Free);
        shared.learn(HashMap::from([(one, Manner::InTurn.next())]), now);
        assert_eq!(shared.manner(one, now), Manner::Locked);
        shared.learn(HashMap::from([(other, Manner::InTurn)]), now + SHARED_FOR);
        assert_eq!(shared.conversations.len(), 1, "what is over is forgotten");
    }

    #[test]
    fn nobody_waits_again_for_a_turn_that_did_not_come() {
        let (mut shared, now) = (Shared::default(), Instant::now());
        assert!(shared.has_turns(now));
        shared.go_without_turns(now);
        assert!(!shared.has_turns(now));
        assert!(shared.has_turns(now + TURNLESS_FOR));
    }
}
