//! The database itself keeps other people's history, whoever deletes a person behind the store's back.

use std::sync::Arc;

use confab_application::accounts::{self, LogIn, NewAccount};
use confab_application::{mail, messages, users};
use confab_domain::{Conversation, EmailAddress, Origin, User, UserAgent};
use confab_persistence::TABLES;
use confab_store_contract::testing::{PASSWORD, World};

use crate::support::Place;

pub async fn whoever_has_a_history_is_not_deleted(place: &impl Place) {
    let world = World::new(Arc::new(place.store().await));
    let users = world.hosts(6).await;
    let [owner, sender, member, creator, logged_in, idle] = users.as_slice() else { unreachable!() };
    let group = world.group(&[owner, member]).await;
    // Each of these has a row of one kind, and of no other.
    let (_, message) = group.post(world.draft(sender, "what was said"), world.now());
    let left = Conversation::create_group(world.id(), creator.id, None, 0, world.now());
    let tx = world.begin().await;
    tx.messages().insert(&message).await.unwrap();
    tx.conversations().insert(&left, &[]).await.unwrap();
    tx.sessions().insert(&world.new_session(logged_in, 1)).await.unwrap();
    tx.commit().await.unwrap();

    for (kept, why) in
        [(owner, "owns a group"), (sender, "wrote"), (member, "takes part"), (creator, "began"), (logged_in, "is in")]
    {
        assert!(!deleted(place, kept).await, "whoever {why} was deleted");
    }
    assert!(deleted(place, idle).await, "of whom nothing is kept");
    let view = world.store().messages().find(owner.id, group.id, message.id).await.unwrap().unwrap();
    assert_eq!((&view.message, view.sender.id), (&message, sender.id));
    let view = world.store().conversations().find(owner.id, group.id).await.unwrap().unwrap();
    assert_eq!(view.participants.len(), 2);
}

async fn deleted(place: &impl Place, user: &User) -> bool {
    let delete = format!("DELETE FROM users WHERE email_key = '{}'", user.email.key());
    match place.try_execute(&delete).await {
        Ok(()) => true,
        Err(error) => {
            let refusal = error.to_string().to_lowercase();
            assert!(refusal.contains("foreign key"), "{refusal}");
            false
        }
    }
}

/// Whatever column there is, now or next year: nothing in any of them tells who a deleted user was.
pub async fn nothing_tells_who_a_deleted_user_was(place: &impl Place) {
    let world = World::new(Arc::new(place.store().await));
    let app = &world.app;
    let email = "Zwentibold@example.org";
    let account = NewAccount {
        email: email.to_owned(),
        password: PASSWORD.to_owned(),
        first_name: "Zwentibold".to_owned(),
        last_name: "Of-Lotharingia".to_owned(),
        phone_number: Some("+442079460958".to_owned()),
    };
    accounts::register(app, account).await.unwrap();
    let user_agent = UserAgent::of_header("Reliquary/1.0");
    let origin = Origin { address: "192.0.2.77".parse().ok(), user_agent, request_id: Some("a request".to_owned()) };
    for password in ["wrong password", PASSWORD] {
        let device_name = Some("Throne".to_owned());
        let log_in = LogIn { device_name, ..LogIn::new(email, password) };
        assert_eq!(accounts::log_in(app, log_in, &origin).await.is_ok(), password == PASSWORD);
    }
    mail::request_password_reset(app, email).await.unwrap();
    let user =
        world.store().accounts().find_credentials(&EmailAddress::parse(email).unwrap()).await.unwrap().unwrap().user;
    let owner = world.host("ada").await;
    let group = world.group(&[&owner, &user]).await;
    world.post(group.id, &user, &["what was said stays"]).await;
    let of_owner = world.post(group.id, &owner, &["what was reported"]).await;
    let report = messages::NewReport { reason: "other".to_owned(), comment: Some("Zwentibold is told off".to_owned()) };
    messages::report(app, &world.viewer(&user), group.id, of_owner[0].id, report).await.unwrap();

    let traces = ["zwentibold", "lotharingia", "2079460958", "192.0.2.77", "reliquary", "throne", "plain$"];
    let found = async || {
        let mut found = Vec::new();
        for (table, column) in place.columns().await {
            for trace in traces {
                // The password of those who are still there is the same.
                let others = if table == "users" { "AND email_key NOT LIKE 'ada@%'" } else { "" };
                let like = format!("lower(CAST(\"{column}\" AS TEXT)) LIKE '%{trace}%' {others}");
                if table != "message_search" && place.count(&table, &like).await > 0 {
                    found.push(trace);
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    };
    let mut all = traces.to_vec();
    all.sort_unstable();
    assert_eq!(found().await, all, "before, all of it is there, or the search proves nothing");
    users::delete_account(app, &world.viewer(&user), PASSWORD.to_owned(), &origin).await.unwrap();
    assert_eq!(found().await, [""; 0]);
    assert_eq!(place.count("messages", "body = 'what was said stays'").await, 1);
    // Of who is left there is nothing in these.
    for table in TABLES.iter().filter(|table| table.goes) {
        assert_eq!(place.count(table.name, "1 = 1").await, 0, "{}", table.name);
    }
}
