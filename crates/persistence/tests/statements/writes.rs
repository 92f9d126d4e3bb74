//! The statements of every use-case that writes: as many for a thousand participants as for three. Those that begin and
//! end its transaction are not counted.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::Arc;

use confab_application::accounts::{self, LogIn, NewAccount};
use confab_application::conversations::{self, ConversationPatch, Grounds, NewConversation, PreferencesPatch};
use confab_application::mail;
use confab_application::messages::{self, NewMessage, NewReport};
use confab_application::ports::{StoreError, Submission};
use confab_application::reports::{self, ReportPatch};
use confab_application::users::{self, ProfilePatch};
use confab_application::{App, Error, Precondition, Viewer, participants};
use confab_domain::{ConversationId, Origin, Role, User, UserState};
use confab_store_contract::testing::{PASSWORD, World};
use futures_util::FutureExt as _;

use crate::log;
use crate::support::Place;

/// What a new message takes: one statement reads, and one stores all that changes.
const APPEND: usize = 2;

/// What it takes where all is remembered that it is judged by: the one that stores asks whether it still is so.
const AGAIN: usize = 1;

/// Asserts the number of statements of every write.
///
/// Returns those of the log of messages, which look rows up before they write any.
pub async fn writes(place: &impl Place) -> Vec<String> {
    let store = place.store().await;
    // The users to whom a report refers are read with it on SQLite.
    let cards = usize::from(store.backend() != "sqlite");
    let world = World::new(Arc::new(store));
    account(&world.app).await;
    addresses(&world).await;
    let users = world.hosts(1000).await;
    let [ada, others @ ..] = users.as_slice() else { unreachable!() };
    let viewer = world.viewer(ada);
    let mut statements = BTreeSet::new();
    for count in [2, 999] {
        let others: Vec<&User> = others.iter().take(count).collect();
        let group = group(&world.app, &viewer, &others).await;
        talk(&world, &viewer, &world.viewer(others[0]), group).await;
        report(&world.app, &viewer, &world.viewer(others[0]), group, cards).await;
        // By somebody who is not remembered, at first.
        statements.extend(appends(&world, others[1], group).await);
        organise(&world.app, &viewer, &others, group).await;
    }
    let eve = world.viewer(&world.user("eve", Role::Guest).await);
    direct(&world.app, &viewer, &eve).await;
    block(&world.app, &viewer, &eve).await;
    depart(&world, others).await;
    statements.into_iter().collect()
}

async fn account(app: &App) {
    let account = NewAccount {
        email: "ben@example.org".to_owned(),
        password: PASSWORD.to_owned(),
        first_name: "Ben".to_owned(),
        last_name: "Lovelace".to_owned(),
        phone_number: None,
    };
    let email = account.email.clone();
    // The user, and the mail to them.
    counted(2, accounts::register(app, account)).await;
    // The credentials, read, and locked once they are right; the session, the failures before it, and the audit.
    let origin = Origin::default();
    let pair = counted(5, accounts::log_in(app, LogIn::new(&email, PASSWORD), &origin)).await;
    // As many for an account that exists as for one that does not.
    for email in [&email, "nobody@example.org"] {
        let refused = async {
            match accounts::log_in(app, LogIn::new(email, "wrong".to_owned()), &origin).await {
                Err(Error::Unauthenticated(_)) => Ok(()),
                other => Err(other),
            }
        };
        counted(3, refused).await;
    }
    // The session's new token; its user.
    let pair = counted(2, accounts::refresh(app, &pair.refresh_token, &origin)).await;
    let viewer = counted(1, accounts::authenticate(app, &pair.access_token)).await;
    let patch = ProfilePatch { first_name: Some("Benjamin".to_owned()), ..ProfilePatch::default() };
    // The user, read and written; only read where nothing changes.
    counted(2, users::change_profile(app, &viewer, patch.clone(), &Precondition::Any)).await;
    counted(1, users::change_profile(app, &viewer, patch, &Precondition::Any)).await;
    // The credentials, read and locked; the hash, the other sessions, the tokens, the audit and the mail.
    let new = "another password";
    counted(7, accounts::change_password(app, &viewer, PASSWORD.to_owned(), new.to_owned(), &origin)).await;
}

