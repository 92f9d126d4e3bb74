//! Log-ins and their refresh tokens.

use confab_application::ports::{Limit, PageRequest, Position};
use confab_domain::{
    DeviceName, RefreshToken, RefreshTokenHash, Role, Session, SessionId, SessionUse, Timestamp, User, UserAgent,
    UserState,
};
use uuid::Uuid;

use super::expect::{at, limit};
use crate::Adapter;
use crate::testing::World;

fn hash(first: u8) -> RefreshTokenHash {
    let mut bytes = [0xff; 32];
    bytes[0] = first;
    RefreshTokenHash::new(bytes)
}

fn token(first: u8, expires_at: Timestamp) -> RefreshToken {
    RefreshToken { hash: hash(first), family: hash(0xfa), expires_at }
}

async fn insert(world: &World, session: &Session) {
    let tx = world.begin().await;
    tx.sessions().insert(session).await.unwrap();
    tx.commit().await.unwrap();
}

fn used(at: Timestamp) -> SessionUse {
    let user_agent = UserAgent::of_header("curl");
    SessionUse { at, address: "2001:db8::1".parse().ok(), user_agent }
}

async fn list(world: &World, user: &User, now: Timestamp) -> Vec<Session> {
    world.store().sessions().list(user.id, now, &PageRequest::first(Limit::DEFAULT)).await.unwrap().items
}

async fn rotate(world: &World, from: u8, next: &RefreshToken, now: Timestamp) -> Option<Session> {
    let tx = world.begin().await;
    let session = tx.sessions().rotate(&hash(from), next, &used(now)).await.unwrap();
    tx.commit().await.unwrap();
    session
}

/// Each session leads to its own user, active or not; an unknown one to nobody.
pub async fn a_session_leads_to_its_user(store: Adapter) {
    let world = World::new(store);
    let ada = world.host("ada").await;
    let ben = world.new_user("ben", Role::Guest);
    let ben = User::restore(UserState { active: false, ..UserState::clone(&ben) });
    world.insert_user(&ben).await;
    let mut sessions = Vec::new();
    for (number, user) in [&ada, &ada, &ben].into_iter().enumerate() {
        let session = world.new_session(user, number as u8);
        insert(&world, &session).await;
        sessions.push((session.id, user));
    }
    for (id, user) in sessions {
        assert_eq!(world.store().accounts().find_session_user(id).await.unwrap().as_ref(), Some(user));
    }
    assert_eq!(world.store().accounts().find_session_user(world.id()).await.unwrap(), None);
}

/// What was committed of a user is what the very next read sees: a role that was taken and an account that was closed
/// are so at once, for each session, and nothing before the commit.
pub async fn a_session_s_user_is_as_last_committed(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.user("ada", Role::Admin).await, world.host("ben").await);
    let sessions = [1, 2].map(|token| world.new_session(&ada, token));
    let bens = world.new_session(&ben, 3);
    for session in sessions.iter().chain([&bens]) {
        insert(&world, session).await;
    }
    let find = async |id| world.store().accounts().find_session_user(id).await.unwrap().unwrap();
    let mut before = ada.clone();
    for (role, active) in [(Role::Guest, true), (Role::Host, false), (Role::Admin, true), (Role::Admin, false)] {
        let after = User::restore(UserState { role, active, ..UserState::clone(&before) });
        let tx = world.begin().await;
        tx.users().find_for_update(ada.id).await.unwrap();
        tx.users().update(&after).await.unwrap();
        for session in &sessions {
            assert_eq!(find(session.id).await, before, "it is not committed");
        }
        tx.commit().await.unwrap();
        for session in &sessions {
            assert_eq!(find(session.id).await, after);
        }
        assert_eq!(find(bens.id).await, ben);
        before = after;
    }
}

