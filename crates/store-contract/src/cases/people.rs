//! What users may know of each other.

use confab_domain::{PhoneNumber, ProfileChange, User, UserId, UserState};

use crate::Adapter;
use crate::testing::World;

const NUMBER: &str = "+442079460958";

async fn knows(world: &World, viewer: &User, other: UserId) -> bool {
    let card = world.store().people().find_known(viewer.id, other).await.unwrap();
    assert!(card.as_ref().is_none_or(|card| card.id == other));
    card.is_some()
}

async fn change(world: &World, user: &User, change: impl FnOnce(&User) -> User) -> User {
    let tx = world.begin().await;
    let found = tx.users().find_for_update(user.id).await.unwrap().unwrap();
    let changed = change(&found);
    tx.users().update(&changed).await.unwrap();
    tx.commit().await.unwrap();
    changed
}

/// Whoever takes part in a conversation with somebody knows them, as long as both do.
pub async fn people_know_those_whom_they_talk_with(store: Adapter) {
    let world = World::new(store);
    let people = [world.host("ada").await, world.host("ben").await, world.host("cleo").await, world.host("dan").await];
    let [ada, ben, cleo, dan] = &people;
    let group = world.group(&[ada, ben]).await;
    world.direct(ben, cleo).await;
    let knows = async |viewer: &User, other: &User| knows(&world, viewer, other.id).await;
    for user in &people {
        assert!(knows(user, user).await, "oneself");
    }
    assert!(knows(ada, ben).await && knows(ben, ada).await && knows(cleo, ben).await);
    assert!(!knows(ada, cleo).await && !knows(cleo, ada).await, "each knows ben only");
    assert!(!knows(dan, ada).await && !knows(ada, dan).await);
    assert!(!self::knows(&world, ada, world.id()).await, "nobody has this id");

    let tx = world.begin().await;
    let group = tx.conversations().find_for_update(ben.id, group.id).await.unwrap().unwrap();
    let place = tx.conversations().find_participant_for_update(group.id, ben.id).await.unwrap().unwrap();
    tx.conversations().remove_participant(&place.leave(&group, world.now())).await.unwrap();
    tx.conversations().update(&group.dismiss_one()).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!knows(ada, ben).await && !knows(ben, ada).await, "ben has left");

    for user in &people {
        assert_eq!(world.store().people().find_any(user.id).await.unwrap(), Some(user.into()));
    }
    assert_eq!(world.store().people().find_any(world.id()).await.unwrap(), None);
}

/// Whoever lets themselves be found is, by the whole address or number; nobody else.
pub async fn people_are_found_where_they_allow_it(store: Adapter) {
    let world = World::new(store);
    let mut users = Vec::new();
    for (number, (by_email, by_phone)) in
        [(false, false), (true, false), (false, true), (true, true)].iter().enumerate()
    {
        let user = world.host(&format!("Host{number}")).await;
        let wanted = ProfileChange {
            phone_number: Some(PhoneNumber::parse(NUMBER).ok()),
            discoverable_by_email: Some(*by_email),
            discoverable_by_phone: Some(*by_phone),
            ..ProfileChange::default()
        };
        users.push(change(&world, &user, |user| user.with_profile(wanted, world.now())).await);
    }
    let by_email = async |user: &User| {
        let shouted = confab_domain::EmailAddress::parse(&user.email.as_str().to_uppercase()).unwrap();
        let found = world.store().people().find_by_email(users[0].id, &shouted).await.unwrap();
        found.iter().map(|card| card.id).collect::<Vec<_>>()
    };
    let by_phone = async |at_most: u64| {
        let number = PhoneNumber::parse(NUMBER).unwrap();
        let found = world.store().people().find_by_phone(users[0].id, &number, at_most).await.unwrap();
        found.iter().map(|card| card.id).collect::<Vec<_>>()
    };
    assert_eq!(by_email(&users[0]).await, []);
    assert_eq!(by_email(&users[1]).await, [users[1].id]);
    assert_eq!(by_email(&users[2]).await, []);
    assert_eq!(by_email(&users[3]).await, [users[3].id]);
    assert_eq!(by_phone(20).await, [users[2].id, users[3].id]);
    assert_eq!(by_phone(1).await, [users[2].id]);
    let other = PhoneNumber::parse("+442079460959").unwrap();
    assert_eq!(world.store().people().find_by_phone(users[0].id, &other, 20).await.unwrap(), []);

    let suspend = |user: &User| User::restore(UserState { active: false, ..UserState::clone(user) });
    change(&world, &users[3], suspend).await;
    assert_eq!((by_email(&users[3]).await, by_phone(20).await), (vec![], vec![users[2].id]), "suspended");
}
