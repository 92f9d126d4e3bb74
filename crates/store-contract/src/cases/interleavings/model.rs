//! A group as somebody would explain it on paper.

use std::collections::{BTreeMap, BTreeSet};

use confab_domain::MessageId;

use super::PEOPLE;
use super::step::Step;

/// What should be.
#[derive(Debug)]
pub(super) struct Model {
    /// The messages; the first has seq 1.
    pub(super) messages: Vec<Said>,
    /// Who takes part.
    pub(super) places: [Option<Place>; PEOPLE],
    pub(super) title: Option<usize>,
    pub(super) closed: bool,
    pub(super) announcement: bool,
    pub(super) from_start: bool,
    /// How many messages there are, and changes of another kind.
    pub(super) version: u64,
}

/// A message.
#[derive(Debug)]
pub(super) struct Said {
    /// None for a system message, whose id nobody is told when it comes about.
    pub(super) id: Option<MessageId>,
    pub(super) sender: usize,
    pub(super) what: What,
    pub(super) answers: Option<usize>,
    /// What it said before, the oldest first.
    pub(super) before: Vec<String>,
    /// Who has reacted how.
    pub(super) reactions: BTreeMap<usize, BTreeSet<usize>>,
    hidden_by: BTreeSet<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    Text(String),
    System,
    Deleted,
}

/// Somebody's place.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) owns: bool,
    /// After which message they joined, and at which step.
    joined: usize,
    since: usize,
    pub(super) read: usize,
    pub(super) delivered: usize,
}

impl Default for Model {
    fn default() -> Self {
        let place = |who| Place { owns: who == 0, joined: 0, since: 0, read: 0, delivered: 0 };
        let places = std::array::from_fn(|who| (who + 1 < PEOPLE).then(|| place(who)));
        Self {
            messages: Vec::new(),
            places,
            title: None,
            closed: false,
            announcement: false,
            from_start: false,
            version: 0,
        }
    }
}

/// What a message says that is sent or edited at this step.
pub(super) fn text(step: usize) -> String {
    format!("what was said at step {step}")
}

impl Model {
    /// The message that a number stands for.
    pub(super) fn pick(&self, number: usize) -> Option<usize> {
        (!self.messages.is_empty()).then(|| number % self.messages.len())
    }

    /// Whether somebody sees a message.
    pub(super) fn sees(&self, who: usize, message: usize) -> bool {
        let begins = self.places[who].as_ref().map(|place| if self.from_start { 0 } else { place.joined });
        begins.is_some_and(|begins| message >= begins) && !self.messages[message].hidden_by.contains(&who)
    }

