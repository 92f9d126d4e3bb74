//! What whoever has left a conversation can still read of it.

use confab_application::conversations::{self, Grounds};
use confab_application::messages::{self, MessageEdit, NewMessage, PayloadEdit, Precondition};
use confab_application::participants;
use confab_application::ports::{Limit, MessageFilter, Order, Page, PageRequest, Position};
use confab_application::views::MessageView;
use confab_domain::{Content, ConversationId, Emoji, MessageId, Seq, User};

use super::expect::limit;
use crate::Adapter;
use crate::testing::World;

async fn say(world: &World, sender: &User, id: ConversationId, body: &str, reply_to: Option<MessageId>) -> MessageView {
    let reply_to = reply_to.map(|id| id.to_string());
    let message = NewMessage { body: body.to_owned(), reply_to, ..NewMessage::default() };
    messages::send(&world.app, &world.viewer(sender), id, message).await.unwrap().view
}

async fn edit(world: &World, sender: &User, view: &MessageView, body: &str) {
    let edit = MessageEdit { body: Some(body.to_owned()), payload: PayloadEdit::Keep };
    let (id, message) = (view.message.conversation_id, view.message.id);
    messages::edit(&world.app, &world.viewer(sender), id, message, &Precondition::Any, edit).await.unwrap();
}

async fn join(world: &World, owner: &User, id: ConversationId, user: &User) {
    let ids = [user.id.to_string()];
    participants::add(&world.app, &world.viewer(owner), id, &ids, &Grounds::default()).await.unwrap();
}

async fn leave(world: &World, user: &User, id: ConversationId) {
    participants::remove(&world.app, &world.viewer(user), id, user.id, &Grounds::default()).await.unwrap();
}

async fn history(world: &World, viewer: &User, id: ConversationId) -> Option<Page<MessageView>> {
    let (filter, page) = (MessageFilter::default(), PageRequest::first(Limit::MAX_PAGE));
    world.store().former_history().history(viewer.id, id, &filter, &page).await.unwrap()
}

/// Messages as those who have left see them: without reactions, and without what they answer.
fn as_left(mut views: Vec<MessageView>) -> Vec<MessageView> {
    for view in &mut views {
        view.reactions.clear();
        view.message = view.message.as_of(view.message.content_version(), None).unwrap();
        if let Some(preview) = &mut view.reply_to {
            preview.message = None;
        }
    }
    views
}

/// Whoever has left reads what they saw until then, as it was, whatever became of it since; but nothing of what was deleted.
pub async fn whoever_has_left_reads_what_there_was(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let group = world.group(&[&ada]).await.id;
    let early = say(&world, &ada, group, "early", None).await;
    join(&world, &ada, group, &ben).await;
    let mention = format!("<@{}> one", ben.id);
    let one = say(&world, &ada, group, &mention, None).await;
    let two = say(&world, &ben, group, "two", Some(one.message.id)).await;
    edit(&world, &ben, &two, "two!").await;
    let three = say(&world, &ada, group, "three", None).await;
    let (hidden, gone) = (say(&world, &ada, group, "hidden", None).await, say(&world, &ada, group, "gone", None).await);
    messages::hide(&world.app, &world.viewer(&ben), group, hidden.message.id).await.unwrap();
    let thumb = Emoji::parse("👍").unwrap();
    messages::react(&world.app, &world.viewer(&ada), group, two.message.id, thumb).await.unwrap();

    let page = PageRequest::first(Limit::MAX_PAGE);
    let seen =
        world.store().messages().history(ben.id, group, &MessageFilter::default(), &page).await.unwrap().unwrap();
    let mut seen = as_left(seen.items);
    assert_eq!(seen.len(), 5, "told of the joining, one, two, three, gone");
    assert!(history(&world, &ben, group).await.is_none(), "takes part");
    leave(&world, &ben, group).await;
    assert_eq!(history(&world, &ben, group).await.unwrap().items, seen);

    world.clock.advance_seconds(1);
    for (view, body) in [(&one, "changed"), (&three, "three?"), (&three, "later")] {
        edit(&world, &ada, view, body).await;
    }
    let after = say(&world, &ada, group, "after", None).await;
    messages::react(&world.app, &world.viewer(&ada), group, three.message.id, thumb).await.unwrap();
    messages::delete(&world.app, &world.viewer(&ada), group, gone.message.id, &Grounds::default()).await.unwrap();
    let found = history(&world, &ben, group).await.unwrap().items;
    assert!(matches!(found[0].message.content, Content::Deleted(_)), "{:?}", found[0]);
    seen[0] = found[0].clone();
    // What an edit has taken out is not kept as a mention.
    assert_eq!((seen[3].message.body(), seen[3].named.len()), (mention.as_str(), 1));
    seen[3] = found[3].clone();
    assert_eq!((seen[3].message.body(), seen[3].named.len()), (mention.as_str(), 0));
    assert_eq!(found, seen);

    let former = world.store().former_history();
    for (view, place) in [(&one, 3), (&two, 2), (&three, 1), (&gone, 0)] {
        let found = former.find(ben.id, group, view.message.id).await.unwrap();
        assert_eq!(found.as_ref(), Some(&seen[place]));
    }
    for never in [&early, &hidden, &after] {
        assert_eq!(former.find(ben.id, group, never.message.id).await.unwrap(), None);
        assert!(
            former.revisions(ben.id, group, never.message.id, &PageRequest::first(limit(9))).await.unwrap().is_none()
        );
    }
    for (view, said) in [(&one, &[][..]), (&two, &["two"]), (&three, &[]), (&gone, &[])] {
        let page = PageRequest::first(limit(9));
        let page = former.revisions(ben.id, group, view.message.id, &page).await.unwrap().unwrap();
        assert_eq!(page.items.iter().map(|revision| revision.body.as_str()).collect::<Vec<_>>(), said);
    }
}

