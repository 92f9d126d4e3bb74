//! Who has blocked whom.

use std::time::Duration;

use confab_application::conversations::{self, Grounds, NewConversation};
use confab_application::messages::{self, MessageEdit, NewMessage, PayloadEdit};
use confab_application::ports::{BlockFacts, BlockKey, Limit, MessageFilter, PageRequest, Position};
use confab_application::users::{self, block, list_blocks, unblock};
use confab_application::views::BlockView;
use confab_application::{App, Conflict, Error, Resource, Viewer, participants};
use confab_domain::{
    Block, Conversation, ConversationId, Denied, Emoji, MAX_BLOCKS, Operation, PhoneNumber, ProfileChange, Role, User,
    UserId,
};

use crate::Adapter;
use crate::testing::World;

async fn facts(world: &World, one: &User, other: &User) -> BlockFacts {
    world.begin().await.blocks().find_facts(one.id, other.id).await.unwrap()
}

async fn blocks(world: &World, viewer: &User) -> Vec<BlockView> {
    let page = PageRequest::first(Limit::MAX_PAGE);
    list_blocks(&world.app, &world.viewer(viewer), &page).await.unwrap().items
}

/// A block is one user's of another, is told to whoever has made it alone, and is lifted by nobody else.
pub async fn a_block_is_its_maker_s(store: Adapter) {
    let world = World::new(store);
    let (ada, ben, eve) = (world.host("ada").await, world.host("ben").await, world.host("eve").await);
    world.group(&[&ada, &ben]).await;
    assert_eq!(
        facts(&world, &ada, &ben).await,
        BlockFacts { exists: true, is_known: true, is_blocked: false, count: 0 }
    );
    for _ in 0..2 {
        block(&world.app, &world.viewer(&ada), ben.id).await.unwrap();
    }
    let since = world.now();
    assert_eq!(blocks(&world, &ada).await, [BlockView { user: (&ben).into(), since }]);
    assert_eq!(blocks(&world, &ben).await, []);
    let made = BlockFacts { exists: true, is_known: true, is_blocked: true, count: 1 };
    assert_eq!(facts(&world, &ada, &ben).await, made);
    assert_eq!(facts(&world, &ben, &ada).await, BlockFacts { is_blocked: false, count: 0, ..made });
    assert_eq!(facts(&world, &ada, &eve).await, BlockFacts { is_known: false, is_blocked: false, ..made });
    let nobody = world.new_user("nobody", Role::Host);
    let nothing = BlockFacts { exists: false, is_known: false, is_blocked: false, count: 1 };
    assert_eq!(facts(&world, &ada, &nobody).await, nothing);

    unblock(&world.app, &world.viewer(&ben), ada.id).await.unwrap();
    assert!(facts(&world, &ada, &ben).await.is_blocked, "it is not his to lift");
    for id in [ben.id, ben.id, nobody.id] {
        unblock(&world.app, &world.viewer(&ada), id).await.unwrap();
    }
    assert_eq!(blocks(&world, &ada).await, []);
}

