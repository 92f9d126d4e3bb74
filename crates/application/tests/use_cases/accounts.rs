//! Registering, logging in, refreshing, and being recognised.

use confab_application::accounts::{
    LogIn, NewAccount, Registered, TokenPair, authenticate, create, log_in, refresh, register,
};
use confab_application::ports::{Limit, PageRequest};
use confab_application::{Conflict, Error, Unauthenticated};
use confab_domain::{AuditKind, Origin, Role, User};
use confab_store_contract::testing::{PASSWORD, World};

use crate::{change, fault, faults, suspend, unauthenticated, world};

fn account() -> NewAccount {
    NewAccount {
        email: " Ada@Example.org ".to_owned(),
        password: PASSWORD.to_owned(),
        first_name: " Ada ".to_owned(),
        last_name: "Lovelace".to_owned(),
        phone_number: Some("+44 20 7946 0958".to_owned()),
    }
}

async fn logged_in(world: &World, user: &User) -> TokenPair {
    log_in(&world.app, LogIn::new(user.email.as_str(), PASSWORD.to_owned()), &Origin::default()).await.unwrap()
}

#[tokio::test]
async fn whoever_registers_is_an_active_guest() {
    let world = world();
    let Registered::Made(ada) = register(&world.app, account()).await.unwrap() else { panic!("it is not concealed") };
    assert_eq!((ada.role, ada.active), (Role::Guest, true));
    assert_eq!((ada.created_at, ada.updated_at), (world.now(), world.now()));
    assert_eq!(ada.email.as_str(), "Ada@Example.org");
    assert_eq!(ada.profile.first_name.as_str(), "Ada");
    assert_eq!(ada.profile.phone_number.as_ref().map(|number| number.as_str()), Some("+442079460958"));
    let pair = log_in(&world.app, LogIn::new("ADA@example.org", PASSWORD), &Origin::default()).await.unwrap();
    assert_eq!(authenticate(&world.app, &pair.access_token).await.unwrap().user.as_ref(), ada.as_ref());
}

#[tokio::test]
async fn an_operator_gives_a_role() {
    let world = world();
    assert_eq!(create(&world.app, account(), Role::Admin).await.unwrap().role, Role::Admin);
}

#[tokio::test]
async fn every_fault_of_a_registration_is_told_at_once() {
    let world = world();
    let wrong = NewAccount {
        email: "ada".to_owned(),
        password: "short".to_owned(),
        first_name: " ".to_owned(),
        last_name: "x".repeat(101),
        phone_number: Some("0800".to_owned()),
    };
    let wanted = [
        fault("email", "malformed"),
        fault("password", "too_short"),
        fault("first_name", "empty"),
        fault("last_name", "too_long"),
        fault("phone_number", "malformed"),
    ];
    assert_eq!(faults(register(&world.app, wrong).await), wanted);
}

#[tokio::test]
async fn an_address_is_taken_in_whatever_case() {
    let world = world();
    register(&world.app, account()).await.unwrap();
    let again = NewAccount { email: "ADA@EXAMPLE.ORG".to_owned(), ..account() };
    let outcome = register(&world.app, again).await;
    assert!(matches!(outcome, Err(Error::Conflict(Conflict::EmailTaken))), "{outcome:?}");
}

#[tokio::test]
async fn whatever_is_wrong_with_a_log_in_looks_the_same() {
    let world = world();
    let ada = world.host("ada").await;
    let ben = world.host("ben").await;
    suspend(&world, &ben).await;
    for (email, password) in [
        (ada.email.as_str(), "wrong password"),
        (ada.email.as_str(), ""),
        (ada.email.as_str(), &"x".repeat(1025)),
        ("nobody@example.org", PASSWORD),
        ("not an address", PASSWORD),
        ("", ""),
        (ben.email.as_str(), PASSWORD),
        (ben.email.as_str(), "wrong password"),
    ] {
        let outcome = log_in(&world.app, LogIn::new(email, password.to_owned()), &Origin::default()).await;
        assert_eq!(unauthenticated(outcome), Unauthenticated::WrongCredentials, "{email:?} {password:?}");
    }
}