    /// The seqs of what somebody has deleted for themselves.
    pub(super) fn hidden_from(&self, who: usize) -> impl Iterator<Item = u64> + '_ {
        let hidden = self.messages.iter().enumerate().filter(move |(_, said)| said.hidden_by.contains(&who));
        hidden.map(|(index, _)| index as u64 + 1)
    }

    /// How many messages of others somebody has not read.
    pub(super) fn unread(&self, who: usize) -> u64 {
        let Some(place) = &self.places[who] else { return 0 };
        let counts = |said: &&Said| said.sender != who && said.what != What::Deleted && !said.hidden_by.contains(&who);
        self.messages[place.read..].iter().filter(counts).count() as u64
    }

    fn owns(&self, who: usize) -> bool {
        self.places[who].as_ref().is_some_and(|place| place.owns)
    }

    fn say(&mut self, sender: usize, what: What, id: Option<MessageId>, answers: Option<usize>) {
        let (before, reactions, hidden_by) = (Vec::new(), BTreeMap::new(), BTreeSet::new());
        self.messages.push(Said { id, sender, what, answers, before, reactions, hidden_by });
        self.version += 1;
    }

    /// Takes note of a message of which nothing but the id matters.
    pub(super) fn note(&mut self, sender: usize, id: MessageId) {
        self.say(sender, What::System, Some(id), None);
    }

    /// A change that is also told among the messages.
    fn tell(&mut self, who: usize) {
        self.version += 1;
        self.say(who, What::System, None, None);
    }

    /// Whether somebody may do this; if so, it is done.
    pub(super) fn take(&mut self, who: usize, step: &Step, number: usize, id: Option<MessageId>) -> bool {
        let end = self.messages.len();
        if matches!(step, Step::ReadAll) {
            self.move_cursors(who, |place| place.read = end);
            return true;
        }
        if self.places[who].is_none() {
            return false;
        }
        match step {
            Step::Send | Step::Answer(_) => self.send(who, step, number, id),
            Step::Edit(message) | Step::Delete(message) | Step::Hide(message) => match self.pick(*message) {
                Some(message) if self.sees(who, message) => self.change(who, step, message, number),
                _ => false,
            },
            Step::React(message, emoji) | Step::TakeBack(message, emoji) => match self.pick(*message) {
                Some(message) if self.sees(who, message) => {
                    self.react(who, message, *emoji, matches!(step, Step::React(..)))
                }
                _ => false,
            },
            Step::Read(seq) => self.move_cursors(who, |place| place.read = place.read.max(seq % (end + 1))),
            Step::Delivered(seq) => {
                self.move_cursors(who, |place| place.delivered = place.delivered.max(seq % (end + 1)))
            }
            Step::Unread(seq) => self.unread_from(who, *seq),
            Step::Leave => self.leave(who, who),
            Step::Remove(whom) if *whom == who => self.leave(who, who),
            _ => self.owns(who) && self.organise(who, step, number),
        }
    }

    fn send(&mut self, who: usize, step: &Step, number: usize, id: Option<MessageId>) -> bool {
        let answers = match step {
            Step::Answer(message) => match self.pick(*message) {
                Some(message) if self.sees(who, message) => Some(message),
                _ => return false,
            },
            _ => None,
        };
        if self.closed || self.announcement && !self.owns(who) {
            return false;
        }
        self.say(who, What::Text(text(number)), id, answers);
        let end = self.messages.len();
        self.move_cursors(who, |place| place.read = end)
    }

    fn change(&mut self, who: usize, step: &Step, index: usize, number: usize) -> bool {
        let (owns, closed) = (self.owns(who), self.closed);
        let said = &mut self.messages[index];
        let text_of_own = match &said.what {
            What::Text(text) if said.sender == who => Some(text.clone()),
            _ => None,
        };
        match step {
            Step::Edit(_) => {
                let Some(now) = text_of_own.filter(|_| !closed) else { return false };
                said.before.push(now);
                said.what = What::Text(text(number));
                self.version += 1;
                true
            }
            Step::Delete(_) if said.what == What::Deleted => true,
            Step::Delete(_) if text_of_own.is_some() || owns => {
                said.what = What::Deleted;
                said.before.clear();
                said.reactions.clear();
                self.version += 1;
                true
            }
            Step::Hide(_) => {
                said.hidden_by.insert(who);
                true
            }
            _ => false,
        }
    }

    fn react(&mut self, who: usize, message: usize, emoji: usize, adds: bool) -> bool {
        if self.messages[message].what == What::Deleted || self.closed {
            return false;
        }
        let who_has = self.messages[message].reactions.entry(emoji).or_default();
        let changes = if adds { who_has.insert(who) } else { who_has.remove(&who) };
        self.messages[message].reactions.retain(|_, who| !who.is_empty());
        self.version += u64::from(changes);
        true
    }

    fn move_cursors(&mut self, who: usize, moves: impl FnOnce(&mut Place)) -> bool {
        if let Some(place) = &mut self.places[who] {
            moves(place);
            place.delivered = place.delivered.max(place.read);
        }
        true
    }

    fn unread_from(&mut self, who: usize, number: usize) -> bool {
        let (Some(place), Some(index)) = (&self.places[who], self.pick(number)) else { return false };
        index >= place.joined && self.move_cursors(who, |place| place.read = place.read.min(index))
    }

    fn leave(&mut self, who: usize, whom: usize) -> bool {
        if self.places[whom].is_none() {
            return false;
        }
        if self.owns(whom) {
            let others = self.places.iter().enumerate().filter(|(other, _)| *other != whom);
            let others = others.filter_map(|(other, place)| Some((place.as_ref()?.since, other)));
            if let Some((_, next)) = others.min() {
                self.own(next);
                self.tell(who);
            }
        }
        self.places[whom] = None;
        self.tell(who);
        true
    }

    fn own(&mut self, owner: usize) {
        for (who, place) in self.places.iter_mut().enumerate() {
            if let Some(place) = place {
                place.owns = who == owner;
            }
        }
    }

    /// What only the owner does.
    fn organise(&mut self, who: usize, step: &Step, number: usize) -> bool {
        let end = self.messages.len();
        match step {
            Step::Add(whom) if self.places[*whom].is_none() => {
                let place = Place { owns: false, joined: end, since: number + 1, read: end, delivered: end };
                self.places[*whom] = Some(place);
                self.tell(who);
            }
            Step::Remove(whom) => return self.leave(who, *whom),
            Step::HandOn(whom) if self.places[*whom].is_some() => {
                if *whom != who {
                    self.own(*whom);
                    self.tell(who);
                }
            }
            Step::Rename => {
                self.title = Some(number);
                self.tell(who);
            }
            Step::Close(closed) if *closed != self.closed => {
                self.closed = *closed;
                self.tell(who);
            }
            Step::Announcement(only) if *only != self.announcement => {
                self.announcement = *only;
                self.version += 1;
            }
            Step::FromStart(all) if *all != self.from_start => {
                self.from_start = *all;
                self.version += 1;
            }
            Step::Close(_) | Step::Announcement(_) | Step::FromStart(_) => {}
            _ => return false,
        }
        true
    }
}