/// Whether somebody has an address cannot be told by what it takes to say nothing.
async fn addresses(world: &World) {
    let mut app = world.app.clone();
    app.settings.conceal_registration = true;
    let origin = Origin::default();
    let known = "ben@example.org";
    for (number, email) in [known, "nobody@example.org", known, "somebody@example.org"].into_iter().enumerate() {
        counted(1, mail::request_password_reset(&app, email)).await;
        counted(1, mail::request_verification(&app, email)).await;
        counted(3, accounts::log_in(&app, LogIn::new(email, "wrong password"), &origin).map(refused)).await;
        counted(1, mail::verify_email(&app, &format!("token {number}")).map(refused)).await;
        counted(1, mail::reset_password(&app, &format!("token {number}"), PASSWORD.to_owned(), &origin).map(refused))
            .await;
        let account = NewAccount {
            email: email.to_owned(),
            password: PASSWORD.to_owned(),
            first_name: "Ben".to_owned(),
            last_name: "Lovelace".to_owned(),
            phone_number: None,
        };
        // The first time it is new, and the second time it is not.
        counted(2, accounts::register(&app, account.clone())).await;
        counted(2, accounts::register(&app, account)).await;
    }
}

fn refused<T>(outcome: Result<T, Error>) -> Result<(), &'static str> {
    outcome.map_or(Ok(()), |_| Err("it was not refused"))
}

async fn group(app: &App, viewer: &Viewer, others: &[&User]) -> ConversationId {
    let participant_ids = others.iter().map(|user| user.id.to_string()).collect();
    let kind = Some("group".to_owned());
    let request = NewConversation { participant_ids, kind, title: None };
    // The users, and whether they have blocked each other; the conversation and its participants, written and then read, with the
    // cards of those who are shown.
    let created = counted(7, conversations::create(app, viewer, request)).await;
    assert_eq!(created.view.participants.len(), others.len() + 1);
    created.view.conversation.id
}

async fn direct(app: &App, one: &Viewer, other: &Viewer) {
    // As for a group, and whether there is one already; where there is, only that.
    for (from, to, count) in [(one, other, 8), (other, one, 5)] {
        let request = NewConversation { participant_ids: vec![to.user.id.to_string()], ..NewConversation::default() };
        counted(count, conversations::create(app, from, request)).await;
    }
}

async fn block(app: &App, one: &Viewer, other: &Viewer) {
    // The blocker, locked; the facts; the block, and the blocked one; their conversation, found, locked and written. None is made
    // twice.
    counted(7, users::block(app, one, other.user.id)).await;
    counted(2, users::block(app, one, other.user.id)).await;
    // The blocker, locked; the block; the conversation, found and locked; a block by the other; the conversation.
    counted(6, users::unblock(app, one, other.user.id)).await;
    counted(2, users::unblock(app, one, other.user.id)).await;
}

async fn talk(world: &World, ada: &Viewer, ben: &Viewer, group: ConversationId) {
    let app = &world.app;
    let say = |key: Option<&str>| NewMessage {
        body: "x".to_owned(),
        client_message_id: key.map(str::to_owned),
        ..NewMessage::default()
    };
    // The conversation, the sender and the key; and what they write, unless the key is known.
    counted(APPEND, messages::send(app, ada, group, say(None))).await;
    for _ in 0..3 {
        counted(AGAIN, messages::send(app, ada, group, say(None))).await;
    }
    assert!(counted(AGAIN, messages::send(app, ada, group, say(Some("key")))).await.is_new);
    // That it is not new is found first, and then what was said with it.
    assert!(!counted(2, messages::send(app, ada, group, say(Some("key")))).await.is_new);
    // The reader, read and written; the conversation; the count of what is unread.
    counted(4, conversations::mark_read(app, ben, group, 2)).await;
    counted(3, conversations::mark_read(app, ben, group, 1)).await;
    counted(3, conversations::mark_delivered(app, ben, group, 1)).await;
    counted(4, conversations::mark_unread(app, ben, group, 2)).await;
    counted(1, conversations::mark_all_read(app, ben)).await;

    // A stranger costs the same whether there is such a conversation or not.
    let stranger = world.viewer(&world.new_user("stranger", Role::Guest));
    for id in [group, world.id()] {
        let refused = async {
            match messages::send(app, &stranger, id, say(None)).await {
                Err(Error::NotFound(_)) => Ok(()),
                other => Err(other),
            }
        };
        counted(1, refused).await;
    }
}

