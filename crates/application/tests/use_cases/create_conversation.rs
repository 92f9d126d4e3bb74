//! Starting conversations.

use confab_application::conversations::{Created, NewConversation, create};
use confab_application::{Error, Unauthenticated};
use confab_domain::{ConversationKind, Denied, MAX_PARTICIPANTS, Membership, Role, Title, User};
use confab_store_contract::testing::World;

use crate::{change, fault, faults, suspend, unauthenticated, world};

/// A request with these users, and neither title nor kind.
fn with(users: &[&User]) -> NewConversation {
    NewConversation {
        participant_ids: users.iter().map(|user| user.id.to_string()).collect(),
        ..NewConversation::default()
    }
}

fn titled(title: &str, users: &[&User]) -> NewConversation {
    NewConversation { title: Some(title.to_owned()), ..with(users) }
}

fn of_kind(kind: &str, users: &[&User]) -> NewConversation {
    NewConversation { kind: Some(kind.to_owned()), ..with(users) }
}

async fn start(world: &World, user: &User, request: NewConversation) -> Result<Created, Error> {
    create(&world.app, &world.viewer(user), request).await
}

fn places(created: &Created) -> Vec<(&str, Membership)> {
    let participants = created.view.participants.iter();
    participants.map(|place| (place.user.first_name.as_str(), place.membership)).collect()
}

#[tokio::test]
async fn a_group_is_owned_by_whoever_makes_it() {
    let world = world();
    let users = world.hosts(3).await;
    let created = start(&world, &users[1], titled(" Plan ", &[&users[0], &users[2]])).await.unwrap();
    assert!(created.is_new);
    let conversation = &created.view.conversation;
    assert_eq!((conversation.kind(), conversation.creator_id), (ConversationKind::Group, users[1].id));
    assert_eq!(conversation.title.as_ref().map(Title::as_str), Some("Plan"));
    let (owner, member) = (Membership::Owner, Membership::Member);
    assert_eq!(places(&created), [("host0", member), ("host1", owner), ("host2", member)]);
}

#[tokio::test]
async fn one_other_and_no_title_make_it_direct() {
    let world = world();
    let users = world.hosts(3).await;
    let [ada, ben, cyd] = users.as_slice() else { unreachable!() };
    let (direct, group) = (ConversationKind::Direct, ConversationKind::Group);
    for (request, kind) in [
        (with(&[ben]), direct),
        (of_kind("direct", &[ben]), direct),
        (with(&[ada, ben]), direct),
        (of_kind("group", &[ben]), group),
        (titled("x", &[ben]), group),
        (with(&[ben, cyd]), group),
        (with(&[]), group),
        (with(&[ada]), group),
    ] {
        let created = start(&world, ada, request.clone()).await.unwrap();
        assert_eq!(created.view.conversation.kind(), kind, "{request:?}");
    }
}

#[tokio::test]
async fn one_s_own_id_may_be_listed_and_counts_for_nothing() {
    let world = world();
    let users = world.hosts(2).await;
    let created = start(&world, &users[0], of_kind("group", &[&users[1], &users[0]])).await.unwrap();
    assert_eq!(places(&created), [("host0", Membership::Owner), ("host1", Membership::Member)]);
}

#[tokio::test]
async fn two_have_one_direct_conversation_whoever_starts_it() {
    let world = world();
    let users = world.hosts(2).await;
    let first = start(&world, &users[0], with(&[&users[1]])).await.unwrap();
    let again = start(&world, &users[0], with(&[&users[1]])).await.unwrap();
    let back = start(&world, &users[1], with(&[&users[0]])).await.unwrap();
    assert_eq!([first.is_new, again.is_new, back.is_new], [true, false, false]);
    assert_eq!(again.view.conversation, first.view.conversation);
    assert_eq!(back.view.conversation, first.view.conversation);
    assert_eq!(places(&first), [("host0", Membership::Member), ("host1", Membership::Member)]);
}

#[tokio::test]
async fn a_guest_makes_no_group() {
    let world = world();
    let (guest, host) = (world.user("guest", Role::Guest).await, world.host("host").await);
    for request in [of_kind("group", &[&host]), titled("x", &[&host]), with(&[])] {
        let outcome = start(&world, &guest, request).await;
        let denied = matches!(outcome, Err(Error::Denied(Denied::RoleTooLow { role: Role::Guest, .. })));
        assert!(denied, "{outcome:?}");
    }
}

#[tokio::test]
async fn the_role_that_counts_is_the_one_that_the_account_has_now() {
    let world = world();
    let ada = world.host("ada").await;
    change(&world, &ada, |state| state.role = Role::Guest).await;
    let outcome = start(&world, &ada, with(&[])).await;
    assert!(matches!(outcome, Err(Error::Denied(_))), "{outcome:?}");
    suspend(&world, &ada).await;
    assert_eq!(unauthenticated(start(&world, &ada, with(&[])).await), Unauthenticated::InvalidToken);
    let nobody = world.new_user("nobody", Role::Host);
    assert_eq!(unauthenticated(start(&world, &nobody, with(&[])).await), Unauthenticated::InvalidToken);
}

