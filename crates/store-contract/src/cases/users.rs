//! Users.

use confab_application::ports::{Order, PageRequest, Position, UserFilter};
use confab_domain::{
    Discoverable, EmailAddress, PasswordHash, PersonName, PhoneNumber, Profile, ProfileChange, Role, User, UserId,
    UserState,
};
use uuid::Uuid;

use super::expect::{at, limit, user};
use crate::Adapter;
use crate::testing::World;

fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn name(text: &str) -> PersonName {
    PersonName::parse(text).unwrap()
}

/// Stores a user, and asserts that each way to read it gives the same.
async fn round_trip(world: &World, wanted: &User, hash: &PasswordHash) {
    let tx = world.begin().await;
    tx.users().insert(wanted, hash).await.unwrap();
    tx.commit().await.unwrap();
    let tx = world.begin().await;
    let for_update = tx.users().find_for_update(wanted.id).await.unwrap().unwrap();
    let many = tx.users().find_many(&[wanted.id]).await.unwrap();
    drop(tx);
    let credentials = world.store().accounts().find_credentials(&wanted.email).await.unwrap().unwrap();
    for read in [&for_update, &many[0], &credentials.user] {
        assert_eq!(read, wanted);
        // Addresses are equal where they differ in case.
        assert_eq!(read.email.as_str(), wanted.email.as_str());
    }
    assert_eq!(credentials.password_hash.as_str(), hash.as_str());
}

/// A user of each role, active or not, with and without a telephone number, comes back as stored.
pub async fn users_come_back(store: Adapter) {
    let world = World::new(store);
    let phone_numbers = [None, PhoneNumber::parse("+442079460958").ok()];
    for role in Role::ALL {
        for active in [true, false] {
            for phone_number in phone_numbers.clone() {
                let wanted = User::restore(UserState {
                    id: world.id(),
                    email: email(&format!("{role}.{active}.{}@Example.org", phone_number.is_some())),
                    email_verified: active,
                    profile: Profile { first_name: name("Ada"), last_name: name("Lovelace"), phone_number },
                    discoverable: Discoverable { by_email: active, by_phone: !active },
                    role,
                    active,
                    deleted_at: None,
                    created_at: at("2026-01-31T09:30:00.000001Z"),
                    updated_at: at("2026-01-31T09:30:00.999999Z"),
                });
                round_trip(&world, &wanted, &PasswordHash::restore("$argon2id$v=19$m=19456$x$y".to_owned())).await;
            }
        }
    }
}

/// The smallest and the largest of everything that a user has.
pub async fn users_come_back_at_their_limits(store: Adapter) {
    let world = World::new(store);
    let wide = "😀".repeat(PersonName::MAX_CHARACTERS);
    // The first part of an address has at most 64 bytes, each part of its domain 63.
    let label = "d".repeat(61);
    let longest = format!("{}@{label}.{label}.{label}.org", "l".repeat(EmailAddress::MAX_BYTES - 190));
    assert_eq!(longest.len(), EmailAddress::MAX_BYTES);
    let smallest = UserState {
        id: UserId::from(Uuid::nil()),
        email: email("a@b.c"),
        email_verified: false,
        profile: Profile {
            first_name: name("x"),
            last_name: name("y"),
            phone_number: PhoneNumber::restore("+1".to_owned()).ok(),
        },
        discoverable: Discoverable::default(),
        role: Role::Guest,
        active: false,
        deleted_at: None,
        created_at: at("0001-01-01T00:00:00.000000Z"),
        updated_at: at("0001-01-01T00:00:00.000001Z"),
    };
    let largest = UserState {
        id: UserId::from(Uuid::max()),
        email: email(&longest),
        email_verified: true,
        profile: Profile {
            first_name: name(&wide),
            last_name: name(&wide),
            phone_number: PhoneNumber::restore("+999999999999999".to_owned()).ok(),
        },
        discoverable: Discoverable { by_email: true, by_phone: true },
        role: Role::Admin,
        active: true,
        deleted_at: None,
        created_at: at("9999-12-31T23:59:59.999998Z"),
        updated_at: at("9999-12-31T23:59:59.999999Z"),
    };
    round_trip(&world, &User::restore(smallest), &PasswordHash::restore("$".to_owned())).await;
    round_trip(&world, &User::restore(largest), &PasswordHash::restore("$".repeat(1000))).await;
}

/// Names come back byte for byte, whatever they have in them.
pub async fn names_come_back_byte_for_byte(store: Adapter) {
    let world = World::new(store);
    let names = ["O'Brien", "%_\\", "\"; --", "Zoe\u{308}", "Zo\u{eb}", "مريم", "\u{202e}x", "李", "\u{feff}x", "null"];
    for (number, text) in names.into_iter().enumerate() {
        let profile = Profile { first_name: name(text), last_name: name(text), phone_number: None };
        let address = email(&format!("{number}@example.org"));
        let wanted = User::create(world.id(), address, profile, Role::Guest, world.now());
        round_trip(&world, &wanted, &PasswordHash::restore(text.to_owned())).await;
    }
}