/// A report, and what an admin makes of it.
async fn report(app: &App, sender: &Viewer, reporter: &Viewer, group: ConversationId, cards: usize) {
    let message = NewMessage { body: "x".to_owned(), ..NewMessage::default() };
    let message = messages::send(app, sender, group, message).await.unwrap().view.message.id;
    let new = || NewReport { reason: "spam".to_owned(), comment: None };
    // The conversation, the place, the message and an earlier report; the report, and the reporter. None is made twice.
    let report = counted(6 + cards, messages::report(app, reporter, group, message, new())).await.report;
    counted(4 + cards, messages::report(app, reporter, group, message, new())).await;
    let patch = ReportPatch { state: Some("resolved".to_owned()), ..ReportPatch::default() };
    let (origin, user) = (Origin::default(), UserState { role: Role::Admin, ..UserState::clone(&sender.user) });
    let admin = Viewer { user: Arc::new(User::restore(user)), ..sender.clone() };
    // The report, locked and written, and the audit; only read where nothing changes.
    counted(3, reports::change(app, &admin, report.id, patch.clone(), &Precondition::Any, &origin)).await;
    counted(1, reports::change(app, &admin, report.id, patch, &Precondition::Any, &origin)).await;
}

/// Changes of a group, as many for many as for few. The conversation and the caller's place; what is changed; the event,
/// the system message and the conversation; and the conversation, read again with its participants and their cards.
async fn organise(app: &App, owner: &Viewer, others: &[&User], group: ConversationId) {
    let (grounds, any) = (Grounds::default(), Precondition::Any);
    let patch = |title: &str| ConversationPatch { title: Some(Some(title.to_owned())), ..ConversationPatch::default() };
    counted(8, conversations::change(app, owner, group, patch("Engines"), &any, &grounds)).await;
    counted(5, conversations::change(app, owner, group, patch("Engines"), &any, &grounds)).await;
    let history = Some("from_start".to_owned());
    let patch = ConversationPatch { history, ..ConversationPatch::default() };
    counted(8, conversations::change(app, owner, group, patch, &any, &grounds)).await;
    let pinned = PreferencesPatch { pinned: Some(true), ..PreferencesPatch::default() };
    counted(3, conversations::set_preferences(app, owner, group, pinned)).await;
    // Two who leave and come back.
    let two: Vec<String> = others.iter().take(2).map(|user| user.id.to_string()).collect();
    for user in others.iter().take(2) {
        counted(8, participants::remove(app, owner, group, user.id, &grounds)).await;
    }
    counted(13, participants::add(app, owner, group, &two, &grounds)).await;
    // To somebody else.
    let next = others[0].id.to_string();
    counted(11, participants::hand_on(app, owner, group, &next, &grounds)).await;
}

/// Deletions: as many statements for someone whom a thousand know as for someone whom one does.
async fn depart(world: &World, users: &[User]) {
    for count in [2, 900] {
        let user = world.new_user(&format!("leaving{count}"), Role::Host);
        world.insert_user(&user).await;
        let everyone: Vec<&User> = std::iter::once(&user).chain(&users[..count]).collect();
        world.group(&everyone).await;
        // The credentials, the admins, and the row, locked; the row, its hash, the departure, the blocks, the sessions, two kinds of
        // tokens, the mails, the comments of reports, the failed log-ins, the origins and the entry. What there is to leave; the group, locked, with
        // the place and the participants; the next owner, the place, and twice an event and a message; the group; and that
        // all is left.
        let (viewer, origin) = (world.viewer(&user), Origin::default());
        counted(28, users::delete_account(&world.app, &viewer, PASSWORD.to_owned(), &origin)).await;
    }
}

/// Messages that are sent at once: those that share a batch take as many statements as one alone.
async fn appends(world: &World, sender: &User, id: ConversationId) -> BTreeSet<String> {
    const AT_ONCE: usize = 100;
    const BATCHES: usize = 6;
    let appended = async {
        let submissions = (0..AT_ONCE).map(|_| {
            let (log, draft) = (Arc::clone(&world.app.log), world.draft(sender, "x"));
            let submission = Submission { conversation_id: id, draft, now: world.now() };
            async move { log.append(submission).await.unwrap() }
        });
        // The first makes a batch of its own, behind which the others gather.
        let appended: Vec<_> = submissions.map(tokio::spawn).collect();
        for appended in appended {
            appended.await.unwrap();
        }
        Ok::<_, StoreError>(())
    };
    let texts: BTreeSet<_> = log::counted_up_to(BATCHES * APPEND, appended).await.1.into_iter().collect();
    // What reads, what stores, and on PostgreSQL what stores the first.
    assert!((APPEND..=APPEND + 1).contains(&texts.len()), "{texts:#?}");
    texts
}

/// Asserts that something takes so many statements.
async fn counted<T, E: Debug>(count: usize, write: impl Future<Output = Result<T, E>>) -> T {
    log::counted(count, write).await.0
}
