//! Many at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use confab_application::accounts::{self, LogIn, NewAccount, Registered};
use confab_application::conversations::{self, NewConversation};
use confab_application::messages::{self, NewMessage};
use confab_application::ports::{MessageFilter, Order, PageRequest, Position};
use confab_application::{App, Conflict, Error, Unauthenticated, Viewer};
use confab_domain::{ConversationId, Origin, Participant, ParticipantState, PasswordHash, Role, Seq, User, UserState};

use super::expect::{assert_gap_free, at_once, conversation, limit, list_all, participant, read_all, user};
use crate::Adapter;
use crate::testing::{PASSWORD, World};

const WRITERS: usize = 8;
const SENDERS: usize = 16;
const ROUNDS: usize = 5;

fn message(body: impl Into<String>, key: Option<&str>) -> NewMessage {
    NewMessage { body: body.into(), client_message_id: key.map(ToOwned::to_owned), ..NewMessage::default() }
}

/// Of eight writers who each read a user for update and change it five times, every change is kept.
pub async fn no_update_of_a_user_is_lost(store: Adapter) {
    let world = World::new(store);
    let ada = world.host("ada").await;
    let (app, id, start) = (world.app.clone(), ada.id, ada.updated_at);
    at_once(WRITERS, |_| {
        let app = app.clone();
        async move {
            for _ in 0..ROUNDS {
                let tx = app.store.begin().await.unwrap();
                let user = tx.users().find_for_update(id).await.unwrap().unwrap();
                let updated_at = user.updated_at.plus_seconds(1);
                let user = User::restore(UserState { updated_at, ..UserState::clone(&user) });
                tx.users().update(&user).await.unwrap();
                tx.commit().await.unwrap();
            }
        }
    })
    .await;
    let changes = user(world.store(), id).await.unwrap().updated_at.as_seconds() - start.as_seconds();
    assert_eq!(changes, (WRITERS * ROUNDS) as i64);
}

/// The same for a password's hash, which each writer makes longer by one.
pub async fn no_change_of_a_password_is_lost(store: Adapter) {
    let world = World::new(store);
    let ada = world.host("ada").await;
    let credentials = async || world.store().accounts().find_credentials(&ada.email).await.unwrap().unwrap();
    let before = credentials().await.password_hash.as_str().len();
    let (app, id) = (world.app.clone(), ada.id);
    at_once(WRITERS, |_| {
        let app = app.clone();
        async move {
            for _ in 0..ROUNDS {
                let tx = app.store.begin().await.unwrap();
                let found = tx.users().find_credentials_for_update(id).await.unwrap().unwrap();
                let longer = PasswordHash::restore(format!("{}x", found.password_hash.as_str()));
                tx.users().set_password_hash(id, &longer).await.unwrap();
                tx.commit().await.unwrap();
            }
        }
    })
    .await;
    assert_eq!(credentials().await.password_hash.as_str().len() - before, WRITERS * ROUNDS);
}

/// The same for a participant.
pub async fn no_update_of_a_participant_is_lost(store: Adapter) {
    let world = World::new(store);
    let ada = world.host("ada").await;
    let group = world.group(&[&ada]).await.id;
    let (app, id, ada) = (world.app.clone(), group, ada.id);
    at_once(WRITERS, |_| {
        let app = app.clone();
        async move {
            for _ in 0..ROUNDS {
                let tx = app.store.begin().await.unwrap();
                let found = tx.conversations().find_participant_for_update(id, ada).await.unwrap().unwrap();
                let next = found.last_read_seq.next();
                let changed = ParticipantState {
                    last_read_seq: next,
                    last_delivered_seq: next,
                    ..ParticipantState::clone(&found)
                };
                tx.conversations().update_participant(&Participant::restore(changed).unwrap()).await.unwrap();
                tx.commit().await.unwrap();
            }
        }
    })
    .await;
    let found = participant(world.store(), id, ada).await.unwrap();
    assert_eq!(found.last_read_seq.get(), (WRITERS * ROUNDS) as u64);
}

/// Sixteen who post with the calls of the use-case, each in a transaction of five messages: no seq is left out or given
/// twice, and the conversation ends at the last.
pub async fn seqs_have_no_gap_under_sixteen_transactions(store: Adapter) {
    let world = Arc::new(World::new(store));
    let users = world.hosts(SENDERS).await;
    let group = world.group(&users.iter().collect::<Vec<_>>()).await.id;
    let posted = at_once(SENDERS, |number| {
        let (world, sender) = (Arc::clone(&world), users[number].clone());
        async move {
            let mut posted = Vec::new();
            for _ in 0..ROUNDS {
                posted.extend(world.post(group, &sender, &["1", "2", "3", "4", "5"]).await);
            }
            posted
        }
    })
    .await;
    let count = SENDERS * ROUNDS * 5;
    let stored = read_all(world.store(), users[0].id, group).await;
    assert_gap_free(stored.iter().map(|view| view.message.seq), count);
    let mut posted: Vec<_> = posted.into_iter().flatten().collect();
    posted.sort_by_key(|message| message.seq);
    assert!(posted.iter().eq(stored.iter().map(|view| &view.message)));
    assert_eq!(conversation(world.store(), group).await.unwrap().last_seq.get(), count as u64);
}

