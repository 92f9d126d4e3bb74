//! What becomes of users who are deleted.

use std::time::Duration;

use confab_application::ports::{Limit, PageRequest};
use confab_domain::{
    AuditEntry, AuditKind, EmailAddress, MailKind, Origin, OutgoingMail, PasswordHash, Role, UserAgent, UserId,
};

use crate::Adapter;
use crate::testing::World;

/// A deleted user comes back as such, and leaves the address to others.
pub async fn a_deleted_user_comes_back_as_one(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let group = world.group(&[&ben, &ada]).await;
    let tx = world.begin().await;
    let found = tx.users().find_for_deletion(ada.id).await.unwrap().unwrap();
    assert_eq!(found.user, ada);
    assert_eq!(tx.users().find_for_deletion(world.id()).await.unwrap(), None);
    let deleted = ada.deleted(world.now());
    tx.users().update(&deleted).await.unwrap();
    tx.users().set_password_hash(ada.id, &PasswordHash::of_nobody()).await.unwrap();
    let again = world.new_user("ada", Role::Guest);
    tx.users().insert(&again, &PasswordHash::of_nobody()).await.unwrap();
    tx.commit().await.unwrap();

    let tx = world.begin().await;
    assert_eq!(tx.users().find_for_update(ada.id).await.unwrap(), Some(deleted.clone()));
    assert_eq!(tx.users().find_joining(&[ada.id, world.id()]).await.unwrap(), [deleted]);
    drop(tx);
    let found = world.store().accounts().find_credentials(&ada.email).await.unwrap().unwrap();
    assert_eq!(found.user, again);
    let view = world.store().conversations().find(ben.id, group.id).await.unwrap().unwrap();
    let cards = view.participants.iter().map(|participant| &participant.user);
    let shown: Vec<_> = cards.map(|card| (card.id, card.first_name.as_str(), card.deleted)).collect();
    assert_eq!(shown, [(ada.id, "Deleted", true), (ben.id, "ben", false)]);
}

/// Whoever has yet to leave their conversations is found until they have.
pub async fn departures_are_noted_and_done_with(store: Adapter) {
    let world = World::new(store);
    let users = world.hosts(3).await;
    let departing = async || world.store().accounts().find_departing().await.unwrap();
    assert_eq!(departing().await, None);
    let tx = world.begin().await;
    for user in &users[1..] {
        tx.users().depart(user.id).await.unwrap();
    }
    tx.commit().await.unwrap();
    for user in &users[1..] {
        assert_eq!(departing().await, Some(user.id));
        let tx = world.begin().await;
        // Once more changes nothing.
        for _ in 0..2 {
            tx.users().have_departed(user.id).await.unwrap();
        }
        tx.commit().await.unwrap();
    }
    assert_eq!(departing().await, None);
}

/// What there is to leave: groups, and direct conversations that are open, a limited number at once.
pub async fn what_there_is_to_leave_is_listed(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let mut groups = Vec::new();
    for _ in 0..3 {
        groups.push(world.group(&[&ada, &ben]).await.id);
    }
    world.group(&[&ben]).await;
    let direct = world.direct(&ada, &ben).await;
    let list = async |limit| {
        let limit = Limit::new(limit).unwrap();
        world.store().conversations().list_to_leave(ada.id, limit).await.unwrap()
    };
    let mut all = groups.clone();
    all.push(direct.id);
    all.sort_unstable();
    assert_eq!(list(100).await, all);
    assert_eq!(list(2).await, all[..2]);

    let tx = world.begin().await;
    let found = tx.conversations().find_for_update(ada.id, direct.id).await.unwrap().unwrap();
    let change = confab_domain::ConversationChange { closed: Some(true), ..Default::default() };
    let (closed, _) = found.with(change, world.now()).unwrap();
    tx.conversations().update(&closed).await.unwrap();
    assert_eq!(tx.conversations().list_to_leave(ada.id, Limit::MAX_PAGE).await.unwrap(), groups);
    tx.commit().await.unwrap();
    assert_eq!(list(100).await, groups);
}

