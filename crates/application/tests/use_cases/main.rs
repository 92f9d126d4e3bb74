//! The use-cases, on the in-memory store.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod accounts;
mod conversations;
mod create_conversation;
mod deletion;
mod mails;
mod messages;
mod passwords;
mod profiles;
mod session_cache;

use std::fmt::Debug;
use std::sync::Arc;

use confab_application::{Error, Unauthenticated};
use confab_domain::{User, UserState};
use confab_memory::MemoryStore;
use confab_store_contract::testing::World;

fn world() -> World {
    World::new(Arc::new(MemoryStore::new()))
}

/// The fields that are at fault, each with the code of its fault.
fn faults<T: Debug>(outcome: Result<T, Error>) -> Vec<(String, &'static str)> {
    match outcome {
        Err(Error::Invalid(faults)) => faults.into_iter().map(|fault| (fault.field, fault.code)).collect(),
        other => panic!("expected invalid input, and got {other:?}"),
    }
}

fn fault(field: &str, code: &'static str) -> (String, &'static str) {
    (field.to_owned(), code)
}

/// Why a caller is not believed.
fn unauthenticated<T: Debug>(outcome: Result<T, Error>) -> Unauthenticated {
    match outcome {
        Err(Error::Unauthenticated(reason)) => reason,
        other => panic!("expected to be unauthenticated, and got {other:?}"),
    }
}

/// Changes a stored user.
async fn change(world: &World, user: &User, change: impl FnOnce(&mut UserState)) -> User {
    let mut state = UserState::clone(user);
    change(&mut state);
    let user = User::restore(state);
    let tx = world.begin().await;
    tx.users().update(&user).await.unwrap();
    tx.commit().await.unwrap();
    user
}

async fn suspend(world: &World, user: &User) -> User {
    change(world, user, |state| state.active = false).await
}