async fn send_all(app: App, viewer: Viewer, id: ConversationId, count: usize) -> Vec<Seq> {
    let mut seqs = Vec::new();
    for _ in 0..count {
        let sent = messages::send(&app, &viewer, id, message("x", None)).await.unwrap();
        seqs.push(sent.view.message.seq);
    }
    seqs
}

/// The same through the use-case, in two conversations at once; and each sender's own seqs rise.
pub async fn seqs_have_no_gap_under_sixteen_senders(store: Adapter) {
    let world = World::new(store);
    let users = world.hosts(SENDERS).await;
    let everyone: Vec<&User> = users.iter().collect();
    let groups = [world.group(&everyone).await.id, world.group(&everyone).await.id];
    let sent = at_once(SENDERS, |number| {
        let (app, viewer) = (world.app.clone(), world.viewer(&users[number]));
        send_all(app, viewer, groups[number % 2], ROUNDS)
    })
    .await;
    for (number, group) in groups.into_iter().enumerate() {
        let stored = read_all(world.store(), users[0].id, group).await;
        assert_gap_free(stored.iter().map(|view| view.message.seq), SENDERS / 2 * ROUNDS);
        let mut seqs: Vec<Seq> = sent.iter().skip(number).step_by(2).flatten().copied().collect();
        seqs.sort_unstable();
        assert_gap_free(seqs, SENDERS / 2 * ROUNDS);
    }
    assert!(sent.iter().all(|seqs| seqs.is_sorted()));
}

/// Whoever follows a history from its start misses nothing, while eight send: messages appear in the order of their seqs.
pub async fn a_follower_misses_nothing_while_others_send(store: Adapter) {
    let world = World::new(store);
    let users = world.hosts(WRITERS).await;
    let group = world.group(&users.iter().collect::<Vec<_>>()).await.id;
    let count = WRITERS * ROUNDS * 2;
    let follower = {
        let (app, viewer) = (world.app.clone(), users[0].id);
        tokio::spawn(async move {
            let filter = MessageFilter { order: Order::OldestFirst, ..MessageFilter::default() };
            let mut seqs: Vec<Seq> = Vec::new();
            while seqs.len() < count {
                let position = seqs.last().map(|seq| Position::After(*seq));
                let page = PageRequest { limit: limit(100), position };
                let page = app.store.messages().history(viewer, group, &filter, &page).await.unwrap().unwrap();
                seqs.extend(page.items.iter().map(|view| view.message.seq));
                assert_gap_free(seqs.iter().copied(), seqs.len());
                tokio::task::yield_now().await;
            }
        })
    };
    at_once(WRITERS, |number| send_all(world.app.clone(), world.viewer(&users[number]), group, ROUNDS * 2)).await;
    follower.await.unwrap();
}

/// Of sixteen retries of one key one is new, and all get the same message.
pub async fn sixteen_retries_of_one_key_are_one_message(store: Adapter) {
    let world = World::new(store);
    let ada = world.host("ada").await;
    let group = world.group(&[&ada]).await.id;
    for key in ["one", "two", "three"] {
        let sent = at_once(SENDERS, |_| {
            let (app, viewer) = (world.app.clone(), world.viewer(&ada));
            async move { messages::send(&app, &viewer, group, message("hello", Some(key))).await.unwrap() }
        })
        .await;
        assert_eq!(sent.iter().filter(|sent| sent.is_new).count(), 1);
        assert!(sent.iter().all(|one| one.view == sent[0].view));
    }
    assert_gap_free(read_all(world.store(), ada.id, group).await.iter().map(|view| view.message.seq), 3);
}

/// Of sixteen who start a direct conversation of the same two, from both sides, one makes it and all get it.
pub async fn sixteen_starts_of_a_direct_conversation_make_one(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let created = at_once(SENDERS, |number| {
        let (from, to) = if number % 2 == 0 { (&ada, &ben) } else { (&ben, &ada) };
        let (app, viewer) = (world.app.clone(), world.viewer(from));
        let request = NewConversation { participant_ids: vec![to.id.to_string()], ..NewConversation::default() };
        async move { conversations::create(&app, &viewer, request).await.unwrap() }
    })
    .await;
    assert_eq!(created.iter().filter(|one| one.is_new).count(), 1);
    assert!(created.iter().all(|one| one.view.conversation.id == created[0].view.conversation.id));
    for user in [&ada, &ben] {
        assert_eq!(list_all(world.store(), user.id).await.len(), 1);
    }
}