/// Sessions come back as stored, at the limits of ids and of time too, in pages; none that has expired, and nobody else's.
pub async fn sessions_are_listed_and_come_back(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let (first, last) = (at("0001-01-01T00:00:00.000000Z"), at("9999-12-31T23:59:59.999999Z"));
    let lowest = Session {
        id: SessionId::from(Uuid::nil()),
        created_at: first,
        last_use: SessionUse { at: first, address: None, user_agent: None },
        refresh_token: RefreshToken { hash: hash(1), family: hash(11), expires_at: last },
        ..world.new_session(&ada, 0)
    };
    let highest = Session {
        id: SessionId::from(Uuid::max()),
        device: DeviceName::parse(&"😀".repeat(DeviceName::MAX_CHARACTERS)).ok(),
        created_at: last,
        last_use: used(last),
        refresh_token: RefreshToken { hash: hash(2), family: hash(12), expires_at: last },
        previous_token: Some(hash(3)),
        ..world.new_session(&ada, 0)
    };
    let between = world.new_session(&ada, 4);
    for session in [&lowest, &highest, &between, &world.new_session(&ben, 5)] {
        insert(&world, session).await;
    }
    let now = world.now();
    assert_eq!(list(&world, &ada, now).await, [highest.clone(), between.clone(), lowest.clone()]);
    assert_eq!(list(&world, &ada, between.refresh_token.expires_at).await, [highest.clone(), lowest.clone()]);
    let page = async |position| {
        let page = PageRequest { limit: limit(1), position };
        let page = world.store().sessions().list(ada.id, now, &page).await.unwrap();
        (page.items[0].id, page.has_previous, page.has_next)
    };
    assert_eq!(page(None).await, (highest.id, false, true));
    assert_eq!(page(Some(Position::After(highest.id))).await, (between.id, true, true));
    assert_eq!(page(Some(Position::After(between.id))).await, (lowest.id, true, false));
    assert_eq!(page(Some(Position::Before(lowest.id))).await, (between.id, true, true));
    assert_eq!(page(Some(Position::Before(between.id))).await, (highest.id, false, true));
}

/// A rotation gives the session a new token, keeps the one that was used, and tells from where. The one before may be used
/// again, and again replaces the newest, until the newest is used.
pub async fn a_rotation_replaces_the_token_and_keeps_the_one_before(store: Adapter) {
    let world = World::new(store);
    let ada = world.host("ada").await;
    let (now, later) = (world.now(), world.now().plus_seconds(60));
    let old = Session { refresh_token: token(1, later), ..world.new_session(&ada, 0) };
    insert(&world, &old).await;
    let rotated = |next: u8, before: u8| {
        Some(Session {
            refresh_token: token(next, later),
            previous_token: Some(hash(before)),
            last_use: used(now),
            ..old.clone()
        })
    };
    assert_eq!(rotate(&world, 1, &token(2, later), now).await, rotated(2, 1));
    assert_eq!(rotate(&world, 1, &token(3, later), now).await, rotated(3, 1), "the answer was lost");
    assert_eq!(rotate(&world, 2, &token(9, later), now).await, None, "which nobody got");
    assert_eq!(rotate(&world, 3, &token(4, later), now).await, rotated(4, 3), "the new one is used");
    assert_eq!(rotate(&world, 1, &token(9, later), now).await, None, "so that the old one is used up");
    assert_eq!(rotate(&world, 3, &token(5, later), now).await, rotated(5, 3));
    assert_eq!(list(&world, &ada, now).await, rotated(5, 3).into_iter().collect::<Vec<_>>());
}

/// A token of a session's family that is neither its newest nor the one before ends that session, and no other.
pub async fn a_token_that_was_replaced_ends_its_session(store: Adapter) {
    let world = World::new(store);
    let ada = world.host("ada").await;
    let (now, later) = (world.now(), world.now().plus_seconds(60));
    let session = Session { refresh_token: token(1, later), ..world.new_session(&ada, 0) };
    let other = world.new_session(&ada, 7);
    insert(&world, &session).await;
    insert(&world, &other).await;
    let end = async |token: u8, family: u8| {
        let tx = world.begin().await;
        let ended = tx.sessions().end_reused(&hash(token), &hash(family)).await.unwrap();
        tx.commit().await.unwrap();
        ended.map(|session| session.id)
    };
    assert_eq!(end(1, 0xfa).await, None, "the newest");
    assert_eq!(end(9, 0xfb).await, None, "of no session");
    rotate(&world, 1, &token(2, later), now).await.unwrap();
    assert_eq!(end(1, 0xfa).await, None, "the one before");
    rotate(&world, 2, &token(3, later), now).await.unwrap();
    assert_eq!(end(1, 0xfa).await, Some(session.id));
    assert_eq!(end(1, 0xfa).await, None);
    assert_eq!(list(&world, &ada, now).await, [other]);
    assert_eq!(world.store().accounts().find_session_user(session.id).await.unwrap(), None);
    assert_eq!(rotate(&world, 3, &token(4, later), now).await, None);
}

/// A session is ended by its own user only; all of a user's are ended but the one that is to stay.
pub async fn sessions_end_one_by_one_and_all_but_one(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let sessions = [1, 2, 3, 4].map(|token| world.new_session(&ada, token));
    let bens = world.new_session(&ben, 5);
    for session in sessions.iter().chain([&bens]) {
        insert(&world, session).await;
    }
    let tx = world.begin().await;
    assert!(!tx.sessions().end(ada.id, bens.id).await.unwrap());
    assert!(!tx.sessions().end(ada.id, world.id()).await.unwrap());
    assert!(tx.sessions().end(ada.id, sessions[0].id).await.unwrap());
    assert!(!tx.sessions().end(ada.id, sessions[0].id).await.unwrap());
    tx.commit().await.unwrap();
    let end_all = async |except| {
        let tx = world.begin().await;
        let ended = tx.sessions().end_all(ada.id, except).await.unwrap();
        tx.commit().await.unwrap();
        ended
    };
    assert_eq!(end_all(Some(sessions[2].id)).await, 2);
    assert_eq!(list(&world, &ada, world.now()).await, [sessions[2].clone()]);
    assert_eq!((end_all(None).await, end_all(None).await), (1, 0));
    assert_eq!(list(&world, &ben, world.now()).await, [bens]);
}

