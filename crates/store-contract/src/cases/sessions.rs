//! Log-ins and their refresh tokens.

use confab_domain::{RefreshToken, RefreshTokenHash, Role, Session, SessionId, Timestamp, User, UserState};
use uuid::Uuid;

use super::expect::at;
use crate::Adapter;
use crate::testing::World;

fn hash(first: u8) -> RefreshTokenHash {
    let mut bytes = [0xff; 32];
    bytes[0] = first;
    RefreshTokenHash::new(bytes)
}

fn token(first: u8, expires_at: Timestamp) -> RefreshToken {
    RefreshToken { hash: hash(first), expires_at }
}

async fn insert(world: &World, session: &Session) {
    let tx = world.begin().await;
    tx.sessions().insert(session).await.unwrap();
    tx.commit().await.unwrap();
}

async fn rotate(world: &World, from: u8, next: &RefreshToken, now: Timestamp) -> Option<Session> {
    let tx = world.begin().await;
    let session = tx.sessions().rotate(&hash(from), next, now).await.unwrap();
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

/// Sessions come back from a rotation as stored, with the new token, at the limits of ids and of time too.
pub async fn a_rotation_replaces_the_token_and_nothing_else(store: Adapter) {
    let world = World::new(store);
    let ada = world.host("ada").await;
    let (first, last) = (at("0001-01-01T00:00:00.000000Z"), at("9999-12-31T23:59:59.999999Z"));
    let times = [(Uuid::nil(), first, at("0001-01-01T00:00:00.000001Z")), (Uuid::max(), last, last)];
    for (number, (id, created_at, expires_at)) in (0..).step_by(4).zip(times) {
        let old =
            Session { id: SessionId::from(id), user_id: ada.id, created_at, refresh_token: token(number, expires_at) };
        insert(&world, &old).await;
        let next = token(number + 1, last);
        let wanted = Session { refresh_token: next.clone(), ..old };
        assert_eq!(rotate(&world, number, &next, first).await, Some(wanted.clone()));
        assert_eq!(rotate(&world, number, &token(number + 2, last), first).await, None, "the old token is used up");
        let next = token(number + 3, last);
        let wanted = Session { refresh_token: next.clone(), ..wanted };
        assert_eq!(rotate(&world, number + 1, &next, first).await, Some(wanted), "the new one is good");
    }
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
    assert!(tx.sessions().rotate(&hash(1), &token(2, later), world.now()).await.unwrap().is_some());
    assert!(tx.sessions().rotate(&hash(1), &token(3, later), world.now()).await.unwrap().is_none());
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
            assert_eq!(tx.sessions().rotate(&token.hash, &token, world.now()).await.unwrap().is_some(), alive);
        }
    }
}