/// Of sixteen who register one address, in two spellings, one gets it.
pub async fn sixteen_registrations_of_one_address_make_one_account(store: Adapter) {
    let world = World::new(store);
    let registered = at_once(SENDERS, |number| {
        let app = world.app.clone();
        let account = NewAccount {
            email: if number % 2 == 0 { "ada@example.org" } else { "ADA@example.org" }.to_owned(),
            password: PASSWORD.to_owned(),
            first_name: format!("Ada {number}"),
            last_name: "Lovelace".to_owned(),
            phone_number: None,
        };
        async move { accounts::register(&app, account).await }
    })
    .await;
    assert_eq!(registered.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    let taken = |outcome: &&Result<Registered, Error>| matches!(outcome, Err(Error::Conflict(Conflict::EmailTaken)));
    assert_eq!(registered.iter().filter(taken).count(), SENDERS - 1);
}

/// Sixteen uses of one refresh token, as of a client whose answers are lost, are all answered, and leave one token that is
/// good beside the one that was used; once it is used itself, that one is no good either, and its use ends the session.
pub async fn sixteen_uses_of_a_refresh_token_leave_one_good_pair(store: Adapter) {
    let world = World::new(store);
    let ada = world.user("ada", Role::Guest).await;
    let mut token = log_in(&world, &ada).await;
    for _ in 0..3 {
        let given = at_once(SENDERS, |_| {
            let (app, token) = (world.app.clone(), token.clone());
            async move { accounts::refresh(&app, &token, &Origin::default()).await.unwrap().refresh_token }
        })
        .await;
        let page = PageRequest::first(limit(10));
        let sessions = world.store().sessions().list(ada.id, world.now(), &page).await.unwrap().items;
        let [session] = sessions.as_slice() else { panic!("{sessions:?}") };
        let newest = given.iter().filter(|given| world.app.refresh_tokens.hash(given) == session.refresh_token.hash);
        let [newest] = newest.collect::<Vec<_>>()[..] else { panic!("one of the sixteen is good: {given:?}") };
        assert_eq!(session.previous_token, Some(world.app.refresh_tokens.hash(&token)));
        token.clone_from(newest);
    }
    let old = token.clone();
    let next = accounts::refresh(&world.app, &token, &Origin::default()).await.unwrap().refresh_token;
    let next = accounts::refresh(&world.app, &next, &Origin::default()).await.unwrap().refresh_token;
    for token in [&old, &next] {
        let refused = accounts::refresh(&world.app, token, &Origin::default()).await;
        assert!(matches!(refused, Err(Error::Unauthenticated(Unauthenticated::InvalidRefreshToken))), "{refused:?}");
    }
}

/// While two devices mark read and a third sends, the cursor of their user never goes back, and ends at the last message.
pub async fn a_read_cursor_never_goes_back(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let group = world.group(&[&ada, &ben]).await.id;
    world.post(group, &ben, &["x"; 20]).await;
    let done = Arc::new(AtomicBool::new(false));
    let watcher = {
        let (app, done) = (world.app.clone(), Arc::clone(&done));
        let (viewer, watched) = (ben.id, ada.id);
        tokio::spawn(async move {
            let mut seen = Seq::ZERO;
            while !done.load(Ordering::SeqCst) {
                let view = app.store.conversations().find(viewer, group).await.unwrap().unwrap();
                let place = view.participants.iter().find(|place| place.user.id == watched).unwrap();
                assert!(place.last_read_seq >= seen, "{:?} after {seen:?}", place.last_read_seq);
                seen = place.last_read_seq;
                tokio::task::yield_now().await;
            }
        })
    };
    at_once(3, |device| {
        let (app, viewer) = (world.app.clone(), world.viewer(&ada));
        async move {
            for step in 1..=20 {
                let seq = match device {
                    0 => step,
                    1 => 21 - step,
                    _ => {
                        messages::send(&app, &viewer, group, message("x", None)).await.unwrap();
                        continue;
                    }
                };
                let state = conversations::mark_read(&app, &viewer, group, seq).await.unwrap();
                assert!(state.last_read_seq.as_i64() >= seq);
            }
        }
    })
    .await;
    done.store(true, Ordering::SeqCst);
    watcher.await.unwrap();
    assert_eq!(participant(world.store(), group, ada.id).await.unwrap().last_read_seq.get(), 40);
}

async fn log_in(world: &World, user: &User) -> String {
    let pair =
        accounts::log_in(&world.app, LogIn::new(user.email.as_str(), PASSWORD.to_owned()), &Origin::default()).await;
    pair.unwrap().refresh_token
}