/// An address is found however its case is written, beyond ASCII too, and comes back as its owner wrote it.
pub async fn an_email_is_found_in_any_case_and_kept_as_written(store: Adapter) {
    let world = World::new(store);
    let spellings = [
        ("Ada@Example.org", ["ada@example.org", "ADA@EXAMPLE.ORG"]),
        ("Élodie@example.org", ["élodie@example.org", "ÉLODIE@EXAMPLE.ORG"]),
    ];
    for (written, others) in spellings {
        let ada = world.new_user("x", Role::Guest);
        let ada = User::restore(UserState { email: email(written), ..UserState::clone(&ada) });
        world.insert_user(&ada).await;
        for other in others {
            let found = world.store().accounts().find_credentials(&email(other)).await.unwrap();
            assert_eq!(found.map(|found| found.user.email.as_str().to_owned()), Some(written.to_owned()), "{other}");
        }
    }
    for stranger in ["ad_@example.org", "ad%@example.org", "elodie@example.org", "ada@example.or"] {
        assert_eq!(world.store().accounts().find_credentials(&email(stranger)).await.unwrap(), None, "{stranger}");
    }
}

/// Of many ids, the known ones are found, each once, whatever is repeated or unknown.
pub async fn find_many_finds_each_known_user_once(store: Adapter) {
    let world = World::new(store);
    let users = world.hosts(1000).await;
    let tx = world.begin().await;
    assert_eq!(tx.users().find_many(&[]).await.unwrap(), []);
    assert_eq!(tx.users().find_many(&[world.id(), world.id()]).await.unwrap(), []);
    let known = users.iter().map(|user| user.id);
    let ids: Vec<UserId> = known.clone().chain([world.id()]).chain(known.take(10)).collect();
    let mut found = tx.users().find_many(&ids).await.unwrap();
    found.sort_by_key(|user| user.id);
    assert_eq!(found, users);
    assert_eq!(tx.users().find_for_update(world.id()).await.unwrap(), None);
}

/// An update replaces everything but the password.
pub async fn a_user_is_updated_and_keeps_the_password(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let before = world.store().accounts().find_credentials(&ada.email).await.unwrap().unwrap();
    let change = ProfileChange {
        first_name: Some(name("Augusta")),
        last_name: Some(name("King")),
        phone_number: Some(PhoneNumber::parse("+442079460958").ok()),
        discoverable_by_email: Some(true),
        discoverable_by_phone: Some(true),
    };
    let changed = ada.with_profile(change, world.now().plus_seconds(1));
    let changed = User::restore(UserState {
        email: email("augusta@example.org"),
        role: Role::Admin,
        active: false,
        ..UserState::clone(&changed)
    });
    let no_number = ProfileChange { phone_number: Some(None), ..ProfileChange::default() };
    for wanted in [&changed, &changed.with_profile(no_number, world.now())] {
        let tx = world.begin().await;
        tx.users().find_for_update(ada.id).await.unwrap();
        tx.users().update(wanted).await.unwrap();
        tx.commit().await.unwrap();
        let after = world.store().accounts().find_credentials(&wanted.email).await.unwrap().unwrap();
        assert_eq!((&after.user, &after.password_hash), (wanted, &before.password_hash));
    }
    assert_eq!(world.store().accounts().find_credentials(&ada.email).await.unwrap(), None, "the old address is free");
    assert_eq!(user(world.store(), ben.id).await, Some(ben), "others stay as they are");
}

/// A new password's hash replaces the old one and nothing else, and only where it is committed.
pub async fn a_password_is_replaced_and_nothing_else(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let credentials =
        async |user: &User| world.store().accounts().find_credentials(&user.email).await.unwrap().unwrap();
    let (adas, bens) = (credentials(&ada).await, credentials(&ben).await);
    let hash = PasswordHash::restore("argon2$argon2id$v=19$…".to_owned());

    let tx = world.begin().await;
    tx.users().set_password_hash(ada.id, &hash).await.unwrap();
    drop(tx);
    assert_eq!(credentials(&ada).await, adas, "without a commit it never happened");

    let tx = world.begin().await;
    assert_eq!(tx.users().find_credentials_for_update(ada.id).await.unwrap().as_ref(), Some(&adas));
    assert_eq!(tx.users().find_credentials_for_update(world.id()).await.unwrap(), None);
    tx.users().set_password_hash(ada.id, &hash).await.unwrap();
    let changed = tx.users().find_credentials_for_update(ada.id).await.unwrap().unwrap();
    assert_eq!((&changed.user, &changed.password_hash), (&ada, &hash));
    tx.commit().await.unwrap();
    assert_eq!(credentials(&ada).await, changed);
    assert_eq!(credentials(&ben).await, bens, "others stay as they are");
}

