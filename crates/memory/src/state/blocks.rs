//! Who has blocked whom.

use std::collections::BTreeSet;

use confab_application::ports::{BlockFacts, BlockKey, Constraint, Page, PageRequest, Position, StoreError};
use confab_application::views::BlockView;
use confab_domain::{Block, UserId};

use super::{State, require_free, require_target};

impl State {
    /// Sorts all that the viewer has made, which are few.
    pub(crate) fn list_blocks(
        &self,
        viewer: UserId,
        page: &PageRequest<BlockKey>,
    ) -> Result<Page<BlockView>, StoreError> {
        let made = self.blocks.get(&viewer).into_iter().flatten();
        let made = made.map(|(id, since)| BlockKey { since: *since, blocked_id: *id });
        let mut keys: Vec<BlockKey> = made
            .filter(|key| match page.position {
                None => true,
                Some(Position::After(place)) => *key < place,
                Some(Position::Before(place)) => *key > place,
            })
            .collect();
        keys.sort_unstable();
        if !page.is_backwards() {
            keys.reverse();
        }
        keys.truncate(page.rows());
        let views = keys.into_iter().map(|key| Ok(BlockView { user: self.card(key.blocked_id)?, since: key.since }));
        Ok(Page::of_rows(views.collect::<Result<_, StoreError>>()?, page))
    }

    pub(crate) fn block_facts(&self, blocker: UserId, blocked: UserId) -> BlockFacts {
        let mut conversations = self.participants.values();
        let made = self.blocks.get(&blocker);
        BlockFacts {
            exists: self.user(blocked).is_some_and(|user| user.deleted_at.is_none()),
            is_known: conversations.any(|people| people.contains_key(&blocker) && people.contains_key(&blocked)),
            is_blocked: made.is_some_and(|made| made.contains_key(&blocked)),
            count: made.map_or(0, |made| made.len() as u64),
        }
    }

    /// Whether one of two has blocked the other.
    pub(super) fn are_apart(&self, one: UserId, other: UserId) -> bool {
        let has_blocked = |one, other| self.blocks.get(&one).is_some_and(|made| made.contains_key(&other));
        has_blocked(one, other) || has_blocked(other, one)
    }

    pub(crate) fn apart(&self, user: UserId, others: &[UserId]) -> Vec<UserId> {
        let distinct: BTreeSet<UserId> = others.iter().copied().collect();
        distinct.into_iter().filter(|other| self.are_apart(user, *other)).collect()
    }

    pub(crate) fn insert_block(&mut self, block: &Block) -> Result<(), StoreError> {
        let (blocker, blocked) = (block.blocker_id, block.blocked_id);
        require_target(self.user(blocker).is_some() && self.user(blocked).is_some())?;
        let made = self.blocks.entry(blocker).or_default();
        require_free(made.contains_key(&blocked), Constraint::Block)?;
        made.insert(blocked, block.since);
        Ok(())
    }

    pub(crate) fn remove_block(&mut self, blocker: UserId, blocked: UserId) -> bool {
        self.blocks.get_mut(&blocker).is_some_and(|made| made.remove(&blocked).is_some())
    }

    pub(crate) fn remove_blocks(&mut self, user: UserId) {
        self.blocks.remove(&user);
        let blockers: Vec<UserId> = self.blocks.keys().copied().collect();
        for blocker in blockers {
            self.remove_block(blocker, user);
        }
    }
}
