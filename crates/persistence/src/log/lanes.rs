//! What waits to be written: a lane for each conversation, from which batches are filled in turn.

use std::collections::{HashMap, VecDeque};

use confab_domain::ConversationId;

/// The most that may wait, and the most that makes a batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Items that wait.
    pub(super) items: usize,
    /// Items of one conversation that wait.
    pub(super) items_of_one: usize,
    /// Bytes that wait.
    pub(super) bytes: usize,
    /// Items of a batch.
    pub(super) batch_items: usize,
    /// Items of one conversation in a batch, where others are written to as well: what waits for these would wait for it twice.
    pub(super) batch_items_of_one: usize,
    /// Bytes of a batch, beyond which it takes no further item.
    pub(super) batch_bytes: usize,
}

impl Limits {
    /// What the whole log holds. At a few thousand messages a second the last in the queue waits a second or two.
    pub(super) const LOG: Self = Self {
        items: 4096,
        items_of_one: 1024,
        bytes: 32 << 20,
        batch_items: 256,
        batch_items_of_one: 4,
        batch_bytes: 1 << 20,
    };

    /// The share of each of so many writers. What a conversation may have stays: it has one writer.
    pub(super) const fn divided_by(self, writers: usize) -> Self {
        Self { items: self.items / writers, bytes: self.bytes / writers, ..self }
    }
}

/// After so many batches of one conversation alone, it has the next ones for itself.
const ALONE: u32 = 64;

/// Items of some size, each in the lane of its conversation.
pub(super) struct Lanes<T> {
    limits: Limits,
    lanes: HashMap<ConversationId, VecDeque<(usize, T)>>,
    /// The conversations that have a lane, in the order of their turns.
    turns: VecDeque<ConversationId>,
    /// How many batches of one conversation alone are to come before it has them for itself.
    shared: u32,
    items: usize,
    bytes: usize,
}

