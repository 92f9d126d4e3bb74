//! The log of messages: what is appended, what is refused, and many at once.

use std::collections::HashMap;
use std::sync::Arc;

use confab_application::conversations::{self, ConversationPatch, Grounds};

use confab_application::ports::{AppendError, Appended, Submission};
use confab_application::{Precondition, participants, users};
use confab_domain::{
    ClientMessageId, ConversationId, Denied, Draft, Message, MessageBody, PostingRefused, Role, Seq, User, UserState,
};

use super::expect::{assert_gap_free, at_once, conversation, participant, read_all};
use crate::Adapter;
use crate::testing::World;

const STRANGER: PostingRefused = PostingRefused::Denied(Denied::NotAParticipant);

/// A text of a sender for a conversation, with a key or without one.
fn submission(world: &World, id: ConversationId, sender: &User, text: &str, key: Option<&str>) -> Submission {
    let client_message_id = key.map(|key| ClientMessageId::parse(key).unwrap());
    let draft = Draft { client_message_id, ..world.draft(sender, text) };
    Submission { conversation_id: id, draft, now: world.now() }
}

fn new(outcome: Result<Appended, AppendError>) -> Message {
    match outcome {
        Ok(Appended::New(message)) => message,
        other => panic!("not a new message: {other:?}"),
    }
}

fn refusal(outcome: Result<Appended, AppendError>) -> PostingRefused {
    match outcome {
        Err(AppendError::Refused(reason)) => reason,
        other => panic!("not refused: {other:?}"),
    }
}

/// Changes a stored user.
async fn change(world: &World, user: &User, change: impl FnOnce(&mut UserState)) {
    let mut state = UserState::clone(user);
    change(&mut state);
    let tx = world.begin().await;
    tx.users().update(&User::restore(state)).await.unwrap();
    tx.commit().await.unwrap();
}

/// A message gets the next place, moves its conversation, has been read by its sender, and is seen by every reader as
/// soon as it is answered.
pub async fn an_appended_message_is_there_for_every_reader(storage: Adapter) {
    let world = World::new(storage);
    let (ada, ben) = (world.host("ada").await, world.user("ben", Role::Guest).await);
    let id = world.group_named(Some("Engines"), &[&ada, &ben]).await.id;
    for (place, sender) in [(1, &ada), (2, &ben), (3, &ada)] {
        world.clock.advance_seconds(1);
        let draft = submission(&world, id, sender, "x\n", None);
        let message = new(world.app.log.append(draft.clone()).await);
        assert_eq!((message.id, message.conversation_id, message.sender_id), (draft.draft.id, id, sender.id));
        assert_eq!((message.seq.get(), message.version.get(), message.sent_at), (place, place, world.now()));
        let view = world.store().conversations().find(ben.id, id).await.unwrap().unwrap();
        assert_eq!((view.conversation.last_seq, view.conversation.version), (message.seq, message.version));
        assert_eq!(view.conversation.last_activity_at, world.now());
        assert_eq!(view.conversation.title.as_ref().unwrap().as_str(), "Engines");
        assert_eq!(view.last_message.unwrap().message, message);
        assert_eq!(world.store().messages().find(ada.id, id, message.id).await.unwrap().unwrap().message, message);
        assert_eq!(participant(world.store(), id, sender.id).await.unwrap().last_read_seq, message.seq);
    }
    assert_eq!(participant(world.store(), id, ben.id).await.unwrap().last_read_seq.get(), 2);
}

/// Times never run backwards in a conversation, and none is lost of what a message holds.
pub async fn appended_messages_come_back_as_they_were_answered(storage: Adapter) {
    let world = World::new(storage);
    let ada = world.host("ada").await;
    let id = world.group(&[&ada]).await.id;
    let mut appended = Vec::new();
    let longest = "😀".repeat(MessageBody::MAX_CHARACTERS);
    let every_ascii: String = ('\u{1}'..='\u{7f}').collect();
    let texts = [" ", "123", "null", "\"'\\", "{\"a\":[1]}", "e\u{301}\u{feff}\u{202e}", "\u{fffe}\u{10ffff}"];
    for (number, text) in texts.into_iter().chain([every_ascii.as_str(), longest.as_str()]).enumerate() {
        if number == 3 {
            world.clock.set(confab_domain::Timestamp::from_micros(0).unwrap());
        }
        let key = format!("{number}{}", "~".repeat(ClientMessageId::MAX_CHARACTERS - 1));
        appended.push(new(world.app.log.append(submission(&world, id, &ada, text, Some(&key))).await));
        assert_eq!(appended[number].body(), text);
    }
    assert!(appended.is_sorted_by_key(|message| message.sent_at));
    let stored = read_all(world.store(), ada.id, id).await;
    assert!(stored.iter().map(|view| &view.message).eq(&appended));
}

