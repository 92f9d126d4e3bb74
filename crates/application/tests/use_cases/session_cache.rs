//! How long a node goes on serving somebody whom another node has shut out.

use std::sync::Arc;
use std::time::Duration;

use confab_application::accounts::{LogIn, SessionCache, authenticate, log_in};
use confab_application::users::{ProfilePatch, change_profile};
use confab_application::{App, Unauthenticated};
use confab_domain::Origin;
use confab_store_contract::testing::PASSWORD;

use crate::{suspend, unauthenticated, world};

/// Another node on the same store, which remembers sessions for a second.
fn node(app: &App) -> App {
    App { sessions: Arc::new(SessionCache::new(Duration::from_secs(1))), ..app.clone() }
}

#[tokio::test]
async fn another_node_shuts_out_within_the_bound() {
    let world = world();
    let node = node(&world.app);
    let ada = world.host("ada").await;
    let token = log_in(&world.app, LogIn::new(ada.email.as_str(), PASSWORD.to_owned()), &Origin::default())
        .await
        .unwrap()
        .access_token;
    authenticate(&node, &token).await.unwrap();
    let asked_at = world.now().as_micros();

    suspend(&world, &ada).await;
    let at = |micros: i64| world.clock.set(confab_domain::Timestamp::from_micros(asked_at + micros).unwrap());
    at(999_999);
    assert!(authenticate(&node, &token).await.is_ok(), "a second is not over");
    at(1_000_000);
    assert_eq!(unauthenticated(authenticate(&node, &token).await), Unauthenticated::InvalidToken);
}

#[tokio::test]
async fn this_node_shuts_out_at_once() {
    let world = world();
    let node = node(&world.app);
    let ada = world.host("ada").await;
    let token = log_in(&node, LogIn::new(ada.email.as_str(), PASSWORD.to_owned()), &Origin::default())
        .await
        .unwrap()
        .access_token;
    authenticate(&node, &token).await.unwrap();
    suspend(&world, &ada).await;
    node.sessions.forget(ada.id);
    assert_eq!(unauthenticated(authenticate(&node, &token).await), Unauthenticated::InvalidToken);
}

#[tokio::test]
async fn a_new_name_is_known_to_this_node_at_once() {
    let world = world();
    let node = node(&world.app);
    let ada = world.host("ada").await;
    let token = log_in(&node, LogIn::new(ada.email.as_str(), PASSWORD.to_owned()), &Origin::default())
        .await
        .unwrap()
        .access_token;
    let viewer = authenticate(&node, &token).await.unwrap();
    let patch = ProfilePatch { first_name: Some("Augusta".to_owned()), ..ProfilePatch::default() };
    change_profile(&node, &viewer, patch, &confab_application::Precondition::Any).await.unwrap();
    let viewer = authenticate(&node, &token).await.unwrap();
    assert_eq!(viewer.user.profile.first_name.as_str(), "Augusta");
}

#[tokio::test]
async fn a_token_that_names_another_user_than_its_session_is_refused_though_the_session_is_remembered() {
    let world = world();
    let node = node(&world.app);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let token = log_in(&node, LogIn::new(ada.email.as_str(), PASSWORD.to_owned()), &Origin::default())
        .await
        .unwrap()
        .access_token;
    let viewer = authenticate(&node, &token).await.unwrap();
    let claims = confab_application::ports::AccessClaims {
        user_id: ben.id,
        session_id: viewer.session_id,
        issued_at: world.now(),
        expires_at: world.now().plus_seconds(60),
    };
    let forged = node.access_tokens.issue(&claims).unwrap();
    assert_eq!(unauthenticated(authenticate(&node, &forged).await), Unauthenticated::InvalidToken);
}
