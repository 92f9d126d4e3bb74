//! What tests of use-cases need beside a store: ports that do the same in each run, and a [`World`] of people who talk.

mod environment;
mod mails;
mod security;
mod world;

use std::sync::Arc;
use std::time::Duration;

use confab_application::accounts::SessionCache;
use confab_application::{App, Settings};

use crate::Adapter;

pub use environment::{ManualClock, SequentialIds};
pub use mails::KeptMails;
pub use security::{PlainAccessTokens, PlainPasswords, SequentialRefreshTokens};
pub use world::{PASSWORD, World};

/// An application on this storage with this clock, which hides nothing, remembers nothing and takes no time.
pub fn app(storage: impl Into<Adapter>, clock: Arc<ManualClock>) -> App {
    let Adapter { store, log } = storage.into();
    App {
        store,
        log,
        clock,
        ids: Arc::new(SequentialIds::default()),
        passwords: Arc::new(PlainPasswords),
        access_tokens: Arc::new(PlainAccessTokens),
        refresh_tokens: Arc::new(SequentialRefreshTokens::default()),
        sessions: Arc::new(SessionCache::new(Duration::ZERO)),
        settings: Settings::default(),
    }
}
