//! The people, what they do through the use-cases, and what they then see.

use confab_application::conversations::{
    ConversationPatch, Grounds, change, count_unread, list, mark_all_read, mark_delivered, mark_read, mark_unread,
};
use confab_application::messages::{
    MessageEdit, NewMessage, PayloadEdit, Precondition, delete, edit, hide, history, react, revisions, send, take_back,
};
use confab_application::participants::{add, hand_on, remove};
use confab_application::ports::{ConversationFilter, MessageFilter, Order, PageRequest, Participants, Position};
use confab_application::views::{ConversationView, MessageView};
use confab_application::{Error, Viewer};
use confab_domain::{Content, ConversationId, Emoji, HistoryVisibility, Membership, MessageId, Seq, User};

use super::PEOPLE;
use super::model::{Model, What, text};
use super::step::Step;
use crate::cases::expect::limit;
use crate::testing::World;

const EMOJI: [&str; 3] = ["👍", "👩‍👩‍👧‍👦", "🇫🇮"];

pub(super) fn emoji(number: usize) -> Emoji {
    Emoji::parse(EMOJI[number]).unwrap()
}

pub(super) struct People {
    pub(super) group: ConversationId,
    users: Vec<User>,
    pub(super) viewers: Vec<Viewer>,
}

impl People {
    /// New people, of whom all but the last are in a new group.
    pub(super) async fn gather(world: &World) -> Self {
        let mut users = Vec::new();
        for number in 0..PEOPLE {
            users.push(world.host(&format!("p{number}-{}", world.id::<MessageId>().as_uuid().simple())).await);
        }
        let group = world.group(&users[..PEOPLE - 1].iter().collect::<Vec<_>>()).await.id;
        let viewers = users.iter().map(|user| world.viewer(user)).collect();
        Self { group, users, viewers }
    }

    /// Has somebody do something. Gives the id of a message that is sent.
    pub(super) async fn take(
        &self,
        world: &World,
        model: &Model,
        who: usize,
        step: &Step,
        number: usize,
    ) -> Result<Option<MessageId>, Error> {
        let (app, viewer, group, grounds) = (&world.app, &self.viewers[who], self.group, Grounds::default());
        let end = model.messages.len();
        let user = |whom: usize| self.users[whom].id;
        match step {
            Step::Send => return self.say(world, who, number, None).await,
            Step::Answer(message) => {
                let answered = self.id_of(world, model, *message).await;
                return self.say(world, who, number, Some(answered)).await;
            }
            Step::Edit(message) => {
                let id = self.id_of(world, model, *message).await;
                let text = MessageEdit { body: Some(text(number)), payload: PayloadEdit::Keep };
                edit(app, viewer, group, id, &Precondition::Any, text).await?;
            }
            Step::Delete(message) => {
                let id = self.id_of(world, model, *message).await;
                delete(app, viewer, group, id, &grounds).await?;
            }
            Step::Hide(message) => hide(app, viewer, group, self.id_of(world, model, *message).await).await?,
            Step::React(message, kind) => {
                react(app, viewer, group, self.id_of(world, model, *message).await, emoji(*kind)).await?;
            }
            Step::TakeBack(message, kind) => {
                take_back(app, viewer, group, self.id_of(world, model, *message).await, emoji(*kind)).await?;
            }
            Step::Add(whom) => drop(add(app, viewer, group, &[user(*whom).to_string()], &grounds).await?),
            Step::Remove(whom) => remove(app, viewer, group, user(*whom), &grounds).await?,
            Step::Leave => remove(app, viewer, group, viewer.user.id, &grounds).await?,
            Step::HandOn(whom) => drop(hand_on(app, viewer, group, &user(*whom).to_string(), &grounds).await?),
            Step::Rename | Step::Close(_) | Step::Announcement(_) | Step::FromStart(_) => {
                let any = confab_application::Precondition::Any;
                change(app, viewer, group, patch(step, number), &any, &grounds).await?;
            }
            Step::Read(seq) => drop(mark_read(app, viewer, group, (seq % (end + 1)) as i64).await?),
            Step::Delivered(seq) => drop(mark_delivered(app, viewer, group, (seq % (end + 1)) as i64).await?),
            Step::Unread(seq) => {
                let seq = model.pick(*seq).map_or(1, |index| index + 1);
                mark_unread(app, viewer, group, seq as i64).await?;
            }
            Step::ReadAll => drop(mark_all_read(app, viewer).await?),
            Step::Snapshot => {}
        }
        Ok(None)
    }