/// The time of a use moves forward only. What has expired is removed, as many at once as are asked for.
pub async fn sessions_are_touched_and_removed_when_they_expire(store: Adapter) {
    let world = World::new(store);
    let ada = world.host("ada").await;
    let sessions = [1, 2, 3].map(|token| world.new_session(&ada, token));
    for session in &sessions {
        insert(&world, session).await;
    }
    let (now, later) = (world.now(), world.now().plus_seconds(30));
    let touch = async |ids: &[SessionId], at| {
        let tx = world.begin().await;
        tx.sessions().touch(ids, at).await.unwrap();
        tx.commit().await.unwrap();
    };
    touch(&[], later).await;
    touch(&[sessions[0].id, sessions[1].id, world.id()], later).await;
    touch(&[sessions[0].id], now).await;
    let times: Vec<Timestamp> = list(&world, &ada, now).await.iter().map(|session| session.last_use.at).collect();
    assert_eq!(times, [now, later, later]);

    let expires_at = sessions[0].refresh_token.expires_at;
    let remove = async |now| {
        let tx = world.begin().await;
        let removed = tx.sessions().remove_expired(now, 2).await.unwrap();
        tx.commit().await.unwrap();
        removed
    };
    assert_eq!(remove(now.plus_seconds(59)).await, 0);
    assert_eq!((remove(expires_at).await, remove(expires_at).await, remove(expires_at).await), (2, 1, 0));
    assert_eq!(world.store().accounts().find_session_user(sessions[0].id).await.unwrap(), None);
}

/// A token is good until the microsecond before it expires. One that nobody has is no good.
pub async fn an_expired_or_unknown_token_finds_nothing(store: Adapter) {
    let world = World::new(store);
    let ada = world.host("ada").await;
    let last_moment = at("2026-01-31T09:30:00.999999Z");
    let expires_at = at("2026-01-31T09:30:01.000000Z");
    let session = Session { refresh_token: token(1, expires_at), ..world.new_session(&ada, 0) };
    insert(&world, &session).await;
    let next = token(2, expires_at);
    assert_eq!(rotate(&world, 9, &next, last_moment).await, None, "unknown");
    assert_eq!(rotate(&world, 1, &next, expires_at).await, None, "it expires at this moment");
    assert_eq!(rotate(&world, 1, &next, expires_at.plus_seconds(1)).await, None, "expired");
    assert_eq!(rotate(&world, 1, &next, last_moment).await.map(|session| session.id), Some(session.id));
}

/// A rotation that is not committed leaves the old token good and the new one unknown.
pub async fn a_rotation_without_commit_never_happened(store: Adapter) {
    let world = World::new(store);
    let ada = world.host("ada").await;
    let later = world.now().plus_seconds(60);
    let session = Session { refresh_token: token(1, later), ..world.new_session(&ada, 0) };
    insert(&world, &session).await;
    let tx = world.begin().await;
    assert!(tx.sessions().rotate(&hash(1), &token(2, later), &used(world.now())).await.unwrap().is_some());
    drop(tx);
    assert_eq!(rotate(&world, 2, &token(3, later), world.now()).await, None);
    assert!(rotate(&world, 1, &token(3, later), world.now()).await.is_some());
}

/// The sessions of a user end, but for the one that is kept; others' do not.
pub async fn all_sessions_end_but_the_one_that_is_kept(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let sessions = [(&ada, 1), (&ada, 2), (&ada, 3), (&ben, 4)].map(|(user, token)| world.new_session(user, token));
    for session in &sessions {
        insert(&world, session).await;
    }
    for (kept, alive) in [(Some(sessions[1].id), [false, true, false, true]), (None, [false, false, false, true])] {
        let tx = world.begin().await;
        tx.sessions().end_all(ada.id, kept).await.unwrap();
        tx.commit().await.unwrap();
        for (session, alive) in sessions.iter().zip(alive) {
            let user = world.store().accounts().find_session_user(session.id).await.unwrap();
            assert_eq!(user.is_some(), alive);
            let tx = world.begin().await;
            let token = session.refresh_token.clone();
            assert_eq!(tx.sessions().rotate(&token.hash, &token, &session.last_use).await.unwrap().is_some(), alive);
        }
    }
}
