//! What is done to messages after they were sent.

use std::sync::Arc;

use confab_application::conversations::Grounds;
use confab_application::messages::{self, MessageEdit, NewMessage, PayloadEdit, Precondition};
use confab_application::ports::{ConversationFilter, Limit, MessageFilter, Order, Page, PageRequest, Position};
use confab_application::views::{Entry, MessageView};
use confab_application::{Conflict, Error, Viewer};
use confab_domain::{ChangeRefused, Content, ConversationId, Emoji, MessageId, Seq, User, Version};

use super::expect::{at_once, limit, list_all, read_all};
use crate::Adapter;
use crate::testing::World;

fn emoji(text: &str) -> Emoji {
    Emoji::parse(text).unwrap()
}

fn text(body: &str) -> NewMessage {
    NewMessage { body: body.to_owned(), ..NewMessage::default() }
}

fn keyed(body: &str) -> NewMessage {
    NewMessage { client_message_id: Some("key".to_owned()), ..text(body) }
}

fn to(body: &str) -> MessageEdit {
    MessageEdit { body: Some(body.to_owned()), payload: PayloadEdit::Keep }
}

async fn send(world: &World, sender: &User, id: ConversationId, message: NewMessage) -> MessageView {
    messages::send(&world.app, &world.viewer(sender), id, message).await.unwrap().view
}

async fn find(world: &World, viewer: &User, id: ConversationId, message: MessageId) -> Option<MessageView> {
    world.store().messages().find(viewer.id, id, message).await.unwrap()
}

async fn edit(world: &World, viewer: &Viewer, view: &MessageView, body: &str) -> Result<MessageView, Error> {
    let seen = Precondition::Versions(vec![view.message.content_version()]);
    messages::edit(&world.app, viewer, view.message.conversation_id, view.message.id, &seen, to(body)).await
}

async fn delete(world: &World, user: &User, view: &MessageView) {
    let viewer = world.viewer(user);
    messages::delete(&world.app, &viewer, view.message.conversation_id, view.message.id, &Grounds::default())
        .await
        .unwrap();
}

async fn react(world: &World, user: &User, view: &MessageView, with: &str) -> MessageView {
    let viewer = world.viewer(user);
    messages::react(&world.app, &viewer, view.message.conversation_id, view.message.id, emoji(with)).await.unwrap()
}

async fn revisions(world: &World, viewer: &User, view: &MessageView) -> Option<Vec<String>> {
    let page = PageRequest::first(limit(Limit::MAX));
    let (id, message) = (view.message.conversation_id, view.message.id);
    let page = world.store().messages().revisions(viewer.id, id, message, &page).await.unwrap();
    page.map(|page| page.items.iter().map(|revision| revision.body.as_str().to_owned()).collect())
}

/// The emoji of a message, how many of each, and whether the viewer's is among them.
fn summary(view: &MessageView) -> Vec<(&'static str, u64, bool)> {
    view.reactions.iter().map(|summary| (summary.emoji.as_str(), summary.count, summary.mine)).collect()
}

/// A message answers another one of its conversation, which is shown with it, on every way to it; no other one.
pub async fn an_answer_shows_how_the_other_message_begins(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let (group, other) = (world.group(&[&ada, &ben]).await.id, world.group(&[&ada]).await.id);
    let question = send(&world, &ada, group, text("?")).await.message;
    let elsewhere = send(&world, &ada, other, text("elsewhere")).await.message;
    let answer = |to: MessageId| NewMessage { reply_to: Some(to.to_string()), ..text("!") };
    let sent = send(&world, &ben, group, answer(question.id)).await;
    let list = list_all(world.store(), ada.id).await;
    let newest = list.into_iter().find(|view| view.conversation.id == group).unwrap().last_message.unwrap();
    let found = find(&world, &ada, group, sent.message.id).await.unwrap();
    let read = read_all(world.store(), ada.id, group).await.pop().unwrap();
    for view in [sent, newest, found, read] {
        let preview = view.reply_to.unwrap();
        assert_eq!(preview.id, question.id);
        let (message, sender) = preview.message.unwrap();
        assert_eq!((message, sender.id), (question.clone(), ada.id));
    }
    for nothing in [elsewhere.id, world.id()] {
        let refused = messages::send(&world.app, &world.viewer(&ada), group, answer(nothing)).await;
        let Err(Error::Invalid(faults)) = refused else { panic!("{refused:?}") };
        assert_eq!((faults[0].field.as_str(), faults[0].code), ("reply_to", "message_unavailable"));
    }
}