/// A key is its sender's own, in one conversation, letter for letter: with it, the first message is the answer, or a
/// conflict.
pub async fn a_key_finds_the_sender_s_own_message_in_that_conversation(storage: Adapter) {
    let world = World::new(storage);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let (one, other) = (world.group(&[&ada, &ben]).await.id, world.group(&[&ada, &ben]).await.id);
    let append = async |id, sender, text, key| {
        let submission = submission(&world, id, sender, text, Some(key));
        world.app.log.append(submission).await
    };
    let mut all: HashMap<_, Message> = HashMap::new();
    for (id, sender) in [(one, &ada), (one, &ben), (other, &ada), (other, &ben)] {
        for key in ["key", "KEY", "Key", "ke", "k%", "ke_", "keys", "123", "\"'\\"] {
            all.insert((id, sender.id, key), new(append(id, sender, "x", key).await));
        }
    }
    world.clock.advance_seconds(60);
    for ((id, sender, key), message) in &all {
        let sender = if *sender == ada.id { &ada } else { &ben };
        assert_eq!(append(*id, sender, "x", key).await.unwrap(), Appended::Earlier(message.clone()));
        assert_eq!(refusal(append(*id, sender, "y", key).await), PostingRefused::KeyReused);
    }
    assert_gap_free(read_all(world.store(), ada.id, one).await.iter().map(|view| view.message.seq), all.len() / 2);
}

/// Whoever is not in a conversation, and whoever has been suspended since, leaves no trace; a stranger learns nothing.
pub async fn whoever_may_not_send_leaves_no_trace(storage: Adapter) {
    let world = World::new(storage);
    let (ada, ben, eve) = (world.host("ada").await, world.host("ben").await, world.user("eve", Role::Admin).await);
    let group = world.group(&[&ada, &ben]).await;
    let nobody = world.new_user("nobody", Role::Admin);
    let append = async |id, sender, key| world.app.log.append(submission(&world, id, sender, "x", Some(key))).await;
    new(append(group.id, &ada, "key").await);
    let before = conversation(world.store(), group.id).await;
    assert_eq!(refusal(append(group.id, &eve, "key").await), STRANGER);
    assert_eq!(refusal(append(world.id(), &eve, "key").await), STRANGER);
    assert_eq!(refusal(append(world.id(), &ada, "key").await), STRANGER);
    assert_eq!(refusal(append(group.id, &nobody, "key").await), STRANGER);
    change(&world, &ada, |state| state.active = false).await;
    assert_eq!(refusal(append(group.id, &ada, "another").await), PostingRefused::Inactive);
    assert_eq!(conversation(world.store(), group.id).await, before);
    change(&world, &ada, |state| state.role = Role::Guest).await;
    assert_eq!(new(append(group.id, &ada, "another").await).seq.get(), 2);
}

/// Whatever is done between two messages decides the second, however much may be remembered of the first.
pub async fn what_has_changed_since_the_last_message_decides(storage: Adapter) {
    let world = World::new(storage);
    let (ada, ben, cleo) = (world.host("ada").await, world.host("ben").await, world.host("cleo").await);
    let (app, owner) = (&world.app, world.viewer(&ada));
    let id = world.group(&[&ada, &ben, &cleo]).await.id;
    let say = async |sender: &User| app.log.append(submission(&world, id, sender, "x", None)).await;
    let every_one_may = async || {
        for sender in [&ada, &ben, &cleo, &ada, &ben] {
            new(say(sender).await);
        }
    };
    let change = async |patch: ConversationPatch| {
        conversations::change(app, &owner, id, patch, &Precondition::Any, &Grounds::default()).await.unwrap();
    };
    every_one_may().await;
    participants::remove(app, &owner, id, ben.id, &Grounds::default()).await.unwrap();
    assert_eq!(refusal(say(&ben).await), STRANGER);
    // What somebody else then says tells nothing of the one who has left.
    new(say(&ada).await);
    assert_eq!(refusal(say(&ben).await), STRANGER);
    participants::add(app, &owner, id, &[ben.id.to_string()], &Grounds::default()).await.unwrap();
    every_one_may().await;
    change(ConversationPatch { title: Some(Some("Engines".to_owned())), ..Default::default() }).await;
    every_one_may().await;
    change(ConversationPatch { announcement: Some(true), ..Default::default() }).await;
    new(say(&ada).await);
    assert_eq!(refusal(say(&cleo).await), PostingRefused::Denied(Denied::NotTheOwner));
    change(ConversationPatch { announcement: Some(false), ..Default::default() }).await;
    every_one_may().await;
    change(ConversationPatch { closed: Some(true), ..Default::default() }).await;
    assert_eq!(refusal(say(&ada).await), PostingRefused::Closed);
    change(ConversationPatch { closed: Some(false), ..Default::default() }).await;
    every_one_may().await;
    let seqs = read_all(world.store(), ada.id, id).await;
    assert_gap_free(seqs.iter().map(|view| view.message.seq), seqs.len());

    let direct = world.direct(&ada, &ben).await.id;
    let say = async |sender: &User| app.log.append(submission(&world, direct, sender, "x", None)).await;
    for sender in [&ada, &ben, &ada] {
        new(say(sender).await);
    }
    users::block(app, &world.viewer(&ben), ada.id).await.unwrap();
    for sender in [&ada, &ben, &ada] {
        refusal(say(sender).await);
    }
    users::unblock(app, &world.viewer(&ben), ada.id).await.unwrap();
    for sender in [&ada, &ben, &ada] {
        new(say(sender).await);
    }
    let seqs = read_all(world.store(), ada.id, direct).await;
    assert_gap_free(seqs.iter().map(|view| view.message.seq), 6);
}

