//! Where the state of a bucket is kept, in memory that never grows.

use std::hash::{BuildHasher as _, Hash, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_governor::governor::nanos::Nanos;
use actix_governor::governor::state::StateStore;

/// As many states as a bucket has: a mebibyte of them. Whoever calls has one of them for ever, by the hash of their
/// address or id, which is another in each process. Two who have the same one share a quota; of 10,000 who call at the same
/// time, each has a chance of one in fourteen for that.
pub(super) const SLOTS: usize = 1 << 17;

/// The states of one bucket: for each slot the moment at which it is whole again, in nanoseconds after the bucket was made;
/// 0 for never used.
#[derive(Clone, Debug)]
pub(super) struct Slots(Arc<[AtomicU64]>);

impl Slots {
    /// All whole.
    pub(super) fn new() -> Self {
        Self((0..SLOTS).map(|_| AtomicU64::new(0)).collect())
    }

    /// When this slot is whole again.
    pub(super) fn whole_at(&self, slot: u32) -> u64 {
        self.0[slot as usize].load(Ordering::Relaxed)
    }

    /// Makes it whole earlier by so many nanoseconds.
    pub(super) fn give_back(&self, slot: u32, nanos: u64) {
        let earlier = |whole_at: u64| Some(whole_at.saturating_sub(nanos));
        let _ = self.0[slot as usize].fetch_update(Ordering::Relaxed, Ordering::Relaxed, earlier);
    }
}

impl StateStore for Slots {
    type Key = u32;

    fn measure_and_replace<T, F, E>(&self, slot: &u32, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let state = &self.0[*slot as usize];
        let mut old = state.load(Ordering::Relaxed);
        loop {
            let (outcome, new) = measure((old != 0).then(|| Nanos::new(old)))?;
            match state.compare_exchange_weak(old, new.as_u64(), Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return Ok(outcome),
                Err(found) => old = found,
            }
        }
    }
}

/// Which slot whoever calls has.
#[derive(Debug, Clone, Default)]
pub(super) struct Slotting(RandomState);

impl Slotting {
    #[expect(clippy::cast_possible_truncation, reason = "a slot is less than SLOTS")]
    pub(super) fn slot(&self, key: impl Hash) -> u32 {
        (self.0.hash_one(key) % SLOTS as u64) as u32
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_million_callers_take_no_more_room_than_there_is_and_seldom_meet() {
        let (slotting, slots) = (Slotting::default(), Slots::new());
        let of: Vec<u32> = (0..1_000_000_u32).map(|caller| slotting.slot(caller)).collect();
        for slot in &of {
            let whole = |_| Ok::<_, ()>(((), Nanos::new(7)));
            slots.measure_and_replace(slot, whole).unwrap();
        }
        assert_eq!(slots.0.len(), SLOTS);
        assert!(of.iter().all(|slot| slots.whole_at(*slot) == 7));
        let of_thousand: HashSet<u32> = of[..1000].iter().copied().collect();
        assert!(of_thousand.len() > 950, "{}", of_thousand.len());
        assert_ne!(
            (0..20).map(|n| slotting.slot(n)).collect::<Vec<_>>(),
            (0..20).map(|n| Slotting::default().slot(n)).collect::<Vec<_>>()
        );
    }
}