/// Whoever is blocked is known to whoever blocks, or to an admin; is somebody else; and is one of a thousand.
pub async fn who_can_be_blocked(store: Adapter) {
    let world = World::new(store);
    let (ada, ben, eve) = (world.host("ada").await, world.host("ben").await, world.host("eve").await);
    let root = world.user("root", Role::Admin).await;
    world.group(&[&ada, &ben]).await;
    let attempt = async |viewer: &User, id| block(&world.app, &world.viewer(viewer), id).await;
    for id in [eve.id, world.id()] {
        assert!(matches!(attempt(&ada, id).await, Err(Error::NotFound(Resource::User))));
    }
    assert!(matches!(attempt(&root, world.id()).await, Err(Error::NotFound(Resource::User))));
    attempt(&root, eve.id).await.unwrap();
    assert!(matches!(attempt(&ada, ada.id).await, Err(Error::Conflict(Conflict::BlockOfOneself))));

    let many = world.hosts(MAX_BLOCKS as usize).await;
    let tx = world.begin().await;
    for user in &many {
        let block = Block { blocker_id: ada.id, blocked_id: user.id, since: world.now() };
        tx.blocks().insert(&block).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert!(matches!(attempt(&ada, ben.id).await, Err(Error::Conflict(Conflict::TooManyBlocks))));
    attempt(&ada, many[0].id).await.unwrap();
    unblock(&world.app, &world.viewer(&ada), many[0].id).await.unwrap();
    attempt(&ada, ben.id).await.unwrap();
}

/// The newest first, and of one time the one of the greater id; a page at a time, both ways.
pub async fn blocks_are_paged_both_ways(store: Adapter) {
    let world = World::new(store);
    let ada = world.host("ada").await;
    let users = world.hosts(7).await;
    let tx = world.begin().await;
    for (number, user) in users.iter().enumerate() {
        // Two of each time.
        let since = world.now().plus_seconds(number as u32 / 2);
        tx.blocks().insert(&Block { blocker_id: ada.id, blocked_id: user.id, since }).await.unwrap();
        tx.blocks().insert(&Block { blocker_id: user.id, blocked_id: ada.id, since }).await.unwrap();
    }
    tx.commit().await.unwrap();
    let wanted: Vec<_> = users.iter().rev().map(|user| user.id).collect();
    let read = async |position| {
        let page = PageRequest { limit: Limit::new(3).unwrap(), position };
        world.store().people().blocks(ada.id, &page).await.unwrap()
    };
    let ids = |views: &[BlockView]| views.iter().map(|view| view.user.id).collect::<Vec<_>>();
    let (mut found, mut position) = (Vec::new(), None);
    let last = loop {
        let page = read(position).await;
        assert_eq!(page.has_previous, !found.is_empty());
        found.extend(ids(&page.items));
        let last = page.items.last().map(BlockKey::of).unwrap();
        position = Some(Position::After(last));
        if !page.has_next {
            break last;
        }
    };
    assert_eq!(found, wanted);
    let before = read(Some(Position::Before(last))).await;
    assert_eq!((ids(&before.items), before.has_previous, before.has_next), (wanted[3..6].to_vec(), true, true));
}

/// Of sixteen blocks at once one is made, and of two who block each other each makes one.
pub async fn blocks_at_once_are_one(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    world.group(&[&ada, &ben]).await;
    let tasks: Vec<_> = (0..16)
        .map(|number| {
            let (from, to) = if number % 2 == 0 { (&ada, &ben) } else { (&ben, &ada) };
            let (app, viewer, id) = (world.app.clone(), world.viewer(from), to.id);
            tokio::spawn(async move { block(&app, &viewer, id).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    for (one, other) in [(&ada, &ben), (&ben, &ada)] {
        let made = blocks(&world, one).await;
        assert_eq!(made.iter().map(|view| view.user.id).collect::<Vec<_>>(), [other.id]);
    }
}

/// With an account go the blocks that it has made and those of it, and nobody blocks it any more.
pub async fn blocks_go_with_an_account(store: Adapter) {
    let world = World::new(store);
    let (ada, ben, eve) = (world.host("ada").await, world.host("ben").await, world.host("eve").await);
    world.group(&[&ada, &ben, &eve]).await;
    let id = world.direct(&eve, &ada).await.id;
    for (one, other) in [(&ada, &ben), (&ben, &ada), (&eve, &ada), (&eve, &ben)] {
        block(&world.app, &world.viewer(one), other.id).await.unwrap();
    }
    assert!(direct(&world, &eve, id).await.blocked);
    users::delete_account_as_operator(&world.app, ada.id).await.unwrap();
    let closed = direct(&world, &eve, id).await;
    assert!(closed.closed_at.is_some() && !closed.blocked);
    assert_eq!(blocks(&world, &ada).await, []);
    assert_eq!(blocks(&world, &ben).await, []);
    let left: Vec<_> = blocks(&world, &eve).await.into_iter().map(|view| view.user.id).collect();
    assert_eq!(left, [ben.id]);
    let refused = block(&world.app, &world.viewer(&eve), ada.id).await;
    assert!(matches!(refused, Err(Error::NotFound(Resource::User))), "{refused:?}");
    assert!(facts(&world, &eve, &ada).await.is_known, "of the direct conversation");
}

async fn send(app: &App, viewer: &Viewer, id: ConversationId, text: &str, key: Option<&str>) -> Result<bool, Error> {
    let client_message_id = key.map(str::to_owned);
    let message = NewMessage { body: text.to_owned(), client_message_id, ..NewMessage::default() };
    messages::send(app, viewer, id, message).await.map(|sent| sent.is_new)
}

async fn direct(world: &World, one: &User, id: ConversationId) -> Conversation {
    world.store().conversations().standing(one.id, id).await.unwrap().unwrap().conversation
}

fn assert_blocked<T: std::fmt::Debug>(what: &str, outcome: Result<T, Error>) {
    assert!(matches!(outcome, Err(Error::Denied(Denied::Blocked))), "{what}: {outcome:?}");
}

/// In a direct conversation of two, of whom one or both have blocked the other, both still read, and neither says anything. What
/// was sent stays sent, and may be taken back. When the last block is lifted all is as before.
pub async fn nothing_is_said_where_one_has_blocked_the_other(store: Adapter) {
    let world = World::new(store);
    let app = &world.app;
    let (ada, ben) = (world.host("ada").await, world.user("ben", Role::Admin).await);
    let viewers = [world.viewer(&ada), world.viewer(&ben)];
    let id = world.direct(&ada, &ben).await.id;
    for viewer in &viewers {
        assert!(send(app, viewer, id, "before", Some("key")).await.unwrap());
    }
    let (all, page) = (MessageFilter::default(), PageRequest::first(Limit::DEFAULT));
    let mut said = world.store().messages().history(ada.id, id, &all, &page).await.unwrap().unwrap().items;
    said.sort_by_key(|view| view.message.seq);
    let before = direct(&world, &ada, id).await;
    let thumb = Emoji::parse("👍").unwrap();

    let [of_ada, of_ben] = &viewers;
    let steps: [(&str, &Viewer, bool, bool); 4] = [
        ("ada blocks", of_ada, true, true),
        ("ben blocks too", of_ben, true, true),
        ("ada lifts", of_ada, false, true),
        ("ben lifts", of_ben, false, false),
    ];
    for (what, by, makes, is_blocked) in steps {
        let other = if by.user.id == ada.id { ben.id } else { ada.id };
        if makes {
            block(app, by, other).await.unwrap()
        } else {
            unblock(app, by, other).await.unwrap()
        }
        let now = direct(&world, &ada, id).await;
        assert_eq!((now.blocked, now.version, now.last_seq), (is_blocked, before.version, before.last_seq), "{what}");
        for (viewer, own) in viewers.iter().zip(&said) {
            assert!(!send(app, viewer, id, "before", Some("key")).await.unwrap(), "{what}: what was sent stays sent");
            conversations::mark_read(app, viewer, id, 2).await.unwrap();
            let pinned = conversations::PreferencesPatch { pinned: Some(true), ..Default::default() };
            conversations::set_preferences(app, viewer, id, pinned).await.unwrap();
            let judge = messages::judge(app, viewer, id).await.unwrap();
            let may = judge.allowed_actions(&own.message);
            assert!(may.contains(&Operation::DeleteOwnMessage) && may.contains(&Operation::HideMessage), "{may:?}");
            let speaks = [Operation::SendMessage, Operation::EditMessage, Operation::ReactToMessage];
            for operation in speaks {
                assert_eq!(may.contains(&operation), !is_blocked, "{what}: {operation:?}");
            }
            if is_blocked {
                assert_blocked(what, send(app, viewer, id, "now", None).await);
                let edit = MessageEdit { body: Some("now".to_owned()), payload: PayloadEdit::Keep };
                let any = messages::Precondition::Any;
                assert_blocked(what, messages::edit(app, viewer, id, own.message.id, &any, edit).await);
                assert_blocked(what, messages::react(app, viewer, id, own.message.id, thumb).await);
            }
        }
    }
    assert!(send(app, of_ada, id, "after", None).await.unwrap());
    block(app, of_ben, ada.id).await.unwrap();
    messages::delete(app, of_ada, id, said[0].message.id, &Grounds::default()).await.unwrap();
}

/// The fields that are refused, without their index.
fn refused<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Vec<(&'static str, String)> {
    match outcome {
        Err(Error::Invalid(faults)) => faults.into_iter().map(|fault| (fault.code, fault.message)).collect(),
        other => panic!("not refused: {other:?}"),
    }
}

/// Of two of whom one has blocked the other neither finds the other, starts a conversation with them or adds them to a group:
/// they are answered as if there were nobody. A group that they share stays what it is.
pub async fn whoever_has_blocked_is_as_if_not_there(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let nobody: UserId = world.id();
    let number = PhoneNumber::parse("+442079460958").unwrap();
    let tx = world.begin().await;
    for user in [&ada, &ben] {
        let found = tx.users().find_for_update(user.id).await.unwrap().unwrap();
        let wanted = ProfileChange {
            phone_number: Some(Some(number.clone())),
            discoverable_by_email: Some(true),
            discoverable_by_phone: Some(true),
            ..ProfileChange::default()
        };
        tx.users().update(&found.with_profile(wanted, world.now())).await.unwrap();
    }
    tx.commit().await.unwrap();
    let people = world.store().people();
    let finds = async |viewer: &User, other: &User| {
        let by_email = people.find_by_email(viewer.id, &other.email).await.unwrap();
        let by_phone = people.find_by_phone(viewer.id, &number, 20).await.unwrap();
        let found = [by_email, by_phone].map(|found| found.iter().any(|card| card.id == other.id));
        (people.find_known(viewer.id, other.id).await.unwrap().is_some(), found)
    };
    let shared = world.group(&[&ada, &ben]).await;
    block(&world.app, &world.viewer(&ada), ben.id).await.unwrap();
    for (one, other) in [(&ada, &ben), (&ben, &ada)] {
        assert_eq!(finds(one, other).await, (true, [true, true]), "in the group that they share");
    }

    let tx = world.begin().await;
    let group = tx.conversations().find_for_update(ben.id, shared.id).await.unwrap().unwrap();
    let place = tx.conversations().find_participant_for_update(group.id, ben.id).await.unwrap().unwrap();
    tx.conversations().remove_participant(&place.leave(&group, world.now())).await.unwrap();
    tx.conversations().update(&group.dismiss_one()).await.unwrap();
    tx.commit().await.unwrap();
    for (one, other) in [(&ada, &ben), (&ben, &ada)] {
        assert_eq!(finds(one, other).await, (false, [false, false]));
        let viewer = world.viewer(one);
        let own = world.group(&[one]).await;
        for kind in ["direct", "group"] {
            let start = async |id: UserId| {
                let participant_ids = vec![id.to_string()];
                let request = NewConversation { participant_ids, kind: Some(kind.to_owned()), title: None };
                refused(conversations::create(&world.app, &viewer, request).await)
            };
            assert_eq!(start(other.id).await, start(nobody).await);
        }
        let add = async |id: UserId| {
            refused(participants::add(&world.app, &viewer, own.id, &[id.to_string()], &Grounds::default()).await)
        };
        assert_eq!(add(other.id).await, add(nobody).await);
        assert_eq!(add(other.id).await[0].0, "user_unavailable");
    }
    unblock(&world.app, &world.viewer(&ada), ben.id).await.unwrap();
    assert_eq!(finds(&ben, &ada).await, (false, [true, true]));
    let id = world.direct(&ada, &ben).await.id;
    assert_eq!(finds(&ben, &ada).await, (true, [true, true]));
    // In a direct conversation they are known, until one of them blocks the other.
    block(&world.app, &world.viewer(&ben), ada.id).await.unwrap();
    assert!(direct(&world, &ada, id).await.blocked);
    assert_eq!(finds(&ada, &ben).await, (false, [false, false]));
    // The other one blocks whom they talked with all the same.
    block(&world.app, &world.viewer(&ada), ben.id).await.unwrap();
    let request = NewConversation { participant_ids: vec![ben.id.to_string()], ..NewConversation::default() };
    let again = conversations::create(&world.app, &world.viewer(&ada), request).await.unwrap();
    assert!(!again.is_new && again.view.conversation.id == id, "what they have, both still see");
}

/// A third, who knows nothing of a block, brings two together.
pub async fn a_third_brings_two_together(store: Adapter) {
    let world = World::new(store);
    let (ada, ben, eve) = (world.host("ada").await, world.host("ben").await, world.host("eve").await);
    world.group(&[&ada, &ben]).await;
    block(&world.app, &world.viewer(&ada), ben.id).await.unwrap();
    let viewer = world.viewer(&eve);
    let participant_ids = vec![ada.id.to_string(), ben.id.to_string()];
    let request = NewConversation { participant_ids: participant_ids.clone(), ..NewConversation::default() };
    conversations::create(&world.app, &viewer, request).await.unwrap();
    let group = world.group(&[&eve]).await;
    participants::add(&world.app, &viewer, group.id, &participant_ids, &Grounds::default()).await.unwrap();
    for user in [&ada, &ben] {
        assert!(send(&world.app, &world.viewer(user), group.id, "hello", None).await.unwrap());
    }
}

/// Whoever sends while the other one blocks them: once the block is made, nothing more is taken.
pub async fn nothing_is_sent_after_a_block(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let id = world.direct(&ada, &ben).await.id;
    for _ in 0..8 {
        let senders: Vec<_> = [&ada, &ben, &ada, &ben]
            .into_iter()
            .map(|user| {
                let (app, viewer) = (world.app.clone(), world.viewer(user));
                tokio::spawn(async move {
                    loop {
                        match send(&app, &viewer, id, "x", None).await {
                            Ok(_) => {}
                            Err(Error::Denied(Denied::Blocked)) => return,
                            Err(error) => panic!("{error}"),
                        }
                    }
                })
            })
            .collect();
        let before = direct(&world, &ada, id).await.last_seq;
        while direct(&world, &ada, id).await.last_seq == before {
            tokio::task::yield_now().await;
        }
        block(&world.app, &world.viewer(&ben), ada.id).await.unwrap();
        let last = direct(&world, &ada, id).await;
        assert!(last.blocked);
        for sender in senders {
            sender.await.unwrap();
        }
        assert_eq!(direct(&world, &ada, id).await, last, "nothing was sent after the block");
        unblock(&world.app, &world.viewer(&ben), ada.id).await.unwrap();
    }
}

/// Whoever starts a conversation, or adds somebody, holds up a block by either until it is done; and the other way round.
pub async fn a_block_and_a_start_wait_for_each_other(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    world.group(&[&ada, &ben]).await;
    for (one, other) in [(&ada, &ben), (&ben, &ada)] {
        let starting = world.begin().await;
        starting.users().find_joining(&[ada.id, ben.id]).await.unwrap();
        assert_eq!(starting.blocks().find_apart(ada.id, &[ben.id]).await.unwrap(), []);
        let viewer = world.viewer(one);
        let blocking = block(&world.app, &viewer, other.id);
        tokio::pin!(blocking);
        assert!(tokio::time::timeout(Duration::from_millis(100), &mut blocking).await.is_err(), "it did not wait");
        starting.commit().await.unwrap();
        blocking.await.unwrap();

        let lifting = world.begin().await;
        lifting.users().find_for_update(one.id).await.unwrap().unwrap();
        assert!(lifting.blocks().remove(one.id, other.id).await.unwrap());
        let starting = async {
            let tx = world.begin().await;
            tx.users().find_joining(&[ada.id, ben.id]).await.unwrap();
            tx.blocks().find_apart(ada.id, &[ben.id]).await.unwrap()
        };
        tokio::pin!(starting);
        assert!(tokio::time::timeout(Duration::from_millis(100), &mut starting).await.is_err(), "it did not wait");
        lifting.commit().await.unwrap();
        assert_eq!(starting.await, [], "it sees what it has waited for");
    }
}