    async fn say(
        &self,
        world: &World,
        who: usize,
        number: usize,
        answers: Option<MessageId>,
    ) -> Result<Option<MessageId>, Error> {
        let reply_to = answers.map(|id| id.to_string());
        let message = NewMessage { body: text(number), reply_to, ..NewMessage::default() };
        Ok(Some(send(&world.app, &self.viewers[who], self.group, message).await?.view.message.id))
    }

    /// The id of the message that a number stands for; one of nothing where there is none.
    async fn id_of(&self, world: &World, model: &Model, number: usize) -> MessageId {
        let Some(index) = model.pick(number) else { return world.id() };
        if let Some(id) = model.messages[index].id {
            return id;
        }
        // A system message: whoever sees it knows its id.
        for who in (0..PEOPLE).filter(|who| model.sees(*who, index)) {
            if let Some(view) = self.read(world, who).await.into_iter().flatten().find(|view| at(view) == index) {
                return view.message.id;
            }
        }
        world.id()
    }

    /// All that somebody sees of the history, in pages of 7; none where they do not take part.
    pub(super) async fn read(&self, world: &World, who: usize) -> Option<Vec<MessageView>> {
        let filter = MessageFilter { order: Order::OldestFirst, ..MessageFilter::default() };
        let (mut messages, mut position) = (Vec::<MessageView>::new(), None);
        loop {
            let page = PageRequest { limit: limit(7), position };
            let page = history(&world.app, &self.viewers[who], self.group, &filter, &page).await.ok()?;
            messages.extend(page.items);
            position = messages.last().map(|view| Position::After(view.message.seq));
            if !page.has_next {
                return Some(messages);
            }
        }
    }

    pub(super) async fn find(&self, world: &World, who: usize) -> Option<ConversationView> {
        world.store().conversations().find(self.users[who].id, self.group).await.unwrap()
    }

    /// Holds what somebody sees against the model.
    pub(super) async fn check(&self, world: &World, model: &Model, who: usize) {
        let badge = count_unread(&world.app, &self.viewers[who]).await.unwrap();
        assert_eq!((badge.count, badge.is_capped), (model.unread(who), false), "the badge of {who}");
        let (all, page) = (ConversationFilter::default(), PageRequest::first(limit(9)));
        let listed = list(&world.app, &self.viewers[who], &all, &page, Participants::First).await.unwrap().items;
        let (view, messages) = (self.find(world, who).await, self.read(world, who).await);
        if model.places[who].is_none() {
            assert!(listed.is_empty() && view.is_none() && messages.is_none(), "{who} is not in it");
            return;
        }
        let view = view.unwrap();
        assert_eq!(listed.len(), 1);
        self.check_group(model, who, &view);
        self.check_group(model, who, &listed[0]);
        let messages = messages.unwrap();
        let seen: Vec<usize> = (0..model.messages.len()).filter(|index| model.sees(who, *index)).collect();
        assert_eq!(messages.iter().map(at).collect::<Vec<_>>(), seen, "what {who} sees");
        for view in &messages {
            self.check_message(world, model, who, view).await;
        }
    }

    fn check_group(&self, model: &Model, who: usize, view: &ConversationView) {
        let group = &view.conversation;
        let title = group.title.as_ref().map(|title| title.as_str().to_owned());
        assert_eq!(title, model.title.map(text));
        assert_eq!((group.last_seq.get(), group.version.get()), (model.messages.len() as u64, model.version));
        assert_eq!((group.closed_at.is_some(), group.announcement), (model.closed, model.announcement));
        assert_eq!(group.history == HistoryVisibility::FromStart, model.from_start);
        assert_eq!((view.unread.count, view.unread.is_capped), (model.unread(who), false), "unread of {who}");
        let expected: Vec<_> = (0..PEOPLE)
            .filter_map(|whom| {
                let place = model.places[whom].as_ref()?;
                Some((self.users[whom].id, place.owns, place.read as u64, place.delivered as u64))
            })
            .collect();
        let cursors = |read: Seq, delivered: Seq| {
            assert!(read <= delivered && delivered <= group.last_seq, "{read:?} {delivered:?}");
            (read.get(), delivered.get())
        };
        let found: Vec<_> = view
            .participants
            .iter()
            .map(|one| {
                let (read, delivered) = cursors(one.last_read_seq, one.last_delivered_seq);
                (one.user.id, one.membership == Membership::Owner, read, delivered)
            })
            .collect();
        assert_eq!(found, expected, "the participants");
        assert_eq!(group.participant_count, expected.len() as u64);
        assert_eq!(expected.iter().filter(|(_, owns, ..)| *owns).count(), 1, "a group has one owner");
        let newest = model.messages.len().checked_sub(1);
        assert_eq!(view.last_message.as_ref().map(at), newest.filter(|_| view.last_message.is_some()));
        if let (Some(view), Some(index)) = (&view.last_message, newest.filter(|index| model.sees(who, *index))) {
            assert_eq!(view.message.sender_id, self.users[model.messages[index].sender].id);
        }
    }