#[tokio::test]
async fn a_guest_turns_to_hosts_and_admins_and_not_to_guests() {
    let world = world();
    let guest = world.user("guest", Role::Guest).await;
    for (name, role) in [("host", Role::Host), ("admin", Role::Admin)] {
        let other = world.user(name, role).await;
        assert!(start(&world, &guest, with(&[&other])).await.unwrap().is_new);
    }
    let other = world.user("other", Role::Guest).await;
    let outcome = start(&world, &guest, with(&[&other])).await;
    assert_eq!(faults(outcome), [fault("participant_ids/0", "user_unavailable")]);
}

#[tokio::test]
async fn where_the_policy_forbids_it_guests_start_nothing_and_can_still_be_turned_to() {
    let mut world = world();
    world.app.settings.policy.guest_can_start_direct = false;
    let (guest, host) = (world.user("guest", Role::Guest).await, world.host("host").await);
    let outcome = start(&world, &guest, with(&[&host])).await;
    assert_eq!(faults(outcome), [fault("participant_ids/0", "user_unavailable")]);
    assert!(start(&world, &host, with(&[&guest])).await.unwrap().is_new);
    assert!(!start(&world, &guest, with(&[&host])).await.unwrap().is_new, "it is there already");
}

#[tokio::test]
async fn users_who_do_not_exist_and_users_who_are_not_active_look_alike() {
    let world = world();
    let (ada, ben, cyd) = (world.host("ada").await, world.host("ben").await, world.host("cyd").await);
    let nobody = world.new_user("nobody", Role::Host);
    suspend(&world, &ben).await;
    let mut told = Vec::new();
    for unavailable in [&ben, &nobody] {
        for request in [with(&[unavailable]), with(&[&cyd, unavailable])] {
            match start(&world, &ada, request).await {
                Err(Error::Invalid(faults)) => told.push(faults),
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(told[0], told[2]);
    assert_eq!(told[1], told[3]);
    let (field, code) = (told[1][0].field.as_str(), told[1][0].code);
    assert_eq!((told[1].len(), field, code), (1, "participant_ids/1", "user_unavailable"));
}

#[tokio::test]
async fn every_fault_of_a_request_is_told_at_once() {
    let world = world();
    let users = world.hosts(2).await;
    let id = users[1].id.to_string();
    let request = NewConversation {
        participant_ids: vec![id.clone(), "me".to_owned(), id.to_uppercase(), String::new()],
        title: Some("a\nb".to_owned()),
        kind: Some("channel".to_owned()),
    };
    let wanted = [
        fault("title", "forbidden_character"),
        fault("kind", "malformed"),
        fault("participant_ids/1", "malformed"),
        fault("participant_ids/2", "duplicate"),
        fault("participant_ids/3", "malformed"),
    ];
    assert_eq!(faults(start(&world, &users[0], request).await), wanted);
}

#[tokio::test]
async fn a_direct_conversation_is_of_two_and_has_no_title() {
    let world = world();
    let users = world.hosts(3).await;
    let [ada, ben, cyd] = users.as_slice() else { unreachable!() };
    for request in [of_kind("direct", &[]), of_kind("direct", &[ada]), of_kind("direct", &[ben, cyd])] {
        assert_eq!(faults(start(&world, ada, request).await), [fault("participant_ids", "not_a_pair")]);
    }
    let request = NewConversation { title: Some("x".to_owned()), ..of_kind("direct", &[ben]) };
    assert_eq!(faults(start(&world, ada, request).await), [fault("title", "not_allowed")]);
}

#[tokio::test]
async fn a_group_has_at_most_a_thousand_participants() {
    let world = world();
    let users = world.hosts(MAX_PARTICIPANTS + 1).await;
    let [ada, others @ ..] = users.as_slice() else { unreachable!() };
    let most: Vec<&User> = others.iter().take(MAX_PARTICIPANTS - 1).collect();
    let with_oneself: Vec<&User> = most.iter().copied().chain([ada]).collect();
    for request in [with(&most), with(&with_oneself)] {
        let created = start(&world, ada, request).await.unwrap();
        assert_eq!(created.view.conversation.participant_count, MAX_PARTICIPANTS as u64);
    }
    let too_many: Vec<&User> = others.iter().collect();
    assert_eq!(too_many.len(), MAX_PARTICIPANTS);
    for request in [with(&too_many), with(&users.iter().collect::<Vec<_>>())] {
        assert_eq!(faults(start(&world, ada, request).await), [fault("participant_ids", "too_long")]);
    }
}