impl<T> Lanes<T> {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, lanes: HashMap::new(), turns: VecDeque::new(), shared: 0, items: 0, bytes: 0 }
    }

    /// How many items there are.
    pub(super) const fn len(&self) -> usize {
        self.items
    }

    /// Puts an item at the end of its lane; gives it back where there is no room.
    pub(super) fn push(&mut self, id: ConversationId, bytes: usize, item: T) -> Result<(), T> {
        let in_lane = self.lanes.get(&id).map_or(0, VecDeque::len);
        let full = self.items >= self.limits.items || self.bytes.saturating_add(bytes) > self.limits.bytes;
        if full || in_lane >= self.limits.items_of_one {
            return Err(item);
        }
        self.lanes.entry(id).or_default().push_back((bytes, item));
        if in_lane == 0 {
            self.turns.push_back(id);
        }
        self.items += 1;
        self.bytes += bytes;
        Ok(())
    }

    /// Puts an item back to where it was taken from, whether or not there is room: before all others of its conversation. That
    /// has its turn again when all others had one.
    pub(super) fn put_back(&mut self, id: ConversationId, bytes: usize, item: T) {
        let lane = self.lanes.entry(id).or_default();
        if lane.is_empty() {
            self.turns.push_back(id);
        }
        lane.push_front((bytes, item));
        self.items += 1;
        self.bytes += bytes;
    }

    /// The next batch: one item of each conversation in turn, until it is full or nothing waits, or none has its share. Those
    /// that are not `wanted` are dropped. The items of one conversation stay in their order.
    pub(super) fn take(&mut self, wanted: impl FnMut(&T) -> bool) -> Vec<T> {
        self.take_among(|_| true, wanted)
    }

    /// The same, of those conversations that are `admitted`.
    pub(super) fn take_among(
        &mut self,
        admitted: impl Fn(ConversationId) -> bool,
        mut wanted: impl FnMut(&T) -> bool,
    ) -> Vec<T> {
        if self.lanes.len() > 1 {
            self.shared = ALONE;
        }
        let share = if self.shared > 0 { self.limits.batch_items_of_one } else { self.limits.batch_items };
        let (mut batch, mut bytes) = (Vec::new(), 0);
        let (mut taken, mut sated): (HashMap<ConversationId, usize>, Vec<ConversationId>) = Default::default();
        while batch.len() < self.limits.batch_items && bytes < self.limits.batch_bytes {
            let Some(id) = self.turns.pop_front() else { break };
            let of_one = taken.entry(id).or_default();
            if *of_one == share || !admitted(id) {
                sated.push(id);
                continue;
            }
            let Some((size, item)) = self.next_of(id) else { continue };
            if wanted(&item) {
                *of_one += 1;
                bytes += size;
                batch.push(item);
            }
        }
        self.turns.extend(sated);
        self.shared = self.shared.saturating_sub(1);
        batch
    }

    fn next_of(&mut self, id: ConversationId) -> Option<(usize, T)> {
        let lane = self.lanes.get_mut(&id)?;
        let next = lane.pop_front()?;
        if lane.is_empty() {
            self.lanes.remove(&id);
        } else {
            self.turns.push_back(id);
        }
        self.items -= 1;
        self.bytes -= next.0;
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::prelude::Uuid;

    const LIMITS: Limits =
        Limits { items: 10, items_of_one: 6, bytes: 1000, batch_items: 4, batch_items_of_one: 3, batch_bytes: 100 };

    fn id(n: u128) -> ConversationId {
        ConversationId::from(Uuid::from_u128(n))
    }

    fn filled(items: &[(u128, &'static str)]) -> Lanes<&'static str> {
        let mut lanes = Lanes::new(LIMITS);
        for (conversation, item) in items {
            lanes.push(id(*conversation), 1, *item).unwrap();
        }
        lanes
    }

    #[test]
    fn a_flooded_conversation_gives_way_to_the_others() {
        let mut lanes = filled(&[(1, "a1"), (1, "a2"), (1, "a3"), (1, "a4"), (1, "a5"), (2, "b1"), (3, "c1")]);
        assert_eq!(lanes.take(|_| true), ["a1", "b1", "c1", "a2"]);
        lanes.push(id(2), 1, "b2").unwrap();
        assert_eq!(lanes.take(|_| true), ["a3", "b2", "a4", "a5"]);
        assert!(lanes.take(|_| true).is_empty());
        assert_eq!((lanes.items, lanes.bytes, lanes.turns.len(), lanes.lanes.len()), (0, 0, 0, 0));
    }

    #[test]
    fn where_others_are_written_to_a_batch_takes_no_more_of_one_conversation_than_its_share() {
        let mut lanes = filled(&[(1, "a1"), (1, "a2"), (1, "a3"), (1, "a4"), (1, "a5")]);
        assert_eq!(lanes.take(|_| true), ["a1", "a2", "a3", "a4"], "it is alone");
        lanes.push(id(2), 1, "b1").unwrap();
        assert_eq!(lanes.take(|_| true), ["a5", "b1"]);
        for _ in 0..(ALONE - 1).div_ceil(2) {
            for item in ["c1", "c2", "c3", "c4"] {
                lanes.push(id(3), 1, item).unwrap();
            }
            assert_eq!(lanes.take(|_| true), ["c1", "c2", "c3"]);
            assert_eq!(lanes.take(|_| true), ["c4"]);
        }
        for item in ["d1", "d2", "d3", "d4"] {
            lanes.push(id(4), 1, item).unwrap();
        }
        assert_eq!(lanes.take(|_| true), ["d1", "d2", "d3", "d4"], "alone again");
        assert_eq!((lanes.items, lanes.bytes, lanes.turns.len(), lanes.lanes.len()), (0, 0, 0, 0));
    }

    #[test]
    fn a_batch_of_some_conversations_leaves_the_others_their_places() {
        let mut lanes = filled(&[(1, "a1"), (2, "b1"), (1, "a2"), (3, "c1"), (2, "b2")]);
        assert_eq!(lanes.take_among(|of| of != id(2), |_| true), ["a1", "c1", "a2"]);
        assert!(lanes.take_among(|of| of == id(1), |_| true).is_empty());
        assert_eq!(lanes.take(|_| true), ["b1", "b2"]);
        assert_eq!((lanes.items, lanes.bytes, lanes.turns.len(), lanes.lanes.len()), (0, 0, 0, 0));
    }

    #[test]
    fn one_conversation_cannot_take_all_the_room() {
        let mut lanes = filled(&[(1, "a"); 6]);
        assert_eq!(lanes.push(id(1), 1, "too much of one"), Err("too much of one"));
        for _ in 0..4 {
            lanes.push(id(2), 1, "b").unwrap();
        }
        assert_eq!(lanes.push(id(3), 1, "too much of all"), Err("too much of all"));
        lanes.take(|_| true);
        lanes.push(id(3), 1, "c").unwrap();
    }

    #[test]
    fn bytes_are_bounded_and_an_item_beyond_a_batch_s_bytes_still_goes() {
        let mut lanes = Lanes::new(LIMITS);
        lanes.push(id(1), 600, "large").unwrap();
        assert_eq!(lanes.push(id(2), 600, "too large"), Err("too large"));
        lanes.push(id(2), 400, "fits").unwrap();
        assert_eq!(lanes.take(|_| true), ["large"]);
        assert_eq!(lanes.take(|_| true), ["fits"]);
    }

    #[test]
    fn what_is_put_back_comes_before_what_came_later_and_after_those_whose_turn_it_is() {
        let mut lanes = filled(&[(1, "a1"), (1, "a2"), (2, "b1"), (2, "b2")]);
        assert_eq!(lanes.take(|_| true), ["a1", "b1", "a2", "b2"]);
        lanes.push(id(1), 1, "a3").unwrap();
        lanes.push(id(3), 1, "c1").unwrap();
        for item in ["b2", "b1"] {
            lanes.put_back(id(2), 1, item);
        }
        lanes.put_back(id(1), 1, "a2");
        assert_eq!((lanes.items, lanes.bytes), (5, 5));
        assert_eq!(lanes.take(|_| true), ["a2", "c1", "b1", "a3"]);
        assert_eq!(lanes.take(|_| true), ["b2"]);
        assert_eq!((lanes.items, lanes.bytes, lanes.turns.len(), lanes.lanes.len()), (0, 0, 0, 0));
    }

    #[test]
    fn what_nobody_waits_for_is_dropped_and_takes_no_room_in_a_batch() {
        let mut lanes = filled(&[(1, "gone"), (1, "a"), (2, "gone"), (2, "b"), (1, "c"), (1, "d")]);
        assert_eq!(lanes.take(|item| *item != "gone"), ["a", "b", "c", "d"]);
    }
}