/// Users who take part are mentioned, with their cards; others are not.
pub async fn whoever_takes_part_is_mentioned(store: Adapter) {
    let world = World::new(store);
    let (ada, ben, eve) = (world.host("ada").await, world.host("ben").await, world.host("eve").await);
    let group = world.group(&[&ada, &ben]).await.id;
    world.group(&[&ada, &eve]).await;
    let body = format!("<@{}> <@{}> <@{}> <@{}>", ben.id, eve.id, ben.id, ada.id);
    let sent = send(&world, &ada, group, text(&body)).await;
    let found = find(&world, &ben, group, sent.message.id).await.unwrap();
    for view in [sent, found.clone()] {
        let mut named: Vec<_> = view.named.iter().map(|card| card.id).collect();
        named.sort_unstable();
        assert_eq!(named, [ada.id, ben.id]);
        assert_eq!(view.message.mentions().map(|mention| mention.start).collect::<Vec<_>>(), [0, 80, 120]);
    }
    let edited = edit(&world, &world.viewer(&ada), &found, &format!("<@{}><@{}>", eve.id, ben.id)).await.unwrap();
    assert_eq!(edited.named.iter().map(|card| card.id).collect::<Vec<_>>(), [ben.id]);
}

/// An edit changes the message for every reader, and what it said before stays to be read; a page of it is in order.
pub async fn an_edit_keeps_what_was_said_before(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let group = world.group(&[&ada, &ben]).await.id;
    let payload = Some(r#"{"a":1}"#.to_owned());
    let sent = send(&world, &ada, group, NewMessage { payload, ..text("0") }).await;
    let viewer = world.viewer(&ada);
    let mut view = sent.clone();
    for body in ["1", "2", "3"] {
        world.clock.advance_seconds(1);
        view = edit(&world, &viewer, &view, body).await.unwrap();
        assert_eq!((view.message.body(), view.message.seq), (body, sent.message.seq));
        assert_eq!(view.message.text().unwrap().edited.unwrap().at, world.now());
    }
    // Nothing to change is no edit.
    assert_eq!(edit(&world, &viewer, &view, "3").await.unwrap(), view);
    assert_eq!(find(&world, &ben, group, sent.message.id).await.unwrap().message, view.message);
    assert_eq!(revisions(&world, &ben, &sent).await.unwrap(), ["2", "1", "0"]);

    let reader = world.store().messages();
    let page = |position| PageRequest { limit: limit(2), position };
    let read =
        async |position| reader.revisions(ben.id, group, sent.message.id, &page(position)).await.unwrap().unwrap();
    let first = read(None).await;
    let oldest = read(Some(Position::After(first.items[1].version))).await;
    let back = read(Some(Position::Before(oldest.items[0].version))).await;
    assert_eq!((first.has_previous, first.has_next, oldest.has_next), (false, true, false));
    assert_eq!(oldest.items, [sent.message.revision().unwrap()]);
    assert_eq!(back.items, first.items);

    // The merge patch leaves the text alone.
    let patch = MessageEdit { body: None, payload: PayloadEdit::Merge(r#"{"b":2}"#.to_owned()) };
    let any = &Precondition::Any;
    let patched = messages::edit(&world.app, &viewer, group, sent.message.id, any, patch).await.unwrap();
    let text = patched.message.text().unwrap();
    assert_eq!((text.body.as_str(), text.payload.as_ref().unwrap().as_str()), ("3", r#"{"a":1,"b":2}"#));
}

/// Of those who edit what they have all read, one succeeds, and the others are told.
pub async fn of_twenty_edits_of_one_text_one_succeeds(store: Adapter) {
    const EDITORS: usize = 20;
    let world = Arc::new(World::new(store));
    let ada = world.host("ada").await;
    let group = world.group(&[&ada]).await.id;
    let sent = Arc::new(send(&world, &ada, group, text("0")).await);
    let outcomes = at_once(EDITORS, |number| {
        let (world, sent, viewer) = (Arc::clone(&world), Arc::clone(&sent), world.viewer(&ada));
        async move { edit(&world, &viewer, &sent, &format!("by {number}")).await }
    });
    let outcomes = outcomes.await;
    let stale = |outcome: &&Result<_, _>| matches!(outcome, Err(Error::Unchanged(ChangeRefused::Stale)));
    assert_eq!(outcomes.iter().filter(stale).count(), EDITORS - 1, "{outcomes:?}");
    assert_eq!(revisions(&world, &ada, &sent).await.unwrap(), ["0"]);
    let changes = world.store().events().after(ada.id, group, Version::ZERO, limit(100)).await.unwrap().unwrap();
    assert_eq!(changes.entries.len(), 2);

    // Whoever overwrites what there is, loses nothing either: it stays among the revisions.
    let outcomes = at_once(EDITORS, |number| {
        let (world, sent, viewer) = (Arc::clone(&world), Arc::clone(&sent), world.viewer(&ada));
        let edit = to(&format!("over {number}"));
        async move { messages::edit(&world.app, &viewer, group, sent.message.id, &Precondition::Any, edit).await }
    });
    assert!(outcomes.await.iter().all(Result::is_ok));
    let mut said = revisions(&world, &ada, &sent).await.unwrap();
    said.push(find(&world, &ada, group, sent.message.id).await.unwrap().message.body().to_owned());
    said.sort();
    said.dedup();
    assert_eq!(said.len(), 2 + EDITORS);
}

/// Of a message that was deleted for all, its place remains, on every way to it, and no seq is free.
pub async fn a_deleted_message_leaves_its_place_alone(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let group = world.group(&[&ada, &ben]).await.id;
    let sent = send(&world, &ben, group, NewMessage { payload: Some("{}".to_owned()), ..keyed("secret") }).await;
    edit(&world, &world.viewer(&ben), &sent, "secret too").await.unwrap();
    react(&world, &ada, &sent, "👍").await;
    let answer = NewMessage { reply_to: Some(sent.message.id.to_string()), ..text("!") };
    let answer = send(&world, &ada, group, answer).await;
    delete(&world, &ada, &sent).await;
    delete(&world, &ada, &sent).await;
    let found = find(&world, &ben, group, sent.message.id).await.unwrap();
    assert!(matches!(found.message.content, Content::Deleted(_)));
    assert_eq!((found.message.body(), found.message.seq, &found.reactions), ("", sent.message.seq, &Vec::new()));
    assert_eq!(revisions(&world, &ben, &sent).await.unwrap(), Vec::<String>::new());
    let (preview, _) = find(&world, &ada, group, answer.message.id).await.unwrap().reply_to.unwrap().message.unwrap();
    assert_eq!(preview, found.message);
    let page = PageRequest::first(Limit::DEFAULT);
    let reactions = world.store().messages().reactions(ada.id, group, sent.message.id, None, &page).await.unwrap();
    assert_eq!(reactions.unwrap().items, []);
    assert_eq!(send(&world, &ada, group, text("next")).await.message.seq.get(), 3);

    let viewer = world.viewer(&ben);
    let again = edit(&world, &viewer, &found, "x").await;
    assert!(matches!(again, Err(Error::Unchanged(ChangeRefused::Deleted))), "{again:?}");
    let reacted = messages::react(&world.app, &viewer, group, sent.message.id, emoji("👍")).await;
    assert!(matches!(reacted, Err(Error::Unchanged(ChangeRefused::Deleted))), "{reacted:?}");
}

/// A retry with the first key is the same message, edited or deleted; with another text it is a conflict, as long as
/// somebody knows what the first one was.
pub async fn a_retry_finds_what_became_of_the_message(store: Adapter) {
    let world = World::new(store);
    let ada = world.host("ada").await;
    let group = world.group(&[&ada]).await.id;
    let viewer = world.viewer(&ada);
    let payload = |text: &str| Some(text.to_owned());
    let message = |body| NewMessage { payload: payload(r#"{"a": 1}"#), ..keyed(body) };
    let sent = send(&world, &ada, group, message("0")).await;
    for body in ["1", "2"] {
        let seen = find(&world, &ada, group, sent.message.id).await.unwrap();
        edit(&world, &viewer, &seen, body).await.unwrap();
        let again = messages::send(&world.app, &viewer, group, message("0")).await.unwrap();
        assert_eq!((again.is_new, again.view.message.body()), (false, body));
        let others = [message(body), keyed("0"), NewMessage { payload: payload("{}"), ..message("0") }];
        for other in others {
            let refused = messages::send(&world.app, &viewer, group, other).await;
            assert!(matches!(refused, Err(Error::Conflict(Conflict::ClientMessageIdReused))), "{refused:?}");
        }
    }
    delete(&world, &ada, &sent).await;
    let again = messages::send(&world.app, &viewer, group, message("0")).await.unwrap();
    assert_eq!((again.is_new, again.view.message.body()), (false, ""));
    assert_eq!(read_all(world.store(), ada.id, group).await.len(), 1);
}

/// Whoever deletes a message for themselves sees it on no way to it; everyone else does.
pub async fn a_message_is_hidden_from_one_reader_alone(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let group = world.group(&[&ada, &ben]).await.id;
    let first = send(&world, &ada, group, text("first")).await;
    let last = NewMessage { reply_to: Some(first.message.id.to_string()), ..text("last") };
    let last = send(&world, &ada, group, last).await;
    let hide = async |view: &MessageView| messages::hide(&world.app, &world.viewer(&ben), group, view.message.id).await;
    hide(&first).await.unwrap();
    assert!(matches!(hide(&first).await, Err(Error::NotFound(_))));
    assert_eq!(find(&world, &ben, group, first.message.id).await, None);
    assert_eq!(revisions(&world, &ben, &first).await, None);
    let bodies = |views: Vec<MessageView>| views.iter().map(|view| view.message.body().to_owned()).collect::<Vec<_>>();
    assert_eq!(bodies(read_all(world.store(), ben.id, group).await), ["last"]);
    assert_eq!(bodies(read_all(world.store(), ada.id, group).await), ["first", "last"]);
    let preview = find(&world, &ben, group, last.message.id).await.unwrap().reply_to.unwrap();
    assert_eq!((preview.id, preview.message), (first.message.id, None));

    hide(&last).await.unwrap();
    let newest = async |viewer: &User| list_all(world.store(), viewer.id).await.remove(0).last_message.unwrap();
    assert_eq!((newest(&ben).await.message.body(), newest(&ada).await.message.body()), ("", "last"));
    let changes = world.store().events().after(ben.id, group, Version::ZERO, limit(100)).await.unwrap().unwrap();
    assert_eq!(changes.entries.len(), 2);
    for entry in changes.entries {
        assert!(matches!(entry, Entry::Message(view) if view.message.body().is_empty()));
    }
    let answer = NewMessage { reply_to: Some(first.message.id.to_string()), ..text("!") };
    let refused = messages::send(&world.app, &world.viewer(&ben), group, answer.clone()).await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    send(&world, &ada, group, answer).await;
}

/// A reaction counts once for each user and emoji, in any spelling; the first emoji comes first.
pub async fn reactions_are_counted_and_listed(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let group = world.group(&[&ada, &ben]).await.id;
    let sent = send(&world, &ada, group, text("x")).await;
    for (user, with) in [(&ada, "❤"), (&ben, "👍"), (&ada, "👍"), (&ben, "❤️"), (&ben, "❤"), (&ada, "😀")]
    {
        react(&world, user, &sent, with).await;
    }
    let seen = find(&world, &ada, group, sent.message.id).await.unwrap();
    assert_eq!(summary(&seen), [("❤️", 2, true), ("👍", 2, true), ("😀", 1, true)]);
    assert_eq!(seen.message.reaction_kinds, 3);
    assert_eq!(seen.message.content_version(), sent.message.version, "what it says is the same");
    let take_back = async |user: &User, with| {
        messages::take_back(&world.app, &world.viewer(user), group, sent.message.id, emoji(with)).await.unwrap();
    };
    for (user, with) in [(&ada, "❤️"), (&ada, "❤️"), (&ada, "😀"), (&ben, "😀")] {
        take_back(user, with).await;
    }
    let read = read_all(world.store(), ada.id, group).await.remove(0);
    assert_eq!(summary(&read), [("❤️", 1, false), ("👍", 2, true)]);
    assert_eq!(read.message.reaction_kinds, 2);

    let reader = world.store().messages();
    let list = async |with: Option<&str>, position| -> Page<_> {
        let page = PageRequest { limit: limit(2), position };
        let with = with.map(emoji);
        reader.reactions(ada.id, group, sent.message.id, with, &page).await.unwrap().unwrap()
    };
    let who = |page: &Page<confab_application::views::ReactionView>| -> Vec<_> {
        page.items.iter().map(|view| (view.emoji.as_str(), view.user.id)).collect()
    };
    let first = list(None, None).await;
    assert_eq!((who(&first), first.has_next), (vec![("❤️", ben.id), ("👍", ada.id)], true));
    let rest = list(None, Some(Position::After(first.items[1].version))).await;
    assert_eq!((who(&rest), rest.has_next), (vec![("👍", ben.id)], false));
    assert_eq!(who(&list(None, Some(Position::Before(rest.items[0].version))).await), who(&first));
    assert_eq!(who(&list(Some("❤"), None).await), [("❤️", ben.id)]);
}

/// Those who react at the same moment are all counted, and a message has at most so many kinds.
pub async fn reactions_at_once_are_all_counted(store: Adapter) {
    const USERS: usize = 16;
    let world = Arc::new(World::new(store));
    let users = world.hosts(USERS).await;
    let group = world.group(&users.iter().collect::<Vec<_>>()).await.id;
    let sent = Arc::new(send(&world, &users[0], group, text("x")).await);
    at_once(USERS, |number| {
        let (world, sent, user) = (Arc::clone(&world), Arc::clone(&sent), users[number].clone());
        async move { react(&world, &user, &sent, if number % 2 == 0 { "👍" } else { "❤️" }).await }
    })
    .await;
    let mut counted = summary(&find(&world, &users[0], group, sent.message.id).await.unwrap());
    counted.sort_unstable();
    assert_eq!(counted, [("❤️", 8, false), ("👍", 8, true)]);
    let changes = world.store().events().after(users[0].id, group, Version::ZERO, limit(100)).await.unwrap().unwrap();
    assert_eq!(changes.entries.len(), 1 + USERS);

    let faces = (0x1f600..=0x1f62f).filter_map(char::from_u32);
    for face in faces {
        react(&world, &users[0], &sent, &face.to_string()).await;
    }
    let viewer = world.viewer(&users[0]);
    let refused = messages::react(&world.app, &viewer, group, sent.message.id, emoji("🚀")).await;
    assert!(matches!(refused, Err(Error::Unchanged(ChangeRefused::TooManyReactions))), "{refused:?}");
    react(&world, &users[1], &sent, "👍").await;
}

/// A page around a message has as many before it as after it, in either order, as the viewer sees them.
pub async fn a_page_around_a_message_has_both_sides(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let group = world.group(&[&ada, &ben]).await.id;
    let posted = world.post(group, &ada, &["x"; 9]).await;
    world.post(group, &ben, &["y"]).await;
    messages::hide(&world.app, &world.viewer(&ben), group, posted[3].id).await.unwrap();
    let around = async |viewer: &User, filter: MessageFilter, seq: i64, items: usize| {
        let seq = Seq::parse(seq).unwrap();
        let page =
            world.store().messages().around(viewer.id, group, &filter, seq, limit(items)).await.unwrap().unwrap();
        let seqs: Vec<u64> = page.items.iter().map(|view| view.message.seq.get()).collect();
        (seqs, page.has_previous, page.has_next)
    };
    let oldest = || MessageFilter { order: Order::OldestFirst, ..MessageFilter::default() };
    assert_eq!(around(&ada, oldest(), 5, 4).await, (vec![4, 5, 6, 7], true, true));
    assert_eq!(around(&ben, oldest(), 5, 4).await, (vec![3, 5, 6, 7], true, true));
    assert_eq!(around(&ada, MessageFilter::default(), 5, 4).await, (vec![7, 6, 5, 4], true, true));
    assert_eq!(around(&ada, oldest(), 1, 4).await, (vec![1, 2, 3, 4], false, true));
    assert_eq!(around(&ada, oldest(), 99, 4).await, (vec![7, 8, 9, 10], true, false));
    assert_eq!(around(&ada, oldest(), 0, 20).await, ((1..=10).collect(), false, false));
    let of_ben = MessageFilter { sender_id: Some(ben.id), ..oldest() };
    assert_eq!(around(&ada, of_ben, 5, 4).await, (vec![10], false, false));
    let eve = world.host("eve").await;
    let none = world.store().messages().around(eve.id, group, &oldest(), Seq::ZERO, limit(4)).await.unwrap();
    assert_eq!(none, None);
}

/// Whoever asks what has changed is told of each change with the message as it now is.
pub async fn changes_are_told_with_the_message_as_it_is(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let group = world.group(&[&ada, &ben]).await.id;
    let sent = send(&world, &ada, group, text("secret")).await;
    edit(&world, &world.viewer(&ada), &sent, "secret too").await.unwrap();
    react(&world, &ben, &sent, "👍").await;
    messages::take_back(&world.app, &world.viewer(&ben), group, sent.message.id, emoji("👍")).await.unwrap();
    delete(&world, &ada, &sent).await;
    let changes = world.store().events().after(ben.id, group, Version::ZERO, limit(100)).await.unwrap().unwrap();
    let now = find(&world, &ben, group, sent.message.id).await.unwrap();
    assert_eq!((changes.entries.len(), changes.version.get()), (5, 5));
    for entry in changes.entries {
        let shown = match entry {
            Entry::Message(view) => view,
            Entry::Event { event, message, .. } => {
                assert_eq!(event.change.message_id(), Some(sent.message.id));
                *message.unwrap()
            }
        };
        assert_eq!(shown, now);
    }
}

/// A stranger finds the same nothing as where there is nothing.
pub async fn a_stranger_finds_nothing_to_change(store: Adapter) {
    let world = World::new(store);
    let (ada, eve) = (world.host("ada").await, world.host("eve").await);
    let (group, own) = (world.group(&[&ada]).await.id, world.group(&[&eve]).await.id);
    let sent = send(&world, &ada, group, text("x")).await;
    let viewer = world.viewer(&eve);
    let page = PageRequest::first(Limit::DEFAULT);
    for (conversation, message) in
        [(group, sent.message.id), (own, sent.message.id), (own, world.id()), (world.id(), sent.message.id)]
    {
        let any = &Precondition::Any;
        let outcomes = [
            messages::edit(&world.app, &viewer, conversation, message, any, to("y")).await.map(drop),
            messages::delete(&world.app, &viewer, conversation, message, &Grounds::default()).await,
            messages::hide(&world.app, &viewer, conversation, message).await,
            messages::react(&world.app, &viewer, conversation, message, emoji("👍")).await.map(drop),
            messages::take_back(&world.app, &viewer, conversation, message, emoji("👍")).await,
            messages::revisions(&world.app, &viewer, conversation, message, &page).await.map(drop),
            messages::reactions(&world.app, &viewer, conversation, message, None, &page).await.map(drop),
        ];
        for outcome in outcomes {
            assert!(matches!(outcome, Err(Error::NotFound(_))), "{outcome:?}");
        }
    }
    assert_eq!(find(&world, &ada, group, sent.message.id).await.unwrap(), sent);
}

/// What its reader has deleted, for themselves or everyone, is not unread; and a message is found whoever asks, in its own
/// conversation alone.
pub async fn what_is_hidden_is_not_unread(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let group = world.group(&[&ada, &ben]).await.id;
    let other = world.group(&[&ada]).await.id;
    let posted = world.post(group, &ada, &["a", "b", "c"]).await;
    let (adas, bens) = (world.viewer(&ada), world.viewer(&ben));
    let unread = async |user: &User| {
        let conversations = world.store().conversations();
        let view = conversations.find(user.id, group).await.unwrap().unwrap();
        assert_eq!(conversations.count_all_unread(user.id, world.now()).await.unwrap(), view.unread.count);
        let filter = ConversationFilter { unread: Some(true), ..ConversationFilter::default() };
        assert_eq!(conversations.count(user.id, &filter, 9).await.unwrap(), u64::from(view.unread.count > 0));
        let tx = world.begin().await;
        let place = tx.conversations().find_participant_for_update(group, user.id).await.unwrap().unwrap();
        assert_eq!(tx.conversations().count_unread(&place).await.unwrap(), view.unread.count);
        view.unread.count
    };
    assert_eq!((unread(&ada).await, unread(&ben).await), (0, 3));
    messages::hide(&world.app, &bens, group, posted[0].id).await.unwrap();
    messages::hide(&world.app, &adas, group, posted[1].id).await.unwrap();
    assert_eq!((unread(&ada).await, unread(&ben).await), (0, 2));
    messages::delete(&world.app, &adas, group, posted[2].id, &Grounds::default()).await.unwrap();
    messages::delete(&world.app, &adas, group, posted[0].id, &Grounds::default()).await.unwrap();
    assert_eq!(unread(&ben).await, 1);
    messages::hide(&world.app, &bens, group, posted[1].id).await.unwrap();
    assert_eq!(unread(&ben).await, 0);

    let tx = world.begin().await;
    let found = tx.messages().find_any(group, posted[1].id).await.unwrap();
    assert_eq!(found.as_ref(), Some(&posted[1]));
    assert_eq!(tx.messages().find_any(other, posted[1].id).await.unwrap(), None);
    assert_eq!(tx.messages().find_any(group, world.id()).await.unwrap(), None);
}