/// Sixty-four who send to ten conversations: no seq is left out or given twice, each sender's own rise, and what was
/// answered is what is kept.
pub async fn seqs_have_no_gap_under_sixty_four_senders(storage: Adapter) {
    const SENDERS: usize = 64;
    const EACH: usize = 10;
    let world = Arc::new(World::new(storage));
    let users = world.hosts(SENDERS).await;
    let everyone: Vec<&User> = users.iter().collect();
    let mut groups = Vec::new();
    for _ in 0..10 {
        groups.push(world.group(&everyone).await.id);
    }
    let appended = at_once(SENDERS, |number| {
        let (world, sender, groups) = (Arc::clone(&world), users[number].clone(), groups.clone());
        async move {
            let mut appended = Vec::new();
            for round in 0..EACH {
                let id = groups[(number + round) % groups.len()];
                let text = format!("{number}/{round}");
                appended.push(new(world.app.log.append(submission(&world, id, &sender, &text, None)).await));
            }
            appended
        }
    })
    .await;
    let mut stored = Vec::new();
    for id in groups {
        let messages = read_all(world.store(), users[0].id, id).await;
        assert_gap_free(messages.iter().map(|view| view.message.seq), SENDERS * EACH / 10);
        stored.extend(messages.into_iter().map(|view| view.message));
    }
    let mut appended: Vec<Message> = appended.into_iter().flatten().collect();
    appended.sort_by_key(|message| (message.conversation_id, message.seq));
    stored.sort_by_key(|message| (message.conversation_id, message.seq));
    assert_eq!(appended, stored);
}

