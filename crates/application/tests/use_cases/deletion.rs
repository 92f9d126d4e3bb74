//! What remains of an account that is deleted.

use confab_application::accounts::{LogIn, log_in};
use confab_application::conversations::Grounds;
use confab_application::messages::{self, NewMessage};
use confab_application::participants;
use confab_application::ports::{Limit, PageRequest};
use confab_application::users::{
    StandingChange, change_standing_as_operator, delete_account, delete_account_as_operator, finish_departures,
};
use confab_application::{App, Conflict, Error, Resource, Unauthenticated, Viewer};
use confab_domain::{AuditKind, ConversationId, Membership, Origin, Role, User};
use confab_store_contract::testing::{PASSWORD, World};

use crate::{fault, faults, unauthenticated, world};

async fn delete(app: &App, viewer: &Viewer) -> Result<(), Error> {
    delete_account(app, viewer, PASSWORD.to_owned(), &Origin::default()).await
}

async fn owner(world: &World, viewer: &User, id: ConversationId) -> (usize, Vec<User>) {
    let view = world.store().conversations().find(viewer.id, id).await.unwrap().unwrap();
    let owners = view.participants.iter().filter(|participant| participant.membership == Membership::Owner);
    let ids: Vec<_> = owners.map(|participant| participant.user.id).collect();
    (view.participants.len(), world.begin().await.users().find_many(&ids).await.unwrap())
}

#[tokio::test]
async fn groups_are_handed_on_and_direct_conversations_closed() {
    let world = world();
    let (ada, ben, eve) = (world.host("ada").await, world.host("ben").await, world.host("eve").await);
    let owned = world.group(&[&ada, &ben, &eve]).await;
    let joined = world.group(&[&ben, &ada]).await;
    let alone = world.group(&[&ada]).await;
    let direct = world.direct(&ada, &ben).await;
    world.post(owned.id, &ada, &["hello"]).await;
    world.post(direct.id, &ada, &["between us"]).await;
    delete(&world.app, &world.viewer(&ada)).await.unwrap();

    let (count, owners) = owner(&world, &ben, owned.id).await;
    assert_eq!((count, owners.len()), (2, 1));
    assert!(owners[0].active);
    let (count, owners) = owner(&world, &ben, joined.id).await;
    assert_eq!((count, owners), (1, vec![ben.clone()]));
    let left = world.begin().await.conversations().peek(alone.id).await.unwrap().unwrap();
    assert_eq!(left.participant_count, 0);

    let history = async |id| {
        let page = PageRequest::first(Limit::MAX_PAGE);
        let history = world.store().messages().history(ben.id, id, &Default::default(), &page).await;
        history.unwrap().unwrap().items
    };
    let said = history(direct.id).await;
    assert_eq!(said.len(), 2, "what was said, and that it is closed");
    for view in said.iter().chain(&history(owned.id).await) {
        assert_eq!((view.sender.id, view.sender.deleted), (ada.id, true));
        assert_eq!((view.sender.first_name.as_str(), view.sender.last_name.as_str()), ("Deleted", "user"));
    }
    let message = NewMessage { body: "are you there?".to_owned(), ..NewMessage::default() };
    let sent = messages::send(&world.app, &world.viewer(&ben), direct.id, message).await;
    assert!(matches!(sent, Err(Error::Conflict(Conflict::ConversationClosed))), "{sent:?}");
    let grounds = Grounds::default();
    let added = participants::add(&world.app, &world.viewer(&ben), joined.id, &[ada.id.to_string()], &grounds).await;
    assert_eq!(faults(added), [fault("user_ids/0", "user_unavailable")]);
    assert!(!finish_departures(&world.app).await.unwrap(), "nothing is left to do");
}

#[tokio::test]
async fn many_conversations_are_left_in_steps_that_somebody_else_can_go_on_with() {
    let world = world();
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    for _ in 0..250 {
        world.group(&[&ada, &ben]).await;
    }
    let left = async || {
        let there = world.store().conversations().list_to_leave(ada.id, Limit::MAX_PAGE).await.unwrap();
        let departing = world.store().accounts().find_departing().await.unwrap();
        (there.len(), departing)
    };
    delete(&world.app, &world.viewer(&ada)).await.unwrap();
    assert_eq!(left().await, (100, Some(ada.id)), "the account is deleted, and some conversations are not left");
    assert!(finish_departures(&world.app).await.unwrap());
    assert_eq!(left().await, (50, Some(ada.id)));
    // Two nodes at once.
    let (one, other) = tokio::join!(finish_departures(&world.app), finish_departures(&world.app));
    assert!(one.unwrap() && other.is_ok());
    assert_eq!(left().await, (0, None));
    assert!(!finish_departures(&world.app).await.unwrap());
}

#[tokio::test]
async fn it_takes_the_password_and_a_wrong_one_is_on_record() {
    let world = world();
    let ada = world.host("ada").await;
    let viewer = world.viewer(&ada);
    for wrong in ["wrong password".to_owned(), String::new(), "x".repeat(2000)] {
        let refused = delete_account(&world.app, &viewer, wrong, &Origin::default()).await;
        assert_eq!(faults(refused), [fault("current_password", "wrong_password")]);
    }
    let page = PageRequest::first(Limit::MAX_PAGE);
    let kinds = async || {
        let page = world.store().audit().list(ada.id, &page).await.unwrap();
        page.items.iter().map(|entry| entry.kind).collect::<Vec<_>>()
    };
    assert_eq!(kinds().await, [AuditKind::LogInFailed; 3]);
    delete(&world.app, &viewer).await.unwrap();
    assert_eq!(kinds().await[0], AuditKind::AccountDeleted);
    // To ask again.
    assert_eq!(unauthenticated(delete(&world.app, &viewer).await), Unauthenticated::InvalidToken);
    let log_in = log_in(&world.app, LogIn::new("ada@example.org", PASSWORD), &Origin::default()).await;
    assert_eq!(unauthenticated(log_in), Unauthenticated::WrongCredentials);
}

#[tokio::test]
async fn the_last_admin_stays_and_the_deleted_do_not_come_back() {
    let world = world();
    let (root, toor) = (world.user("root", Role::Admin).await, world.user("toor", Role::Admin).await);
    delete(&world.app, &world.viewer(&toor)).await.unwrap();
    let refused = delete(&world.app, &world.viewer(&root)).await;
    assert!(matches!(refused, Err(Error::Conflict(Conflict::LastAdmin))), "{refused:?}");
    let refused = delete_account_as_operator(&world.app, root.id).await;
    assert!(matches!(refused, Err(Error::Conflict(Conflict::LastAdmin))), "{refused:?}");
    let restored = StandingChange { role: Some(Role::Admin), active: Some(true) };
    let refused = change_standing_as_operator(&world.app, toor.id, restored).await;
    assert!(matches!(refused, Err(Error::NotFound(Resource::User))), "{refused:?}");
    let refused = delete_account_as_operator(&world.app, toor.id).await;
    assert!(matches!(refused, Err(Error::NotFound(Resource::User))), "{refused:?}");
}