/// Whoever has an address keeps it, whatever else is offered for it; the transaction goes on.
pub async fn an_address_that_is_taken_is_left_alone(store: Adapter) {
    let world = World::new(store);
    let hash = |text: &str| PasswordHash::restore(format!("$plain${text}"));
    let ada = world.new_user("ada", Role::Guest);
    let ben = world.new_user("ben", Role::Guest);
    let again = User::restore(UserState {
        email: email("ADA@example.org"),
        ..UserState::clone(&world.new_user("x", Role::Host))
    });
    let tx = world.begin().await;
    assert!(tx.users().insert_if_new(&ada, &hash("first")).await.unwrap());
    assert!(!tx.users().insert_if_new(&again, &hash("second")).await.unwrap());
    assert!(tx.users().insert_if_new(&ben, &hash("third")).await.unwrap());
    tx.commit().await.unwrap();
    let found = world.store().accounts().find_credentials(&ada.email).await.unwrap().unwrap();
    assert_eq!((found.user, found.password_hash), (ada, hash("first")));
    assert_eq!(user(world.store(), again.id).await, None);
    assert_eq!(user(world.store(), ben.id).await, Some(ben));
}

/// Accounts are listed by their ids both ways, in pages both ways, by role, standing and what is in the address; never
/// the deleted ones.
pub async fn accounts_are_listed_and_filtered(store: Adapter) {
    let world = World::new(store);
    let mut users = Vec::new();
    for (name, role, active, deleted) in [
        ("ada", Role::Admin, true, false),
        ("ben%", Role::Guest, true, false),
        ("gone", Role::Guest, false, true),
        ("BEN_", Role::Guest, false, false),
        ("cleo", Role::Host, true, false),
    ] {
        let user = world.new_user("someone", role);
        let deleted_at = deleted.then(|| world.now());
        let email = email(&format!("{name}@Example.org"));
        let user = User::restore(UserState { active, email, deleted_at, ..UserState::clone(&user) });
        world.insert_user(&user).await;
        if !deleted {
            users.push(user);
        }
    }
    let ids = |users: &[User]| users.iter().map(|user| user.id).collect::<Vec<_>>();
    let list = async |filter: UserFilter| {
        let page = world.store().accounts().list(&filter, &PageRequest::first(limit(100))).await.unwrap();
        assert!(!page.has_previous && !page.has_next);
        page.items
    };
    let oldest = UserFilter { order: Order::OldestFirst, ..UserFilter::default() };
    assert_eq!(list(oldest.clone()).await, users);
    let reversed: Vec<_> = users.iter().rev().cloned().collect();
    assert_eq!(list(UserFilter::default()).await, reversed);
    for (role, suspended, email, expected) in [
        (Some(Role::Guest), None, None, &[1, 2][..]),
        (Some(Role::Guest), Some(true), None, &[2]),
        (None, Some(false), None, &[0, 1, 3]),
        (None, None, Some(" bEn "), &[1, 2]),
        (None, None, Some("@example.ORG"), &[0, 1, 2, 3]),
        (None, None, Some("n%"), &[1]),
        (None, None, Some("n_"), &[2]),
        (None, None, Some("%"), &[1]),
        (None, None, Some("gone"), &[]),
        (None, None, Some("deleted"), &[]),
        (None, None, Some("' OR 1=1 --"), &[]),
        (None, None, Some("\0"), &[]),
        (Some(Role::Admin), Some(true), Some("ada"), &[]),
    ] {
        let email_contains = email.map(str::to_owned);
        let filter = UserFilter { role, suspended, email_contains, ..oldest.clone() };
        let expected: Vec<_> = expected.iter().map(|at: &usize| users[*at].id).collect();
        assert_eq!(ids(&list(filter.clone()).await), expected, "{filter:?}");
    }
    for (order, all) in [(Order::OldestFirst, &users), (Order::NewestFirst, &reversed)] {
        let filter = UserFilter { order, ..UserFilter::default() };
        let page = async |position| {
            let page = PageRequest { limit: limit(2), position };
            let page = world.store().accounts().list(&filter, &page).await.unwrap();
            (ids(&page.items), page.has_previous, page.has_next)
        };
        let all = ids(all);
        assert_eq!(page(None).await, (all[..2].to_vec(), false, true));
        assert_eq!(page(Some(Position::After(all[0]))).await, (all[1..3].to_vec(), true, true));
        assert_eq!(page(Some(Position::After(all[1]))).await, (all[2..].to_vec(), true, false));
        assert_eq!(page(Some(Position::Before(all[3]))).await, (all[1..3].to_vec(), true, true));
        assert_eq!(page(Some(Position::Before(all[2]))).await, (all[..2].to_vec(), false, true));
        assert_eq!(page(Some(Position::After(all[3]))).await.0, []);
    }
}