/// Of sixteen retries of one key, beside sixteen with another text, one message is new, and the others are it or a
/// conflict.
pub async fn retries_at_once_are_one_message(storage: Adapter) {
    let world = Arc::new(World::new(storage));
    let ada = world.host("ada").await;
    let id = world.group(&[&ada]).await.id;
    for round in 1..=5 {
        let key = format!("key{round}");
        let outcomes = at_once(32, |number| {
            let text = if number % 2 == 0 { "even" } else { "odd" };
            let (world, submission) = (Arc::clone(&world), submission(&world, id, &ada, text, Some(&key)));
            async move { world.app.log.append(submission).await }
        })
        .await;
        let (mut first, mut earlier, mut refused) = (Vec::new(), Vec::new(), 0);
        for outcome in outcomes {
            match outcome {
                Ok(Appended::New(message)) => first.push(message),
                Ok(Appended::Earlier(message)) => earlier.push(message),
                Err(AppendError::Refused(PostingRefused::KeyReused)) => refused += 1,
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!((first.len(), earlier.len(), refused), (1, 15, 16));
        assert!(earlier.iter().all(|message| *message == first[0]));
    }
    assert_gap_free(read_all(world.store(), ada.id, id).await.iter().map(|view| view.message.seq), 5);
}

/// Refusals and conflicts among good ones, all at once: each gets its own answer, and the good ones have no gap.
pub async fn a_refusal_touches_nobody_else(storage: Adapter) {
    let world = Arc::new(World::new(storage));
    let (ada, ben, eve) = (world.host("ada").await, world.host("ben").await, world.host("eve").await);
    let id = world.group(&[&ada, &ben]).await.id;
    let other = world.group(&[&ada]).await.id;
    new(world.app.log.append(submission(&world, id, &ada, "first", Some("used"))).await);
    change(&world, &ben, |state| state.active = false).await;
    let missing: ConversationId = world.id();
    let outcomes = at_once(60, |number| {
        let submission = match number % 6 {
            0 => submission(&world, id, &eve, "a stranger's", None),
            1 => submission(&world, id, &ada, "another text", Some("used")),
            2 => submission(&world, missing, &ada, "nowhere", None),
            3 => submission(&world, id, &ben, "a suspended member's", None),
            4 => submission(&world, other, &ada, "good", None),
            _ => submission(&world, id, &ada, "good", None),
        };
        let world = Arc::clone(&world);
        async move { world.app.log.append(submission).await }
    })
    .await;
    for (number, outcome) in outcomes.into_iter().enumerate() {
        match number % 6 {
            0 | 2 => assert_eq!(refusal(outcome), STRANGER),
            1 => assert_eq!(refusal(outcome), PostingRefused::KeyReused),
            3 => assert_eq!(refusal(outcome), PostingRefused::Inactive),
            _ => assert_eq!(new(outcome).body(), "good"),
        }
    }
    assert_gap_free(read_all(world.store(), ada.id, id).await.iter().map(|view| view.message.seq), 11);
    assert_gap_free(read_all(world.store(), ada.id, other).await.iter().map(|view| view.message.seq), 10);
}

/// Transactions that hold a conversation, and the log: one order.
pub async fn the_log_keeps_its_order_with_transactions(storage: Adapter) {
    const EACH: usize = 10;
    let world = Arc::new(World::new(storage));
    let users = world.hosts(16).await;
    let id = world.group(&users.iter().collect::<Vec<_>>()).await.id;
    at_once(16, |number| {
        let (world, sender) = (Arc::clone(&world), users[number].clone());
        async move {
            let mut last = Seq::ZERO;
            for _ in 0..EACH {
                let seq = if number % 4 == 0 {
                    world.post(id, &sender, &["in a transaction"]).await[0].seq
                } else {
                    new(world.app.log.append(submission(&world, id, &sender, "in the log", None)).await).seq
                };
                assert!(seq > last);
                last = seq;
            }
        }
    })
    .await;
    assert_gap_free(read_all(world.store(), users[0].id, id).await.iter().map(|view| view.message.seq), 16 * EACH);
    let group = conversation(world.store(), id).await.unwrap();
    assert_eq!((group.last_seq.get(), group.version.get()), (160, 160));
}

/// While a transaction holds a conversation, the log waits for it, and goes by what it has committed.
pub async fn the_log_waits_for_a_transaction(storage: Adapter) {
    let world = Arc::new(World::new(storage));
    let ada = world.host("ada").await;
    let group = world.group(&[&ada]).await;
    let tx = world.begin().await;
    let held = tx.conversations().find_for_update(ada.id, group.id).await.unwrap().unwrap();
    let waits = tokio::spawn({
        let (world, submission) = (Arc::clone(&world), submission(&world, group.id, &ada, "second", None));
        async move { world.app.log.append(submission).await }
    });
    let (moved, first) = held.post(world.draft(&ada, "first"), world.now());
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!waits.is_finished());
    tx.messages().insert(&first).await.unwrap();
    tx.conversations().update(&moved).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(new(waits.await.unwrap()).seq.get(), 2);
}

/// Whoever goes away while a message is appended leaves it there whole, or not at all, and a retry finds out.
pub async fn whoever_goes_away_leaves_all_or_nothing(storage: Adapter) {
    let world = Arc::new(World::new(storage));
    let ada = world.host("ada").await;
    let id = world.group(&[&ada]).await.id;
    for round in 0..20 {
        let key = format!("key{round}");
        let tasks: Vec<_> = (0..4)
            .map(|_| {
                let (world, submission) = (Arc::clone(&world), submission(&world, id, &ada, "x", Some(&key)));
                tokio::spawn(async move { world.app.log.append(submission).await })
            })
            .collect();
        for _ in 0..round {
            tokio::task::yield_now().await;
        }
        tasks.iter().for_each(tokio::task::JoinHandle::abort);
        world.app.log.append(submission(&world, id, &ada, "x", Some(&key))).await.unwrap();
    }
    assert_gap_free(read_all(world.store(), ada.id, id).await.iter().map(|view| view.message.seq), 20);
    assert_eq!(participant(world.store(), id, ada.id).await.unwrap().last_read_seq.get(), 20);
}