/// It is paged, filtered and found around a place like any history.
pub async fn what_was_left_is_paged_both_ways(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let group = world.group(&[&ada, &ben]).await.id;
    for body in ["1", "2", "3", "4", "5"] {
        say(&world, if body == "3" { &ben } else { &ada }, group, body, None).await;
    }
    leave(&world, &ben, group).await;
    say(&world, &ada, group, "after", None).await;
    let former = world.store().former_history();
    let told = |page: Page<MessageView>| {
        let bodies: Vec<String> = page.items.iter().map(|view| view.message.body().to_owned()).collect();
        (bodies.concat(), page.has_previous, page.has_next)
    };
    let read = async |filter: &MessageFilter, position| {
        let page = PageRequest { limit: limit(2), position };
        told(former.history(ben.id, group, filter, &page).await.unwrap().unwrap())
    };
    let seq = |number: i64| Seq::parse(number).unwrap();
    let (newest, oldest) =
        (MessageFilter::default(), MessageFilter { order: Order::OldestFirst, ..MessageFilter::default() });
    assert_eq!(read(&newest, None).await, ("54".to_owned(), false, true));
    assert_eq!(read(&newest, Some(Position::After(seq(2)))).await, ("1".to_owned(), true, false));
    assert_eq!(read(&newest, Some(Position::Before(seq(1)))).await, ("32".to_owned(), true, true));
    assert_eq!(read(&oldest, Some(Position::After(seq(4)))).await, ("5".to_owned(), true, false));
    let beyond = MessageFilter { after_seq: Some(seq(4)), before_seq: Some(seq(9)), ..oldest.clone() };
    assert_eq!(read(&beyond, None).await, ("5".to_owned(), false, false));
    let bens = MessageFilter { sender_id: Some(ben.id), ..newest.clone() };
    assert_eq!(read(&bens, None).await, ("3".to_owned(), false, false));
    for (place, expected) in [(3, ("34", true, true)), (9, ("45", true, false)), (0, ("12", false, true))] {
        let page = former.around(ben.id, group, &oldest, seq(place), limit(2)).await.unwrap().unwrap();
        assert_eq!(told(page), (expected.0.to_owned(), expected.1, expected.2), "{place}");
    }
}

/// Nothing is there for who never took part, for who takes part again, and of a conversation that is deleted.
pub async fn only_whoever_has_left_reads_on(store: Adapter) {
    let world = World::new(store);
    let (ada, ben, eve) = (world.host("ada").await, world.host("ben").await, world.host("eve").await);
    let group = world.group(&[&ada, &ben]).await.id;
    let said = say(&world, &ada, group, "said", None).await.message.id;
    let former = world.store().former_history();
    let reads = async |user: &User| {
        let around = former.around(user.id, group, &MessageFilter::default(), Seq::ZERO, limit(2)).await.unwrap();
        let page = PageRequest::first(limit(2));
        let revisions = former.revisions(user.id, group, said, &page).await.unwrap();
        let all = [
            history(&world, user, group).await.is_some(),
            former.find(user.id, group, said).await.unwrap().is_some(),
            around.is_some(),
            revisions.is_some(),
        ];
        assert!(all == [true; 4] || all == [false; 4], "{all:?}");
        all[0]
    };
    for user in [&ada, &ben, &eve] {
        assert!(!reads(user).await);
    }
    leave(&world, &ben, group).await;
    assert!(reads(&ben).await && !reads(&eve).await && !reads(&ada).await);
    join(&world, &ada, group, &ben).await;
    assert!(!reads(&ben).await);
    // The second time, they have joined after it.
    leave(&world, &ben, group).await;
    assert_eq!(history(&world, &ben, group).await.unwrap().items.len(), 1, "told of the joining");
    assert_eq!(former.find(ben.id, group, said).await.unwrap(), None);
    let root = world.user("root", confab_domain::Role::Admin).await;
    let because = Grounds { reason: Some("because".to_owned()), ..Grounds::default() };
    conversations::delete(&world.app, &world.viewer(&root), group, &because).await.unwrap();
    for user in [&ada, &ben, &eve] {
        assert!(!reads(user).await);
    }
}
