//! What somebody may do.

use proptest::prelude::{Just, Strategy, prop_oneof};

use super::PEOPLE;

/// Something that somebody does. Messages are numbers that are reduced to what there is.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Send,
    Answer(usize),
    Edit(usize),
    Delete(usize),
    Hide(usize),
    React(usize, usize),
    TakeBack(usize, usize),
    Add(usize),
    Remove(usize),
    Leave,
    HandOn(usize),
    Rename,
    Close(bool),
    Announcement(bool),
    FromStart(bool),
    Read(usize),
    Delivered(usize),
    Unread(usize),
    ReadAll,
    /// Reads everything, to catch up from there at the end.
    Snapshot,
}

impl Step {
    /// Whether this person stays in the group, whoever does it.
    pub(super) fn spares(&self, person: usize) -> bool {
        !matches!(self, Self::Leave) && !matches!(self, Self::Remove(whom) if *whom == person)
    }
}

pub(super) fn steps() -> impl Strategy<Value = Step> + Clone {
    let number = || 0..64_usize;
    let person = || 0..PEOPLE;
    let emoji = || 0..3_usize;
    prop_oneof![
        10 => Just(Step::Send),
        3 => number().prop_map(Step::Answer),
        4 => number().prop_map(Step::Edit),
        3 => number().prop_map(Step::Delete),
        2 => number().prop_map(Step::Hide),
        4 => (number(), emoji()).prop_map(|(message, emoji)| Step::React(message, emoji)),
        2 => (number(), emoji()).prop_map(|(message, emoji)| Step::TakeBack(message, emoji)),
        4 => person().prop_map(Step::Add),
        2 => person().prop_map(Step::Remove),
        1 => Just(Step::Leave),
        2 => person().prop_map(Step::HandOn),
        1 => Just(Step::Rename),
        1 => proptest::bool::weighted(0.3).prop_map(Step::Close),
        1 => proptest::bool::weighted(0.3).prop_map(Step::Announcement),
        1 => proptest::bool::ANY.prop_map(Step::FromStart),
        2 => number().prop_map(Step::Read),
        1 => number().prop_map(Step::Delivered),
        2 => number().prop_map(Step::Unread),
        1 => Just(Step::ReadAll),
        3 => Just(Step::Snapshot),
    ]
}