/// From where a deleted user came is forgotten, and from where others came is not.
pub async fn origins_are_forgotten(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let origin = Origin {
        address: "192.0.2.7".parse().ok(),
        user_agent: UserAgent::of_header("curl"),
        request_id: Some("a request".to_owned()),
    };
    let entry = |kind, subject: UserId, actor_id| AuditEntry {
        actor_id,
        ..world.app.audit_entry(kind, Some(subject), &origin)
    };
    let theirs = [
        entry(AuditKind::LoggedIn, ada.id, Some(ada.id)),
        entry(AuditKind::LogInFailed, ada.id, None),
        entry(AuditKind::Suspended, ben.id, Some(ada.id)),
    ];
    let others = [
        entry(AuditKind::Suspended, ada.id, Some(ben.id)),
        entry(AuditKind::LoggedIn, ben.id, Some(ben.id)),
        entry(AuditKind::LogInFailed, ben.id, None),
    ];
    let tx = world.begin().await;
    for entry in theirs.iter().chain(&others) {
        tx.audit().append(entry).await.unwrap();
    }
    tx.audit().forget_origins(ada.id).await.unwrap();
    tx.commit().await.unwrap();

    let forgotten = Origin { request_id: origin.request_id.clone(), ..Origin::default() };
    let theirs = theirs.map(|entry| AuditEntry { origin: forgotten.clone(), ..entry });
    let mut kept: Vec<AuditEntry> = Vec::new();
    for user in [&ada, &ben] {
        let page = PageRequest::first(Limit::MAX_PAGE);
        kept.extend(world.store().audit().list(user.id, &page).await.unwrap().items);
    }
    kept.sort_by_key(|entry| entry.id);
    let mut wanted: Vec<AuditEntry> = theirs.into_iter().chain(others).collect();
    wanted.sort_by_key(|entry| entry.id);
    assert_eq!(kept, wanted);
}

/// Mails to an address go, whatever became of them, and those to another stay.
pub async fn mails_to_an_address_are_forgotten(store: Adapter) {
    let world = World::new(store);
    let email = |text: &str| EmailAddress::parse(text).unwrap();
    let tx = world.begin().await;
    for to in ["ada@example.org", "ben@example.org"] {
        for kind in [MailKind::Registration, MailKind::PasswordReset] {
            let mail = OutgoingMail { id: world.id(), kind, email: email(to), created_at: world.now() };
            tx.mails().enqueue(&mail, world.now()).await.unwrap();
        }
    }
    tx.mails().forget_mails_to(&email("Ada@Example.org")).await.unwrap();
    let claimed = tx.mails().claim(100, world.now(), world.now().plus_seconds(60)).await.unwrap();
    let to: Vec<&str> = claimed.iter().map(|claimed| claimed.mail.email.as_str()).collect();
    assert_eq!(to, ["ben@example.org", "ben@example.org"]);
    tx.commit().await.unwrap();
}

/// Nobody is deleted while they are being added to a conversation: whoever deletes them waits, and then finds it.
pub async fn whoever_is_joining_is_not_deleted_meanwhile(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let joining = world.begin().await;
    assert!(joining.users().find_joining(&[ada.id, ben.id]).await.unwrap().iter().all(|user| user.active));
    let deleting = async {
        let tx = world.begin().await;
        tx.users().find_for_deletion(ada.id).await.unwrap().unwrap();
        tx.users().update(&ada.deleted(world.now())).await.unwrap();
        tx.commit().await.unwrap();
    };
    tokio::pin!(deleting);
    assert!(tokio::time::timeout(Duration::from_millis(200), &mut deleting).await.is_err(), "it did not wait");
    joining.commit().await.unwrap();
    deleting.await;
    let tx = world.begin().await;
    let found = tx.users().find_joining(&[ada.id]).await.unwrap();
    assert!(!found[0].active && found[0].deleted_at.is_some());
}