    async fn check_message(&self, world: &World, model: &Model, who: usize, view: &MessageView) {
        let said = &model.messages[at(view)];
        let what = match &view.message.content {
            Content::Text(text) => What::Text(text.body.as_str().to_owned()),
            Content::System(_) => What::System,
            Content::Deleted(_) => What::Deleted,
        };
        assert_eq!((&what, view.sender.id), (&said.what, self.users[said.sender].id));
        let is_edited = view.message.text().is_some_and(|text| text.edited.is_some());
        assert_eq!(is_edited, !said.before.is_empty());
        let reactions: Vec<_> = view.reactions.iter().map(|one| (one.emoji, one.count, one.mine)).collect();
        let expected =
            said.reactions.iter().map(|(kind, who_has)| (emoji(*kind), who_has.len() as u64, who_has.contains(&who)));
        let expected: Vec<_> = expected.collect();
        assert!(
            reactions.len() == expected.len() && expected.iter().all(|one| reactions.contains(one)),
            "{reactions:?}"
        );
        if let Some(preview) = &view.reply_to {
            let answered = said.answers.unwrap();
            let shown = preview.message.as_ref().map(|(message, _)| message.body());
            let body = match &model.messages[answered].what {
                What::Text(text) => text,
                What::System | What::Deleted => "",
            };
            assert_eq!(shown, model.sees(who, answered).then_some(body), "what {who} sees of what was answered");
        }
        let page = PageRequest::first(limit(100));
        let before = revisions(&world.app, &self.viewers[who], self.group, view.message.id, &page).await.unwrap().items;
        let before: Vec<_> = before.iter().rev().map(|revision| revision.body.as_str()).collect();
        assert_eq!(before, said.before, "what it said before");
    }

    /// How things are, as far as steps need to know. For who does many at once.
    pub(super) async fn look(&self, world: &World) -> Model {
        let mut model = Model::default();
        for view in self.read(world, 0).await.unwrap_or_default() {
            let sender = self.users.iter().position(|user| user.id == view.message.sender_id).unwrap();
            model.note(sender, view.message.id);
        }
        model
    }

    /// What holds whatever has happened at once.
    pub(super) async fn check_laws(&self, world: &World) {
        let view = self.find(world, 0).await.unwrap();
        let owners = view.participants.iter().filter(|one| one.membership == Membership::Owner).count();
        assert_eq!((owners, view.participants.len() as u64), (1, view.conversation.participant_count));
        for one in &view.participants {
            let cursors = (one.last_read_seq, one.last_delivered_seq);
            assert!(cursors.0 <= cursors.1 && cursors.1 <= view.conversation.last_seq, "{cursors:?}");
        }
        let messages = self.read(world, 0).await.unwrap();
        assert!(messages.iter().enumerate().all(|(index, view)| at(view) == index), "the seqs have a gap");
        assert_eq!(messages.len() as u64, view.conversation.last_seq.get());
    }
}

fn at(view: &MessageView) -> usize {
    view.message.seq.get() as usize - 1
}

fn patch(step: &Step, number: usize) -> ConversationPatch {
    let none = ConversationPatch::default();
    match step {
        Step::Close(closed) => ConversationPatch { closed: Some(*closed), ..none },
        Step::Announcement(only) => ConversationPatch { announcement: Some(*only), ..none },
        Step::FromStart(all) => {
            let name = if *all { "from_start" } else { "from_joining" };
            ConversationPatch { history: Some(name.to_owned()), ..none }
        }
        _ => ConversationPatch { title: Some(Some(text(number))), ..none },
    }
}