#[tokio::test]
async fn an_access_token_names_its_user_until_it_expires() {
    let world = world();
    let ada = world.host("ada").await;
    let pair = logged_in(&world, &ada).await;
    assert_eq!(pair.expires_in, world.app.settings.access_token_seconds);
    world.clock.advance_seconds(pair.expires_in - 1);
    assert_eq!(authenticate(&world.app, &pair.access_token).await.unwrap().user.as_ref(), &ada);
    world.clock.advance_seconds(1);
    let outcome = authenticate(&world.app, &pair.access_token).await;
    assert_eq!(unauthenticated(outcome), Unauthenticated::ExpiredToken);
}

#[tokio::test]
async fn a_token_is_believed_only_with_its_own_session_and_an_active_account() {
    let world = world();
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let (adas, bens) = (logged_in(&world, &ada).await, logged_in(&world, &ben).await);
    let session = |pair: &TokenPair| pair.access_token.split('.').nth(1).unwrap().to_owned();
    for token in [
        "garbage".to_owned(),
        String::new(),
        // Ben's token with Ada's session, and with one that there never was.
        bens.access_token.replace(&session(&bens), &session(&adas)),
        bens.access_token.replace(&session(&bens), &ben.id.to_string()),
    ] {
        let outcome = authenticate(&world.app, &token).await;
        assert_eq!(unauthenticated(outcome), Unauthenticated::InvalidToken, "{token}");
    }
    suspend(&world, &ada).await;
    let outcome = authenticate(&world.app, &adas.access_token).await;
    assert_eq!(unauthenticated(outcome), Unauthenticated::InvalidToken);
    assert!(authenticate(&world.app, &bens.access_token).await.is_ok());
}

#[tokio::test]
async fn a_change_of_role_is_seen_at_once() {
    let world = world();
    let ada = world.host("ada").await;
    let pair = logged_in(&world, &ada).await;
    change(&world, &ada, |state| state.role = Role::Guest).await;
    assert_eq!(authenticate(&world.app, &pair.access_token).await.unwrap().user.role, Role::Guest);
}

#[tokio::test]
async fn a_refresh_token_is_good_until_the_next_one_is_used() {
    let world = world();
    let ada = world.host("ada").await;
    let first = logged_in(&world, &ada).await;
    let renew = async |pair: &TokenPair| refresh(&world.app, &pair.refresh_token, &Origin::default()).await;
    let lost = renew(&first).await.unwrap();
    let second = renew(&first).await.unwrap();
    let third = renew(&second).await.unwrap();
    let [one, other] = [&first, &third].map(|pair| pair.access_token.clone());
    let session = authenticate(&world.app, &one).await.unwrap().session_id;
    assert_eq!(authenticate(&world.app, &other).await.unwrap().session_id, session, "the session stays the same");

    for token in [&lost, &third, &second] {
        assert_eq!(unauthenticated(renew(token).await), Unauthenticated::InvalidRefreshToken);
    }
    assert_eq!(unauthenticated(authenticate(&world.app, &other).await), Unauthenticated::InvalidToken);
    let page = PageRequest::first(Limit::DEFAULT);
    let audit = world.store().audit().list(ada.id, &page).await.unwrap().items;
    let told: Vec<_> = audit.iter().map(|entry| (entry.kind, entry.session_id)).collect();
    assert_eq!(told, [(AuditKind::RefreshTokenReused, Some(session)), (AuditKind::LoggedIn, Some(session))]);
}

#[tokio::test]
async fn a_refresh_token_that_is_unknown_or_expired_is_refused() {
    let world = world();
    let ada = world.host("ada").await;
    let pair = logged_in(&world, &ada).await;
    let outcome = refresh(&world.app, "unknown", &Origin::default()).await;
    assert_eq!(unauthenticated(outcome), Unauthenticated::InvalidRefreshToken);
    world.clock.advance_seconds(world.app.settings.refresh_token_seconds);
    let outcome = refresh(&world.app, &pair.refresh_token, &Origin::default()).await;
    assert_eq!(unauthenticated(outcome), Unauthenticated::InvalidRefreshToken);
}

#[tokio::test]
async fn the_session_of_an_inactive_user_is_not_refreshed() {
    let world = world();
    let ada = world.host("ada").await;
    let pair = logged_in(&world, &ada).await;
    suspend(&world, &ada).await;
    let outcome = refresh(&world.app, &pair.refresh_token, &Origin::default()).await;
    assert_eq!(unauthenticated(outcome), Unauthenticated::InvalidRefreshToken);
}
